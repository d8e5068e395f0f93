// What `check` prints of the settings and of the first plan.

import { equal, match } from "node:assert/strict";
import { checkCommand } from "../../../lib/app/commands/check.ts";
import { aShell } from "../../support/shell.ts";

Deno.test("a single order has one price, and a flag is on or off", async () => {
  const shell = aShell();
  equal(await checkCommand({ preset: "points-spot", price: "150", seed: "1" }, shell), 0);
  match(shell.printed.out, /^Bids +1 at 149\.5$/m);
  match(shell.printed.out, /^compound +on +preset "points-spot"$/m);
  match(shell.printed.out, /^adaptWidth +off +default$/m);
});
