// A journaled run taken down from its shelf and set going again: found by name in either journal,
// with the engine it had, and the events it was given. What `replay`, `compare` and `report` share.

import { Engine } from "../core/engine.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import type { Setup, Strategy } from "../core/strategy.ts";
import { JournalFault } from "../journal/fault.ts";
import { Journal } from "../journal/journal.ts";
import { replay, type Replayed, ReplayIds, type ReplayParts } from "../journal/replay.ts";
import { byEvents, changeable } from "../journal/replay_planner.ts";
import { ReplaySource } from "../journal/replay_source.ts";
import {
  changesOf,
  paramsIn,
  readRestored,
  readTerms,
  type RunTerms,
  type SettingChange,
} from "../journal/replay_terms.ts";
import type { Mode, RunRecord } from "../journal/runs.ts";
import type { Observer } from "../run.ts";
import { ExitCode, orComplain, unknownName, UserError } from "./errors.ts";
import { loadStrategy } from "./strategies.ts";

/** A run as its journal holds it. */
export interface KeptRun {
  readonly journal: Journal;
  readonly run: RunRecord;
  readonly terms: RunTerms;
  /** Undefined where its plans are events. */
  readonly strategy: Strategy | undefined;
  readonly setup: Setup;
  /** Parameters of this program that the run did not have; their defaults are used. */
  readonly unsaid: readonly string[];
}

/** A run that is ready to be gone through. */
export interface Rerun {
  readonly engine: Engine;
  /** Goes through it; once. Faults of the journal end it and are in the result. */
  play(how: Pick<ReplayParts, "onDifference" | "observers">): Promise<Replayed>;
}

/** Runs named as alternatives to one that is not there. */
const MOST_NAMES = 1000;

/**
 * Calls `use` with the run of that name. Throws `UserError` where there is none, or where its journal
 * does not hold what it was started with. `given` stands for the strategy of that name.
 */
export async function withRun<T>(
  { dataDir, id, given }: {
    readonly dataDir: string;
    readonly id: string;
    readonly given?: Strategy;
  },
  use: (kept: KeptRun) => Promise<T>,
): Promise<T> {
  try {
    await using journals = new AsyncDisposableStack();
    const found = find(journals, dataDir, id);
    return await use(await kept(found.journal, found.run, given));
  } catch (error) {
    if (error instanceof JournalFault) throw new UserError(error.message, ExitCode.failure);
    throw error;
  }
}

/** The engine of a run as it was before its first event. `strategy` may stand in for the run's own. */
export function rerunOf(kept: KeptRun, strategy = kept.strategy): Rerun {
  const { journal, run, terms, setup } = kept;
  const planner = strategy === undefined ? undefined : changeable(strategy, setup);
  const held: { engine?: Engine } = {};
  const ids = new ReplayIds((id) => held.engine?.facts.orders.find(id) !== undefined);
  const restored = readRestored(journal, run);
  const { market, limits, capital, inventory, everyMs, looks, time, onForeignFill } = terms;
  const options = {
    market,
    limits,
    capital,
    everyMs,
    looks,
    time,
    seed: run.seed,
    ...(onForeignFill && { onForeignFill }),
  };
  const engine = orComplain(`replay run ${run.id}`, () =>
    new Engine({
      ...options,
      planner: planner ?? byEvents(run.strategy),
      nextId: () => ids.next(),
      ...(inventory === undefined ? {} : { inventory }),
      ...(restored === undefined ? {} : { restored }),
    }));
  held.engine = engine;
  let settings = terms.settings;
  const change = ({ key, after }: SettingChange): string | undefined => {
    // What ran elsewhere was told there.
    if (strategy === undefined) return undefined;
    if (!Object.hasOwn(strategy.params, key)) return `limit ${key} was changed while it ran`;
    settings = { ...settings, [key]: after };
    planner?.change({ ...setup, params: paramsOf(strategy, settings, run).params });
    return undefined;
  };
  const source = new ReplaySource(journal, run.id);
  const changes = changesOf(journal, run);
  return { engine, play: (how) => replay({ ...how, source, engine, ids, changes, change }) };
}

/** Shows every event and its commands to `observers` without an engine; for what only reads. */
export async function eventsOf(
  { journal, run }: KeptRun,
  see: Observer["seen"],
): Promise<Pick<Replayed, "lost">> {
  const { lost } = await replay({
    source: new ReplaySource(journal, run.id),
    engine: { handle: () => [] },
    ids: new ReplayIds(() => false),
    changes: new Map(),
    change: () => undefined,
    observers: [{ seen: see }],
    onDifference: "go on",
  });
  return { lost };
}

function find(journals: AsyncDisposableStack, dataDir: string, id: string) {
  const names: string[] = [];
  for (const mode of ["live", "paper"] as const) {
    const journal = open(dataDir, mode);
    if (journal === undefined) continue;
    journals.use(journal);
    const run = journal.run(id);
    if (run !== undefined) return { journal, run };
    names.push(...journal.runs({ most: MOST_NAMES }).map((run) => run.id));
  }
  const complaint = { doing: "open the run", key: "its name", kind: `a run of ${dataDir}` };
  throw unknownName({ ...complaint, value: id, given: id, names });
}

/** Undefined where nothing of that mode ever ran. */
function open(folder: string, mode: Mode): Journal | undefined {
  try {
    return Journal.open({ folder, mode, access: "read" });
  } catch (error) {
    if (error instanceof JournalFault && error.kind === "missing") return undefined;
    throw error;
  }
}

async function kept(
  journal: Journal,
  run: RunRecord,
  given: Strategy | undefined,
): Promise<KeptRun> {
  const terms = readTerms(journal, run);
  const strategy = terms.plans === "by events"
    ? undefined
    : given?.name === run.strategy
    ? given
    : await loadStrategy(run.strategy);
  const { market, fees, capital } = terms;
  const { params, unsaid } = strategy === undefined
    ? { params: {}, unsaid: [] }
    : paramsOf(strategy, terms.settings, run);
  return { journal, run, terms, strategy, setup: { market, fees, capital, params }, unsaid };
}

function paramsOf(
  strategy: Strategy,
  settings: RunTerms["settings"],
  run: RunRecord,
): { readonly params: ParamValues<ParamSpecs>; readonly unsaid: readonly string[] } {
  return orComplain(`replay run ${run.id}`, () => paramsIn(strategy.params, settings));
}
