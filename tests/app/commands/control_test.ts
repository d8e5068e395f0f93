// `pause`, `resume`, `flatten` and `stop` as they are typed.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { askCommand, stopCommand } from "../../../lib/app/commands/control.ts";
import { aShell } from "../../support/shell.ts";
import { aBot, aFolder, anAddress, leaveBehind } from "../a_bot.ts";

Deno.test("a wish is put into the loop of the bot that is named", async () => {
  using folder = aFolder();
  await using one = aBot(folder.path, { run: { id: "run-one" } });
  await using two = aBot(folder.path, { run: { id: "run-two", tag: 5 } });
  const { path: dataDir } = folder;
  const shell = aShell();
  equal(await askCommand("pause", "two", { dataDir }, shell), 0);
  equal(await askCommand("flatten", "run-two", { dataDir }, shell), 0);
  deepEqual([one.asked, two.asked], [[], ["pause", "flatten"]]);
  match(shell.printed.out, /^Run run-two holds: its orders are cancelled, its position stays\n/);
  await rejects(askCommand("resume", undefined, { dataDir }, shell), { exitCode: 2 });
  await rejects(askCommand("resume", "three", { dataDir }, shell), { exitCode: 3 });
});

Deno.test("stop waits for the end of a run and says what is left", async () => {
  using folder = aFolder();
  const { path: dataDir } = folder;
  const bot = aBot(dataDir, {
    answers: {
      ask() {
        bot.control.ended({ exitCode: 0, orders: "none" });
        setTimeout(() => bot.control[Symbol.asyncDispose]());
      },
    },
  });
  const shell = aShell();
  equal(await stopCommand(undefined, { dataDir }, shell), 0);
  match(shell.printed.out, /waiting until[^]*exit code 0[^]*Nothing of run .* is left\n$/);
  await rejects(stopCommand(undefined, { dataDir }, shell), { exitCode: 3 });
});

Deno.test("a dead live bot without keys or journal is 8, and a running one comes before it", async () => {
  using folder = aFolder();
  const { path: dataDir } = folder;
  leaveBehind(dataDir, anAddress({ id: "dead", mode: "live" }));
  await rejects(stopCommand(undefined, { dataDir }, aShell()), { exitCode: 8 });
  await using bot = aBot(dataDir, {
    answers: {
      ask() {
        bot.control.ended({ exitCode: 0, orders: "kept" });
        setTimeout(() => bot.control[Symbol.asyncDispose]());
      },
    },
  });
  const shell = aShell();
  equal(await stopCommand(undefined, { dataDir }, shell), 0);
  match(shell.printed.out, /were kept/);
});
