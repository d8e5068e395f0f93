// `status` as a person and a program read it, and its exit codes.

import { equal, match } from "node:assert/strict";
import { statusCommand } from "../../../lib/app/commands/status.ts";
import { verdict } from "../../../lib/app/errors.ts";
import { aShell } from "../../support/shell.ts";
import { aBot, aFolder, anAddress, leaveBehind } from "../a_bot.ts";

async function status(
  dataDir: string,
  given: { readonly name?: string; readonly json?: true } = {},
) {
  const shell = aShell();
  const flags = { dataDir, ...(given.json === undefined ? {} : { json: given.json }) };
  const exitCode = await statusCommand(given.name, flags, shell).catch((error: unknown) => {
    const { text, exitCode } = verdict(error);
    shell.err(text);
    return exitCode;
  });
  return { exitCode, ...shell.printed };
}

Deno.test("the status of the one bot that runs, as a screen and as JSON", async () => {
  using folder = aFolder();
  await using _bot = aBot(folder.path);
  const { exitCode, out } = await status(folder.path);
  equal(exitCode, 0);
  match(out, /^bpx-bot {2}paper {2}SOL_USDC_PERP[^]*\nOrders {5}2\n/);
  const { out: json } = await status(folder.path, { json: true });
  equal(JSON.parse(json).run, anAddress().id);
});

Deno.test("none running is 3, several are named, a dead one is told of", async () => {
  using folder = aFolder();
  leaveBehind(folder.path, anAddress({ id: "dead-run", mode: "live", tag: 3 }));
  const none = await status(folder.path);
  equal(none.exitCode, 3);
  match(
    none.err,
    /^Run dead-run has died and its orders may remain: bpx-bot stop dead-run\nNo bot/,
  );
  await using _one = aBot(folder.path, { run: { id: "run-one" } });
  await using _two = aBot(folder.path, { run: { id: "run-two", tag: 5 } });
  const several = await status(folder.path);
  equal(several.exitCode, 2);
  match(several.err, /name one of: run-one, run-two$/);
  equal((await status(folder.path, { name: "two" })).exitCode, 0);
  equal((await status(folder.path, { name: "dead" })).exitCode, 3);
});
