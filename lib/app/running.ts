// Which bots of a data folder are running, and how each is reached. A bot holds a lock on its own
// file as long as it lives and the kernel frees it however it dies, so neither a process number that
// was given out again nor a machine that went down can make a dead bot look alive.

import { z } from "zod";
import type { Mode, Pair } from "../journal/runs.ts";
import { ExitCode, UserError } from "./errors.ts";

/** What a run is called, and whose orders it takes for its own. */
export interface RunName extends Pair {
  /** As people name it: 20261121-043412-grid-SOL_USDC. */
  readonly id: string;
  /** The name of the strategy. */
  readonly strategy: string;
  readonly mode: Mode;
}

/** A run and where it listens. The token lets whoever has it command the bot. */
export interface Address extends RunName {
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly token: string;
}

/** A bot as its file tells of it. */
export interface Found {
  readonly address: Address;
  readonly path: string;
  /** dead: its process is gone and it did not end in order, so its orders may remain. */
  readonly state: "running" | "dead";
}

const shape: z.ZodType<Address> = z.object({
  id: z.string(),
  account: z.string(),
  market: z.string(),
  tag: z.number(),
  strategy: z.string(),
  mode: z.enum(["live", "paper"]),
  pid: z.int().positive(),
  port: z.int().positive(),
  token: z.string(),
});

/** The file of a bot that runs, for as long as it is held. */
export class Presence implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #state: "there" | "gone" = "there";

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Says that a bot runs. What an earlier one of its account, market and tag left is its own now. */
  static announce(dataDir: string, address: Address): Presence {
    const folder = folderOf(dataDir);
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    Deno.chmodSync(folder, 0o700);
    for (const bot of findBots(dataDir)) {
      if (bot.state === "dead" && isSamePair(bot.address, address)) forget(bot);
    }
    const path = `${folder}/${address.id}.json`;
    const draft = `${folder}/.${address.id}.${address.pid}.draft`;
    const file = Deno.openSync(draft, { write: true, create: true, truncate: true, mode: 0o600 });
    // Held before anybody can see it: a file that is found unlocked is a dead bot's.
    file.lockSync(true);
    file.writeSync(new TextEncoder().encode(`${JSON.stringify(address)}\n`));
    Deno.renameSync(draft, path);
    return new Presence(path, file);
  }

  /** Takes the file away. Does nothing the second time. */
  [Symbol.dispose](): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    removed(this.path);
    this.#file.close();
  }
}

/**
 * Every bot of the data folder that is running, and every live one that died. A paper run that died
 * has left nothing, so its file goes.
 */
export function findBots(dataDir: string): readonly Found[] {
  const found: Found[] = [];
  for (const name of namesIn(folderOf(dataDir))) {
    const path = `${folderOf(dataDir)}/${name}`;
    const address = addressIn(path);
    if (address === undefined) continue;
    const state = isAlive(path) ? "running" : "dead";
    const bot = { address, path, state } as const;
    if (state === "dead" && address.mode === "paper") forget(bot);
    else found.push(bot);
  }
  return found;
}

/** Whether the process that wrote this file still holds it. */
export function isAlive(path: string): boolean {
  const file = orNotFound(() => Deno.openSync(path, { read: true }));
  if (file === undefined) return false;
  // Shared, so that two who look at the same moment do not take each other for the bot.
  const free = file.tryLockSync(false);
  file.close();
  return !free;
}

/** Takes away the file of a bot that is dead and has left nothing. */
export function forget({ path }: Pick<Found, "path">): void {
  removed(path);
}

/**
 * The bot that a person means: by its name or a part of it, or the only one. Throws `UserError`:
 * exit 3 where there is none, 2 where there are several.
 */
export function chooseBot(
  bots: readonly Found[],
  { name, dataDir }: { readonly name: string | undefined; readonly dataDir: string },
): Found {
  const exact = bots.filter(({ address }) => address.id === name);
  const meant = exact.length > 0
    ? exact
    : bots.filter(({ address }) => address.id.includes(name ?? ""));
  const [only, ...others] = meant;
  if (only === undefined) {
    const which = name === undefined ? "No bot" : `No bot named "${name}"`;
    throw new UserError(`${which} is running in ${dataDir}`, ExitCode.notRunning);
  }
  if (others.length === 0) return only;
  const ids = meant.map(({ address }) => address.id).join(", ");
  throw new UserError(`Cannot choose a run as there are ${meant.length}, name one of: ${ids}`);
}

function folderOf(dataDir: string): string {
  return `${dataDir}/running`;
}

function namesIn(folder: string): readonly string[] {
  const entries = orNotFound(() => [...Deno.readDirSync(folder)]) ?? [];
  return entries.map(({ name }) => name)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

/** Undefined where the file went away since it was listed, or is not one of ours. */
function addressIn(path: string): Address | undefined {
  const text = orNotFound(() => Deno.readTextFileSync(path));
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function isSamePair(a: Address, b: Address): boolean {
  return a.mode === b.mode && a.account === b.account && a.market === b.market && a.tag === b.tag;
}

function removed(path: string): void {
  orNotFound(() => Deno.removeSync(path));
}

function orNotFound<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
