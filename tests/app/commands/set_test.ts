// `set` as it is typed: one setting, or the latest one taken back.

import { deepEqual, equal, rejects } from "node:assert/strict";
import { setCommand, type SetFlags } from "../../../lib/app/commands/set.ts";
import { UserError } from "../../../lib/app/errors.ts";
import { aShell } from "../../support/shell.ts";
import { aBot, aFolder, anAddress } from "../a_bot.ts";

const { id } = anAddress();

Deno.test("a setting is sent as typed, and the answer says what was and what is", async () => {
  using folder = aFolder();
  const sent: object[] = [];
  await using _bot = aBot(folder.path, {
    answers: {
      set(change) {
        sent.push(change);
        return { key: "risk.maxOrderUsd", before: null, after: 5 };
      },
      undo: () => ({ key: "tpGuard", before: true, after: true }),
    },
  });
  const said = async (words: readonly string[], flags: Partial<SetFlags> = {}) => {
    const shell = aShell();
    equal(await setCommand(words, { dataDir: folder.path, ...flags }, shell), 0);
    return shell.printed.out;
  };
  const line = `risk.maxOrderUsd was not set and is 5 now in run ${id}\n`;
  equal(await said(["maxOrderUsd= 5 "]), line);
  equal(await said(["a=b=c", "grid"]), line);
  deepEqual(sent, [{ key: "maxOrderUsd", value: "5" }, { key: "a", value: "b=c" }]);
  equal(await said(["grid"], { undo: true }), `tpGuard is on already in run ${id}\n`);
  const json = { key: "risk.maxOrderUsd", before: null, after: 5 };
  deepEqual(JSON.parse(await said(["a=b"], { json: true })), json);
});

Deno.test("what cannot be read, or is refused, is exit 2 and changes nothing", async () => {
  using folder = aFolder();
  let asked = 0;
  await using _bot = aBot(folder.path, {
    answers: {
      set() {
        asked++;
        throw new UserError("Cannot set levels as it needs a restart");
      },
    },
  });
  const flags = { dataDir: folder.path };
  for (const words of [[], ["levels"], ["=5"], ["levels="], ["a=1", "one", "two"]]) {
    await rejects(setCommand(words, flags, aShell()), { exitCode: 2 }, words.join());
  }
  await rejects(setCommand(["a", "b"], { ...flags, undo: true }, aShell()), { exitCode: 2 });
  equal(asked, 0);
  const message = "Cannot set levels as it needs a restart";
  await rejects(setCommand(["levels=5"], flags, aShell()), { exitCode: 2, message });
});
