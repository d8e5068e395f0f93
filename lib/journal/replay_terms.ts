// What an engine was started with beside its events. A journal that holds both is a complete description
// of a run: given to `Journal.begin` as its config, the terms are in the run's own row, which stays
// while anything of the run does. What an earlier process left is larger, and is the run's first note.

import { readCommands, readEvent } from "../data/events.ts";
import type { Inventory } from "../core/ledger.ts";
import { type RiskLimits, riskSpecs } from "../core/limits.ts";
import type { Fees, Market } from "../core/market.ts";
import { type ParamSpec, type ParamSpecs, type RawParam, readParam } from "../core/params.ts";
import {
  type Check,
  count,
  list,
  number,
  oneOf,
  optional,
  plain,
  positive,
  record,
  refuse,
  text,
  whole,
} from "../core/shape.ts";
import type { ForeignFillPolicy } from "../core/engine_options.ts";
import type { Setup, Strategy } from "../core/strategy.ts";
import { type JournalRow, readState, type Restored } from "../core/state.ts";
import { type Cash, type Micros, micros } from "../core/units.ts";
import { JournalFault } from "./fault.ts";
import type { Journal } from "./journal.ts";
import type { RunJournal } from "./run_journal.ts";
import type { RunRecord } from "./runs.ts";
import { whole as wholeOf } from "./rows.ts";

/** Everything a run was started with, but its name, seed and events. */
export interface RunTerms {
  /** As `check` names them; of each parameter that a strategy has. */
  readonly settings: { readonly [key: string]: RawParam };
  /** in process: the strategy is asked again. by events: its plans came as `planned` events. */
  readonly plans: "in process" | "by events";
  /** As the exchange described it at the start. */
  readonly market: Market;
  readonly fees: Fees;
  readonly capital: Cash;
  /** What the run took over; absent = nothing. */
  readonly inventory?: Inventory;
  /** In force: the operator's with the strategy's own. */
  readonly limits: RiskLimits;
  readonly everyMs: number;
  readonly looks: "cadence" | "each event";
  /** Default halt. */
  readonly onForeignFill?: ForeignFillPolicy;
  /** The engine's first moment. */
  readonly time: Micros;
  /** How a run on paper was simulated; absent = live. */
  readonly paper?: {
    /** One way. */
    readonly latencyMs: number;
    /** Decimal strings by asset. */
    readonly balances: { readonly [asset: string]: string };
  };
}

/** What the terms of a run are made of where its strategy is at hand. */
export interface Starting
  extends Pick<RunTerms, "limits" | "time" | "inventory" | "onForeignFill" | "paper"> {
  /** As `check` names them. */
  readonly settings: readonly { readonly key: string; readonly value: RawParam }[];
  readonly strategy: Strategy;
  readonly setup: Setup;
  readonly plans?: RunTerms["plans"];
}

/** How often a strategy is asked that does not say so. */
const DEFAULT_EVERY_MS = 1000;

/** The terms of a run that starts, for `Journal.begin` as its config. */
export function termsOf({ settings, strategy, setup, plans, ...rest }: Starting): RunTerms {
  const { market, fees, capital } = setup;
  return {
    ...rest,
    settings: Object.fromEntries(settings.map(({ key, value }) => [key, value])),
    plans: plans ?? "in process",
    ...{ market, fees, capital, looks: "cadence" },
    everyMs: strategy.cadence?.(setup).everyMs ?? DEFAULT_EVERY_MS,
  };
}

/** A setting that a person changed while the run went on: the body of a note named `set`. */
export interface SettingChange {
  readonly key: string;
  readonly before: RawParam;
  readonly after: RawParam;
}

/** The name of the note with what an earlier process left. */
const RESTORED = "restored";

/** Keeps what the run goes on from; to be called before its first event. */
export function keepRestored(run: RunJournal, restored: Restored): void {
  run.note(RESTORED, restored);
}

/** The terms of a run. Throws `JournalFault` where its journal does not hold them. */
export function readTerms(journal: Journal, run: RunRecord): RunTerms {
  if (!("settings" in run.config)) {
    const rule = `it does not say what run ${run.id} was started with (bpx-bot ${run.version})`;
    throw new JournalFault("missing", journal.path, rule);
  }
  return wholeOf(journal.path, `the terms of run ${run.id}`, () => termsIn(run.config));
}

/** What the run went on from; undefined where it began anew. Throws `JournalFault`. */
export function readRestored(journal: Journal, run: RunRecord): Restored | undefined {
  if (run.continues === undefined) return undefined;
  for (const { kind, note, event } of journal.rows(run.id)) {
    if (kind === RESTORED) {
      return wholeOf(journal.path, `what run ${run.id} goes on from`, () => restoredIn(note));
    }
    if (event !== undefined) break;
  }
  const rule = `it does not hold what run ${run.id} went on from`;
  throw new JournalFault("missing", journal.path, rule);
}

