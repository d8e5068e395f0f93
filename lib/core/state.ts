// All of a run that must survive a restart, as plain data for a journal, and the check that what a
// disk gives back is that. A state that is not whole is refused by the name of its field: a run that
// goes on from half a memory would trade on it.

import type { Breakers, BreakersSnapshot } from "./breakers.ts";
import type { Drawdown, DrawdownSnapshot, Fall } from "./drawdown.ts";
import type { Command, Event } from "./event.ts";
import type { Facts, FactsSnapshot } from "./facts.ts";
import type { Hold, RiskState } from "./holds.ts";
import type { Intent } from "./intent.ts";
import type { LedgerSnapshot } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { OrdersSnapshot, SavedOrder } from "./orders.ts";
import type { Planner } from "./planner.ts";
import {
  count,
  flag,
  list,
  number,
  oneOf,
  optional,
  pair,
  plain,
  positive,
  record,
  refuse,
  text,
  whole,
} from "./shape.ts";
import type { Plan, PlannedOrder } from "./strategy.ts";
import type { TallySnapshot } from "./tally.ts";
import type { Cash, Micros } from "./units.ts";

/** Raised when an old state cannot be read as a new one. */
export const STATE_VERSION = 1;

/** Where a run is in its life. stopping: cancelling; stopped: nothing of ours is left. */
export type Stage = "starting" | "running" | "stopping" | "stopped";

/** A run as plain data. */
export interface EngineState {
  readonly version: typeof STATE_VERSION;
  /** What prices and quantities are counted in. */
  readonly market: Pick<Market, "symbol" | "kind" | "cashPerTickLot" | "basePerLot">;
  readonly strategy: string;
  /** Absent before the strategy's start. */
  readonly memory?: object;
  readonly stage: Stage;
  /** The last one. What it holds for is not kept: the next one is asked for at once. */
  readonly plan: Omit<Plan, "holds">;
  readonly finish?: "stop" | "flatten";
  readonly nextPulse: number;
  readonly facts: FactsSnapshot;
  readonly breakers: BreakersSnapshot;
  readonly drawdown: DrawdownSnapshot;
}

/** What a run was told, or what it sent, after a state was taken. */
export type JournalRow =
  | {
    readonly event: Event;
    /** The run's own time then; absent = the event's, where no clock was ever set back. */
    readonly time?: Micros;
  }
  | {
    readonly commands: readonly Command[];
    /** The run's own time then. */
    readonly time: Micros;
  };

/** What a run goes on from: a state and, in order, all that came after it. */
export interface Restored {
  readonly state: EngineState;
  /** Own events and commands; with trades, marks and bars too, a strategy that observes them misses none. */
  readonly since: readonly JournalRow[];
}

/** A run as plain data. The memory is copied; what changes later is not in it. */
export function stateOf(
  { facts, breakers, drawdown, planner, intent, stage, nextPulse }: {
    readonly facts: Facts;
    readonly breakers: Breakers;
    readonly drawdown: Drawdown;
    readonly planner: Planner;
    readonly intent: Intent;
    readonly stage: Stage;
    readonly nextPulse: number;
  },
): EngineState {
  const { symbol, kind, cashPerTickLot, basePerLot } = facts.market;
  const { memory, name } = planner;
  const { finish, plan: { holds: _, ...plan } } = intent;
  return {
    version: STATE_VERSION,
    market: { symbol, kind, cashPerTickLot, basePerLot },
    strategy: name,
    ...(memory === undefined ? {} : { memory: structuredClone(memory) }),
    stage,
    plan,
    ...(finish === undefined ? {} : { finish }),
    nextPulse,
    facts: facts.snapshot(),
    breakers: breakers.snapshot(),
    drawdown: drawdown.snapshot(),
  };
}

/** A state from parsed JSON. Throws `RangeError` naming the field that does not fit. */
export function readState(value: unknown): EngineState {
  assertState(value);
  return value;
}

