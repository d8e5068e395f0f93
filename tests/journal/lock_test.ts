// Tests lib/journal/lock.ts with real processes: one run per account, market and tag, and a lock that
// dies with its holder.

import assert from "node:assert/strict";
import { RunLock } from "../../lib/journal/lock.ts";
import { Folder } from "../data/files.ts";
import { assertFault, at, pair } from "./samples.ts";

const self = { pid: Deno.pid, since: at(0) };

function taken(folder: Folder): RunLock {
  const lock = RunLock.take(folder.path(""), pair, self);
  assert.ok(lock instanceof RunLock, "no one has to remove a file by hand");
  return lock;
}

Deno.test("the second to ask is told who holds the lock, until it is released", () => {
  using folder = new Folder();
  const first = RunLock.take(folder.path(""), pair, { pid: 4711, since: at(5) });
  assert.ok(first instanceof RunLock);
  assert.deepEqual(RunLock.take(folder.path(""), pair, self), { pid: 4711, since: at(5) });
  first.release();
  first.release();
  using _second = taken(folder);
});

Deno.test("another account, market or tag is another lock, and no name shows an account", () => {
  using folder = new Folder();
  const pairs = [pair, { ...pair, account: "key-1234" }, { ...pair, market: "../BTC" }]
    .concat({ ...pair, tag: 131 });
  const locks = pairs.map((one) => RunLock.take(folder.path(""), one, self));
  assert.ok(locks.every((lock) => lock instanceof RunLock));
  const names = [...Deno.readDirSync(folder.path(""))].map(({ name }) => name);
  assert.equal(names.length, 4);
  assert.ok(names.every((name) => !name.includes("key-1234") && name.endsWith(".lock")));
  for (const lock of locks) if (lock instanceof RunLock) lock.release();
});

Deno.test("a lock is held while its process lives and free when it was killed", async () => {
  using folder = new Folder();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", holderScript, folder.path(""), JSON.stringify(pair)],
    ...{ stdout: "piped", stderr: "inherit" },
  }).spawn();
  const words = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  assert.equal((await words.next()).value, "taken\n");
  assert.deepEqual(RunLock.take(folder.path(""), pair, self), { pid: child.pid, since: 5 });
  child.kill("SIGKILL");
  await child.status;
  using _lock = taken(folder);
  await words.return?.();
});

Deno.test("a holder that has not yet said who it is is unknown, and holds all the same", () => {
  using folder = new Folder();
  using _lock = taken(folder);
  const [{ name = "" } = {}] = Deno.readDirSync(folder.path(""));
  Deno.truncateSync(folder.path(name), 0);
  assert.equal(RunLock.take(folder.path(""), pair, self), "unknown");
});

Deno.test("a folder that is not there is a fault", () => {
  assertFault("missing", () => RunLock.take("/nowhere/at/all", pair, self));
});

const holderScript = `
  const { RunLock } = await import("${new URL("../../lib/journal/lock.ts", import.meta.url)}");
  const [folder, pair] = Deno.args;
  const lock = RunLock.take(folder, JSON.parse(pair), { pid: Deno.pid, since: 5 });
  console.log(lock instanceof RunLock ? "taken" : "not taken");
  setTimeout(() => lock.release(), 60_000);
`;
