// What `list` shows people: values and bounds in the words that `--set` and its complaints use.

import { equal, match } from "node:assert/strict";
import { listCommand } from "../../../lib/app/commands/list.ts";
import { aShell } from "../../support/shell.ts";

Deno.test("a flag is on or off, as its complaint says", async () => {
  const shell = aShell();
  equal(await listCommand("strategies", {}, shell), 0);
  match(shell.printed.out, /^ {2}autoPrice +off +on or off +/m);
  match(shell.printed.out, /^ {2}tpGuard +on +on or off +/m);
});

Deno.test("presets have a head like markets", async () => {
  const shell = aShell();
  equal(await listCommand("presets", {}, shell), 0);
  match(shell.printed.out, /^preset +market +strategy +what it is\n/);
});