/** Throws `RangeError` unless `state` is of this market, strategy and capital. */
export function assertFits(
  state: EngineState,
  { market, strategy, capital }: {
    readonly market: Market;
    readonly strategy: string;
    readonly capital: Cash;
  },
): void {
  same("market.symbol", state.market.symbol, market.symbol);
  same("market.kind", state.market.kind, market.kind);
  same("market.cashPerTickLot", state.market.cashPerTickLot, market.cashPerTickLot);
  same("market.basePerLot", state.market.basePerLot, market.basePerLot);
  same("strategy", state.strategy, strategy);
  same("facts.ledger.capital", state.facts.ledger.capital, capital);
}

function same<T>(field: string, value: T, wanted: T): void {
  if (value !== wanted) refuse(`state.${field}`, `the run's (${String(wanted)})`, value);
}

function assertState(value: unknown): asserts value is EngineState {
  engineState(value, "state");
}

const side = oneOf("bid", "ask");
const role = oneOf("maker", "taker");
const riskName = oneOf("ACTIVE", "REDUCING", "FLATTENING", "HALTED");

const order = record<SavedOrder>({
  id: whole,
  side,
  price: positive,
  quantity: positive,
  filled: count,
  remaining: count,
  role,
  reduceOnly: flag,
  tag: optional(text),
  since: whole,
  state: oneOf("sent", "open", "partlyFilled", "cancelling", "unknown", "done"),
  shrunk: flag,
});

const ledger = record<LedgerSnapshot>({
  capital: positive,
  held: whole,
  cost: whole,
  realised: whole,
  fees: whole,
  funding: whole,
  ages: list(record({ time: whole, held: whole })),
  seen: list(whole),
});

const facts = record<FactsSnapshot>({
  time: whole,
  orders: record<OrdersSnapshot>({ live: list(order), done: list(order) }),
  ledger,
  tally: record<TallySnapshot>({
    placed: count,
    cancelled: count,
    rejected: count,
    expired: count,
    fills: count,
    refused: list(pair(text, count)),
  }),
});

const mid = record({ time: whole, midTicks: number });
const breakers = record<BreakersSnapshot>({
  state: record<RiskState>({
    name: riskName,
    rule: optional(text),
    text: optional(text),
    since: whole,
    until: optional(whole),
  }),
  holds: list(record<Hold>({ rule: text, text, name: riskName, until: optional(whole) })),
  equity: whole,
  peak: whole,
  runBase: whole,
  day: optional(record({ number: whole, base: whole })),
  marketTime: optional(whole),
  second: optional(record({ lows: list(mid), highs: list(mid), worstPct: number })),
  bars: optional(record({
    count: whole,
    barSec: whole,
    bar: optional(record({ index: whole, high: number, low: number, close: number })),
    close: optional(number),
    ranges: list(number),
    moves: list(number),
    samples: list(record({ time: whole, atr: number })),
  })),
});

const plan = record<EngineState["plan"]>({
  orders: list(record<PlannedOrder>({
    side,
    role,
    price: positive,
    quantity: positive,
    reduceOnly: optional(flag),
    tag: optional(text),
  })),
  reason: optional(text),
  finish: optional(oneOf("stop", "flatten")),
});

const engineState = record<EngineState>({
  version: oneOf(STATE_VERSION),
  market: record<EngineState["market"]>({
    symbol: text,
    kind: oneOf("spot", "perp"),
    cashPerTickLot: positive,
    basePerLot: positive,
  }),
  strategy: text,
  memory: optional(plain),
  stage: oneOf("starting", "running", "stopping", "stopped"),
  plan,
  finish: optional(oneOf("stop", "flatten")),
  nextPulse: whole,
  facts,
  breakers,
  drawdown: record<DrawdownSnapshot>({
    peak: optional(whole),
    peakAt: whole,
    deepest: record<Fall>({ cash: whole, fraction: number, from: whole, to: whole }),
  }),
});
