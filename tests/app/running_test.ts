// Which bots run: what decides is the lock that the kernel holds for a process, never a number in a
// file.

import { deepEqual, equal, throws } from "node:assert/strict";
import { chooseBot, findBots, forget, isAlive, Presence } from "../../lib/app/running.ts";
import { aFolder, anAddress, leaveBehind } from "./a_bot.ts";

const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
const states = (folder: string) =>
  findBots(folder).map(({ address, state }) => [address.id, state]);

Deno.test("a bot is running until its file is taken away, and nobody else can read its token", () => {
  using folder = aFolder();
  Deno.mkdirSync(`${folder.path}/running`, { mode: 0o755 });
  {
    using presence = Presence.announce(folder.path, anAddress());
    deepEqual(states(folder.path), [[anAddress().id, "running"]]);
    deepEqual([modeOf(presence.path), modeOf(`${folder.path}/running`)], [0o600, 0o700]);
    equal(findBots(folder.path)[0]?.address.token, "token");
  }
  deepEqual(states(folder.path), []);
  deepEqual([...Deno.readDirSync(`${folder.path}/running`)], []);
});

Deno.test("a live bot that died is told of, one on paper is cleaned up", () => {
  using folder = aFolder();
  leaveBehind(folder.path, anAddress({ id: "live", mode: "live", pid: Deno.pid }));
  const paper = leaveBehind(folder.path, anAddress({ id: "paper", mode: "paper" }));
  deepEqual(states(folder.path), [["live", "dead"]]);
  equal(isAlive(paper), false);
  throws(() => Deno.statSync(paper), Deno.errors.NotFound);
});

Deno.test("who goes on with a dead bot's orders takes its file away, of others it stays", () => {
  using folder = aFolder();
  leaveBehind(folder.path, anAddress({ id: "before", mode: "live" }));
  leaveBehind(folder.path, anAddress({ id: "other-tag", mode: "live", tag: 7 }));
  leaveBehind(folder.path, anAddress({ id: "other-account", mode: "live", account: "else" }));
  using _ = Presence.announce(folder.path, anAddress({ id: "now", mode: "live" }));
  deepEqual(states(folder.path), [
    ["now", "running"],
    ["other-account", "dead"],
    ["other-tag", "dead"],
  ]);
});

Deno.test("a file that nobody can read is no bot, and a folder that is not there holds none", () => {
  using folder = aFolder();
  deepEqual(findBots(folder.path), []);
  Deno.mkdirSync(`${folder.path}/running`);
  Deno.writeTextFileSync(`${folder.path}/running/a.json`, "{");
  Deno.writeTextFileSync(`${folder.path}/running/b.json`, '{"id":"b"}');
  deepEqual(findBots(folder.path), []);
});

Deno.test("two who look at a dead bot at once both see it dead", () => {
  using folder = aFolder();
  const path = leaveBehind(folder.path, anAddress({ mode: "live" }));
  using looking = Deno.openSync(path, { read: true });
  equal(looking.tryLockSync(false), true);
  equal(isAlive(path), false);
  forget({ path });
  forget({ path });
});

Deno.test("a run is meant by its name, by a part of it, or by being the only one", () => {
  using folder = aFolder();
  const dataDir = folder.path;
  const bots = ["one-SOL", "two-SOL", "two-SOL-2"].map((id) => ({
    ...{ address: anAddress({ id }), path: "", state: "running" as const },
  }));
  const chosen = (name: string | undefined, among = bots) =>
    chooseBot(among, { name, dataDir }).address.id;
  equal(chosen("one"), "one-SOL");
  equal(chosen("two-SOL"), "two-SOL", "a whole name is meant, not the longer one");
  equal(chosen(undefined, bots.slice(0, 1)), "one-SOL");
  throws(() => chosen(undefined), { exitCode: 2, message: /3, name one of: one-SOL, two-SOL, / });
  throws(() => chosen("ETH"), { exitCode: 3, message: /^No bot named "ETH" is running in / });
  throws(() => chosen(undefined, []), { exitCode: 3, message: /^No bot is running in / });
});