/** Settings that were changed while the run went on, by the number of the event before. */
export function changesOf(
  journal: Journal,
  run: RunRecord,
): ReadonlyMap<number, readonly SettingChange[]> {
  const changes = new Map<number, SettingChange[]>();
  for (const { n, kind, note } of journal.rows(run.id)) {
    if (kind !== "set" || note === undefined) continue;
    const change = wholeOf(journal.path, `the changed setting at event ${n}`, () => changeIn(note));
    const others = changes.get(n);
    if (others === undefined) changes.set(n, [change]);
    else others.push(change);
  }
  return changes;
}

/** Parameters as settings say them, defaults where they say nothing. Throws `RangeError`. */
export function paramsIn(
  specs: ParamSpecs,
  settings: RunTerms["settings"],
): { readonly params: { readonly [name: string]: RawParam }; readonly unsaid: readonly string[] } {
  const said = (name: string) => Object.hasOwn(settings, name) ? settings[name] : undefined;
  const params = Object.entries(specs).map(([name, spec]) => {
    const raw = said(name);
    return [name, raw === undefined ? spec.default : readParam(name, spec, raw)] as const;
  });
  return {
    params: Object.fromEntries(params),
    unsaid: Object.keys(specs).filter((name) => said(name) === undefined),
  };
}

const raw: Check = (value, path) => {
  const isRaw = value === null || ["string", "number", "boolean"].includes(typeof value);
  if (!isRaw) refuse(path, "a text, a number, true, false or null", value);
};

const margin = optional(record({ base: number, factor: number }));
const market = record<Market>({
  ...{ symbol: text, base: text, quote: text, kind: oneOf("spot", "perp") },
  state: oneOf("Open", "Closed", "CancelOnly", "LimitOnly", "PostOnly"),
  ...{ tickUnits: positive, priceDecimals: count, lotUnits: positive, quantityDecimals: count },
  ...{ cashPerTickLot: positive, basePerLot: positive },
  ...{ minQuantity: count, maxQuantity: optional(count) },
  ...{ minPrice: count, maxPrice: optional(count) },
  ...{ bands: plain, initialMargin: margin, maintenanceMargin: margin },
  fundingIntervalMs: optional(positive),
  fundingBoundBps: optional(record({ min: number, max: number })),
});

const limits: Check = (value, path) => {
  const values = fieldsOf(value, path);
  for (const [name, spec] of Object.entries<ParamSpec>(riskSpecs)) {
    const limit = values.get(name) ?? null;
    raw(limit, `${path}.${name}`);
    if (isRaw(limit)) readParam(`${path}.${name}`, spec, limit);
  }
};

const terms = record<RunTerms>({
  settings: (value, path) =>
    fieldsOf(value, path).forEach((one, key) => raw(one, `${path}.${key}`)),
  plans: oneOf("in process", "by events"),
  market,
  fees: record<Fees>({ maker: number, taker: number }),
  capital: positive,
  inventory: optional(record<Inventory>({ position: whole, price: positive })),
  limits,
  everyMs: positive,
  looks: oneOf("cadence", "each event"),
  onForeignFill: optional(oneOf("halt", "ignore", "adopt")),
  time: whole,
  paper: optional(record({
    latencyMs: number,
    balances: (value, path) =>
      fieldsOf(value, path).forEach((one, key) => text(one, `${path}.${key}`)),
  })),
});

const change = record<SettingChange>({ key: text, before: raw, after: raw });

function termsIn(value: object): RunTerms {
  assertTerms(value);
  return value;
}

function changeIn(value: unknown): SettingChange {
  assertChange(value);
  return value;
}

function restoredIn(value: unknown): Restored {
  const fields = fieldsOf(value, RESTORED);
  const since = fields.get("since");
  list(plain)(since, `${RESTORED}.since`);
  return {
    state: readState(fields.get("state")),
    since: Array.isArray(since) ? since.map((row) => journalRow(row)) : [],
  };
}

function journalRow(value: unknown): JournalRow {
  const fields = fieldsOf(value, `${RESTORED}.since`);
  const time = fields.get("time");
  optional(whole)(time, `${RESTORED}.since.time`);
  const at = time === undefined ? undefined : micros(Number(time));
  if (!fields.has("commands")) {
    const event = readEvent(fields.get("event"));
    return at === undefined ? { event } : { event, time: at };
  }
  if (at === undefined) refuse(`${RESTORED}.since.time`, "a whole number", at);
  return { commands: readCommands(fields.get("commands")), time: at };
}

function fieldsOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return refuse(path, "an object", value);
  return new Map(Object.entries(value));
}

function isRaw(value: unknown): value is RawParam {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function assertTerms(value: unknown): asserts value is RunTerms {
  terms(value, "config");
}

function assertChange(value: unknown): asserts value is SettingChange {
  change(value, "set");
}
