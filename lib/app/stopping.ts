// Stopping a bot from outside, up to the proof that it is gone and has left nothing. A bot that
// answers ends itself. One that does not is first ended, so that it can place nothing any more, and
// only then are its orders cancelled without it.

import { ControlClient, NoAnswer } from "./control_client.ts";
import type { End } from "./control.ts";
import { ExitCode, refusalOf, UserError } from "./errors.ts";
import type { Clock } from "./paced.ts";
import { micros, MILLISECOND } from "../core/units.ts";
import { RunLock } from "../journal/lock.ts";
import { type Address, forget, type Found, isAlive } from "./running.ts";

/** How a bot is stopped. */
export interface StopTerms {
  readonly dataDir: string;
  /** Whether a process that does not answer is ended. */
  readonly silent: "end it" | "ask first";
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Ends a process; default by the program `kill`. */
  readonly kill?: (pid: number, signal: "TERM" | "KILL") => Promise<void>;
  readonly answerMs?: number;
  /** Cancels what a dead live run left and gives the exit code. */
  sweep(address: Address): Promise<number>;
  tell(line: string): void;
}

/** From the wish to the end of the run: its own bound is half a minute of the market. */
const END_MS = 120_000;
/** A person is told every so often that it still waits. */
const TELL_MS = 5_000;
/** From the end of the run to that of its process, and from a signal to that. */
const GONE_MS = 10_000;
const LOOK_MS = 100;

/** Stops a bot and gives the exit code: 0 only with proof. Throws `UserError`. */
export async function stopBot(bot: Found, terms: StopTerms): Promise<number> {
  if (bot.state === "dead") return await afterDeath(bot, terms);
  const { id, pid } = bot.address;
  const client = new ControlClient(bot.address, terms);
  const wait = new AbortController();
  // Listened for first: a run may end faster than it can be asked how.
  const ending = client.end(AbortSignal.any([terms.signal, wait.signal]));
  try {
    await client.ask("stop");
  } catch (error) {
    wait.abort();
    await ending;
    if (!(error instanceof NoAnswer)) throw error;
    return await silent(bot, terms);
  }
  terms.tell(`Run ${id} is asked to stop; waiting until it has cancelled its orders and ended`);
  const end = await awaited(ending, wait, bot, terms);
  if (end !== undefined) {
    terms.tell(`Run ${id} has ended with exit code ${end.exitCode}; process ${pid} is closing`);
  }
  // Without a word it has died, or stands still.
  if (!await isGone(bot, terms)) return await silent(bot, terms);
  if (end === undefined || end.orders === "unknown") return await afterDeath(bot, terms);
  terms.tell(
    end.orders === "kept"
      ? `The orders of run ${id} were kept, as it was started with --on-stop keep`
      : `Nothing of run ${id} is left`,
  );
  return ExitCode.done;
}

/** How the run ended, as the bot tells; undefined where it does not. */
async function awaited(
  ending: Promise<End | undefined>,
  wait: AbortController,
  { address }: Found,
  { clock, tell }: StopTerms,
): Promise<End | undefined> {
  const settled = new AbortController();
  const end = ending.finally(() => settled.abort());
  for (const start = clock.now();;) {
    await clock.sleep(TELL_MS, settled.signal);
    if (settled.signal.aborted) return await end;
    const waited = clock.now() - start;
    if (waited < END_MS) tell(`Run ${address.id} still stops after ${Math.round(waited / 1000)} s`);
    else wait.abort();
  }
}

/** It lives and does not answer. */
async function silent(bot: Found, terms: StopTerms): Promise<number> {
  const { id, pid, mode } = bot.address;
  const exitCode = mode === "live" ? ExitCode.ordersMayRemain : ExitCode.timeOut;
  if (!isAlive(bot.path)) return await afterDeath(bot, terms);
  if (terms.silent === "ask first") {
    const text = `Run ${id} (process ${pid}) does not answer and may still place orders: ` +
      "stop --force ends the process first and then cancels them";
    throw new UserError(text, exitCode);
  }
  const { kill = killByProgram, tell } = terms;
  for (const signal of ["TERM", "KILL"] as const) {
    tell(`Sending ${signal} to process ${pid} of run ${id}`);
    await killOrSay(() => kill(pid, signal), bot.address);
    if (await isGone(bot, terms)) return await afterDeath(bot, terms);
  }
  throw new UserError(`Process ${pid} of run ${id} does not end`, exitCode);
}

/** No process is there any more. What a paper run left is nothing. */
async function afterDeath(bot: Found, terms: StopTerms): Promise<number> {
  const { address } = bot;
  terms.tell(`The process of run ${address.id} is gone`);
  const exitCode = address.mode === "live" ? await terms.sweep(address) : ExitCode.done;
  if (exitCode === ExitCode.done) forget(bot);
  return exitCode;
}

async function isGone(bot: Found, { clock, signal, dataDir }: StopTerms): Promise<boolean> {
  for (const start = clock.now(); isAlive(bot.path) || !isLockFree(bot.address, dataDir);) {
    if (clock.now() - start >= GONE_MS || signal.aborted) return false;
    await clock.sleep(LOOK_MS, signal);
  }
  return true;
}

/** The last thing a live run lets go of: whoever starts it again now will get in. */
function isLockFree(address: Address, dataDir: string): boolean {
  if (address.mode === "paper") return true;
  const self = { pid: Deno.pid, since: micros(Date.now() * MILLISECOND) };
  const lock = RunLock.take(dataDir, address, self);
  if (!(lock instanceof RunLock)) return false;
  lock.release();
  return true;
}

async function killByProgram(pid: number, signal: "TERM" | "KILL"): Promise<void> {
  await new Deno.Command("kill", { args: [`-${signal}`, String(pid)], stderr: "null" }).output();
}

/** Where the program may not end another, a person has to. */
async function killOrSay(
  kill: () => Promise<void>,
  { id, pid }: Address,
): Promise<void> {
  try {
    await kill();
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    const text =
      `Cannot end process ${pid} from here: kill -KILL ${pid}, then stop run ${id} again`;
    throw new UserError(text, ExitCode.ordersMayRemain);
  }
}
