// A stop comes back with proof or with 8: of a bot that answers, one that died, one that hangs. A
// process that may still place orders is gone before its orders are cancelled without it.

import { deepEqual, equal, fail, match, rejects } from "node:assert/strict";
import type { UserError } from "../../lib/app/errors.ts";
import { findBots, type Found, isAlive } from "../../lib/app/running.ts";
import { stopBot, type StopTerms } from "../../lib/app/stopping.ts";
import { wallClock } from "../../lib/app/wall.ts";
import { RunLock } from "../../lib/journal/lock.ts";
import { micros } from "../../lib/core/units.ts";
import { aFolder, anAddress, leaveBehind } from "./a_bot.ts";

interface Child extends AsyncDisposable {
  readonly bot: Found;
  readonly process: Deno.ChildProcess;
}

/** Starts a bot of its own and waits until it listens. */
async function aChild(dataDir: string, ...args: readonly string[]): Promise<Child> {
  const script = new URL("bot_process.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", script, dataDir, ...args],
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [bot] = findBots(dataDir);
  if (bot === undefined) throw new Error("the child is not found");
  return {
    bot,
    process,
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch { /* It has ended. */ }
      await process.status;
    },
  };
}

/** How a test stops a bot; `done` is what was told and swept, in order. */
function terms(dataDir: string, given: Partial<StopTerms> = {}) {
  const done: string[] = [];
  const stop: StopTerms = {
    dataDir,
    silent: "ask first",
    clock: wallClock,
    signal: new AbortController().signal,
    answerMs: 200,
    sweep: ({ id }) => {
      done.push(`swept ${id}`);
      return Promise.resolve(0);
    },
    tell: (line) => done.push(line),
    ...given,
  };
  return { done, stop };
}

const { id } = anAddress();

Deno.test("a bot that answers ends itself, and whoever stops it knows what became of its orders", async () => {
  const rows = [
    [["paper"], 0, /^Nothing of run .* is left$/],
    [["live", "6", "none"], 0, /^Nothing of run .* is left$/],
    [["live", "0", "kept"], 0, /were kept, as it was started with --on-stop keep$/],
    [["live", "8", "unknown"], 0, /^swept /],
    [["live", "0", "dies"], 0, /^swept /],
  ] as const;
  await Promise.all(rows.map(async ([args, exitCode, last]) => {
    using folder = aFolder();
    await using child = await aChild(folder.path, ...args);
    const { done, stop } = terms(folder.path);
    equal(await stopBot(child.bot, stop), exitCode, args.join());
    match(done.at(-1) ?? "", last);
    equal(isAlive(child.bot.path), false);
    deepEqual(findBots(folder.path), []);
  }));
});

Deno.test("a bot that hangs is not touched without a person's word, and 8 says what may remain", async () => {
  using folder = aFolder();
  await using child = await aChild(folder.path, "live");
  child.process.kill("SIGSTOP");
  const { done, stop } = terms(folder.path);
  await rejects(stopBot(child.bot, stop), (error: UserError) => {
    match(error.message, /does not answer and may still place orders: stop --force ends/);
    return error.exitCode === 8;
  });
  deepEqual(done, []);
  equal(isAlive(child.bot.path), true);
});

Deno.test("by force the process is gone before its orders are cancelled", async () => {
  using folder = aFolder();
  await using child = await aChild(folder.path, "live");
  child.process.kill("SIGSTOP");
  let now = 0;
  const clock = {
    now: () => now,
    // The first signal cannot end a process that is held: its wait is cut short.
    sleep: (ms: number, wake: AbortSignal) => {
      now += ms * 10;
      return wallClock.sleep(20, wake);
    },
  };
  const order: string[] = [];
  const { stop } = terms(folder.path, {
    silent: "end it",
    clock,
    tell: (line) => order.push(line),
    sweep: () => {
      order.push(`swept while ${isAlive(child.bot.path) ? "alive" : "gone"}`);
      return Promise.resolve(0);
    },
  });
  equal(await stopBot(child.bot, stop), 0);
  const { pid } = child.process;
  deepEqual(order, [
    `Sending TERM to process ${pid} of run ${id}`,
    `Sending KILL to process ${pid} of run ${id}`,
    `The process of run ${id} is gone`,
    "swept while gone",
  ]);
  deepEqual(findBots(folder.path), []);
});

Deno.test("where the program may not end a process a person is told how", async () => {
  using folder = aFolder();
  await using child = await aChild(folder.path, "live");
  child.process.kill("SIGSTOP");
  const { done, stop } = terms(folder.path, {
    silent: "end it",
    kill: () => Promise.reject(new Deno.errors.NotCapable("Requires run access")),
  });
  await rejects(stopBot(child.bot, stop), (error: UserError) => {
    match(error.message, new RegExp(`kill -KILL ${child.process.pid}, then stop run ${id} again$`));
    return error.exitCode === 8;
  });
  equal(done.some((line) => line.startsWith("swept")), false);
});

Deno.test("of a dead bot a live one is swept, and stays on the list until that has its proof", async () => {
  using folder = aFolder();
  leaveBehind(folder.path, anAddress({ mode: "live" }));
  const dead = (): Found => findBots(folder.path)[0] ?? fail("it is not found");
  const failing = terms(folder.path, { sweep: () => Promise.resolve(8) });
  equal(await stopBot(dead(), failing.stop), 8);
  equal(findBots(folder.path).length, 1);
  const { done, stop } = terms(folder.path);
  equal(await stopBot(dead(), stop), 0);
  deepEqual(done, [`The process of run ${id} is gone`, `swept ${id}`]);
  deepEqual(findBots(folder.path), []);
});

Deno.test("a live run whose lock is still held is not gone", async () => {
  using folder = aFolder();
  await using child = await aChild(folder.path, "live");
  const lock = RunLock.take(folder.path, child.bot.address, { pid: 1, since: micros(0) });
  if (!(lock instanceof RunLock)) throw new Error("the lock is taken");
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number, wake: AbortSignal) => {
      now += ms;
      return wallClock.sleep(Math.min(ms, 5), wake);
    },
  };
  const { done, stop } = terms(folder.path, { clock });
  // Its file is gone, yet somebody trades: it is left to the sweep, which waits for the lock.
  equal(await stopBot(child.bot, stop), 0);
  equal(done.at(-1), `swept ${id}`);
  lock.release();
});
