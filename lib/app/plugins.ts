// A strategy in a file of the operator's own. It is read here only to know its files; it runs in a
// cell and nowhere else. To the rest of the program it looks like any strategy: what is asked of it
// before a run is answered by the cell at once, what is asked during one comes back as events.

import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Planner } from "../core/planner.ts";
import { type Micros, type Setup, type Strategy, STRATEGY_API } from "../core/strategy.ts";
import { AnsweringVenue, Inbox } from "./answering_venue.ts";
import { type Capabilities, grant, type Granted, missing } from "./capabilities.ts";
import { Cell, PluginFault } from "./cell.ts";
import { readDescription, readMemory, readPlanned, readTerms } from "./cell_answers.ts";
import { cellPlanner, FIRST_MS, seen, TERMS_MS } from "./cell_planner.ts";
import type { Description, Entry, Question, Terms } from "./cell_protocol.ts";
import { refusalOf, UserError } from "./errors.ts";
import { type ModuleFile, moduleFiles } from "./module_files.ts";
import type { RunVenue } from "./session.ts";

/** What a plugin is loaded with. */
export interface PluginOptions {
  /** Of `--plan-timeout`. */
  readonly planTimeoutMs: number;
  /** Of `--seed`. */
  readonly seed: number;
  /** Of `--allow`. */
  readonly allow: readonly string[];
  /** Addresses of the exchange, which is never granted. */
  readonly exchange: readonly string[];
  env(name: string): string | undefined;
  /** What the plugin prints, a line each. */
  onSaid(line: string): void;
}

/** A loaded plugin. Disposing of it ends its cell. */
export interface Plugin extends Disposable {
  readonly entry: Entry;
  readonly strategy: Strategy;
  /** What it asks for. */
  readonly capabilities: Capabilities;
  /** What of it was granted. */
  readonly granted: Granted;
  /** What of it was not, as `--allow` would say it. */
  readonly missing: readonly string[];
  /** Why it was stopped; undefined while it may go on. */
  readonly stopped: string | undefined;
  /** The planner of one run; its answers come through `joined`. */
  planner(setup: Setup): Planner;
  /** The venue of that run, with the answers. `time` is the run's time of what comes now. */
  joined(venue: RunVenue, time: () => Micros): RunVenue;
}

/** Loads the plugin at `path`. Throws `UserError` where it is none, or cannot be held. */
export async function loadPlugin(path: string, options: PluginOptions): Promise<Plugin> {
  const entry = entryOf(path);
  const cell = new Cell({
    host: new URL("./cell_host.ts", import.meta.url),
    files: readable(entry),
    onSaid: options.onSaid,
  });
  using stack = new DisposableStack();
  stack.use(cell);
  const description = await describe(cell, path, entry);
  const granted = grant(description.capabilities, options.allow, options);
  cell.watch();
  const kept = stack.move();
  const inbox = new Inbox();
  const withGranted = (setup: Setup) => ({ ...setup, granted });
  return {
    entry,
    strategy: facade(cell, description, { ...options, withGranted }),
    capabilities: description.capabilities,
    granted,
    missing: missing(description.capabilities, granted),
    get stopped() {
      return cell.reason;
    },
    planner: (setup) =>
      cellPlanner({
        ...{ cell, name: description.name, setup, granted, seed: options.seed },
        planTimeoutMs: options.planTimeoutMs,
        answers: (answer) => inbox.put(answer),
      }),
    joined: (venue, time) => new AnsweringVenue(venue, cell, inbox, time),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** The file and all that it is made of. Throws `UserError` where it cannot be read. */
export function entryOf(path: string): Entry {
  const url = pathToFileURL(isAbsolute(path) ? path : resolve(path));
  const files = readFiles(path, url);
  const [first] = files;
  if (first === undefined) throw new UserError(`Cannot load the plugin "${path}"`);
  return {
    url: first.real,
    files: files.flatMap(({ written, real }) => [[written, real], [real, real]] as const),
  };
}

/** The files the cell must be able to read. */
export function readable({ files }: Entry): readonly URL[] {
  return files.map(([, real]) => new URL(real));
}

function readFiles(path: string, url: URL): readonly ModuleFile[] {
  try {
    return moduleFiles(url);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    throw new UserError(`Cannot load the plugin "${path}" as it must be readable: ${refusal}`);
  }
}

/** Imports the plugin in its cell. Throws `UserError` where it is no strategy. */
export async function describe(cell: Cell, path: string, entry: Entry): Promise<Description> {
  try {
    return readDescription(await cell.ask({ kind: "describe", entry }, { ms: FIRST_MS }));
  } catch (error) {
    const doing = `Cannot load the plugin "${path}" as`;
    // What it threw while it was imported, or what it is instead of a strategy, is for its author.
    if (error instanceof PluginFault) throw new UserError(`${doing} it failed: ${error.fault}`);
    if (error instanceof RangeError) throw new UserError(`${doing} ${error.message}`);
    throw error;
  }
}

/** The strategy as it looks from outside. It is never told of events: the planner does that. */
function facade(
  cell: Cell,
  { name, summary, params }: Description,
  { planTimeoutMs, seed, withGranted }: {
    readonly planTimeoutMs: number;
    readonly seed: number;
    withGranted(setup: Setup): Setup;
  },
): Strategy {
  const ask = (question: Question, withinMs: number) => {
    try {
      return cell.askNow(question, withinMs);
    } catch (error) {
      // Its own complaint about a setting is told like one of a built-in strategy.
      const { fault = "" } = error instanceof PluginFault ? error : {};
      const [, complaint] = /^RangeError: (.+current value is.+)$/.exec(fault) ?? [];
      throw complaint === undefined ? error : new RangeError(complaint);
    }
  };
  const tryOut = (question: Omit<Extract<Question, { kind: "try" }>, "kind">) =>
    ask({ kind: "try", ...question }, Math.max(planTimeoutMs, FIRST_MS));
  const terms = (setup: Setup): Terms =>
    readTerms(ask({ kind: "terms", setup: withGranted(setup) }, TERMS_MS));
  return {
    ...{ api: STRATEGY_API, name, summary, params },
    needs: (setup) => terms(setup).observes,
    cadence: (setup) => ({ everyMs: terms(setup).everyMs ?? DEFAULT_EVERY_MS }),
    limits: (setup) => terms(setup).limits,
    start: (setup, view) =>
      readMemory(tryOut({ begin: { setup: withGranted(setup), seed }, start: seen(view) })),
    observe: () => {
      throw new UserError(`${name} runs in a cell, where it is told what happens`);
    },
    plan: (memory, view, setup) => {
      const begin = { setup: withGranted(setup), seed, memory };
      return readPlanned(tryOut({ begin, view: seen(view) })).plan;
    },
  };
}

/** What `rig` and `startLive` ask by where a strategy says nothing. */
const DEFAULT_EVERY_MS = 1000;
