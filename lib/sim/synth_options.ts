// What can be asked of the synthetic market, with bounds, and the shapes that simulation tests run
// over. Defaults are a liquid market on an ordinary day; a shape is what differs from them.

import { type Micros, micros, SECOND } from "../core/units.ts";

/** How a synthetic market behaves. Rates are means. */
export interface SynthOptions {
  readonly seed: number;
  /** Time of the first row. */
  readonly start: Micros;
  /** How long it lasts; absent = endless. */
  readonly durationSec?: number;
  /** In quote currency; default `usualStart`, else 150. */
  readonly startPrice: number;
  /** Annualised, of a price that trades at every second of the year. Jumps and trend come on top. */
  readonly volatilityPct: number;
  readonly trendPctPerDay: number;
  /** How fast the price returns to `startPrice`: the part of the distance it loses in an hour, 0 to 1. */
  readonly reversionPerHour: number;
  readonly jumpsPerDay: number;
  /** Mean size of a jump, up or down. */
  readonly jumpPct: number;
  readonly spreadTicks: number;
  readonly quotesPerSecond: number;
  readonly tradesPerSecond: number;
  /** Mean side of uninformed aggressors: -1 all asks, 1 all bids. */
  readonly orderFlowImbalance: number;
  /** How much an uninformed aggressor takes the side of the one before: -1 never, 1 always. */
  readonly orderFlowPersistence: number;
  /** Part of the trades whose aggressor knows where the price is going, 0 to 1; at 0.5 the touch breaks even. */
  readonly informed: number;
  /** Mean notional of a trade, in quote currency. */
  readonly tradeNotional: number;
  /** Levels per side in sight. */
  readonly levels: number;
  /** Ticks between levels behind the touch. */
  readonly levelGapTicks: number;
  /** Mean notional of a level, in quote currency. */
  readonly levelNotional: number;
  /** Estimated rate of the running interval, a fraction; perp only. */
  readonly fundingRate: number;
}

/** A liquid market on an ordinary day, from 2025-01-01. */
export const synthDefaults: SynthOptions = {
  seed: 1,
  start: micros(1_735_689_600 * SECOND),
  startPrice: 150,
  volatilityPct: 60,
  trendPctPerDay: 0,
  reversionPerHour: 0,
  jumpsPerDay: 2,
  jumpPct: 0.5,
  spreadTicks: 2,
  quotesPerSecond: 4,
  tradesPerSecond: 1,
  orderFlowImbalance: 0,
  orderFlowPersistence: 0.3,
  informed: 0.5,
  tradeNotional: 1_000,
  levels: 10,
  levelGapTicks: 1,
  levelNotional: 5_000,
  fundingRate: 0.00001,
};

/** The start price of BTC and ETH markets where none is set: one of the right size. */
export function usualStart({ base }: { readonly base: string }): Partial<SynthOptions> {
  if (base === "BTC") return { startPrice: 100_000 };
  if (base === "ETH") return { startPrice: 3_000 };
  return {};
}

/** Kinds of market a strategy must survive, each as what differs from the defaults. */
export const marketShapes = {
  calm: { volatilityPct: 15, jumpsPerDay: 0, tradesPerSecond: 0.3, quotesPerSecond: 1 },
  volatile: { volatilityPct: 300, tradesPerSecond: 4, quotesPerSecond: 8 },
  trendingUp: { trendPctPerDay: 30, orderFlowImbalance: 0.3 },
  trendingDown: { trendPctPerDay: -30, orderFlowImbalance: -0.3 },
  wideSpread: { spreadTicks: 40, levelGapTicks: 5, volatilityPct: 150, tradesPerSecond: 0.5 },
  jumpy: { jumpsPerDay: 2_000, jumpPct: 0.5 },
  thin: { levels: 3, levelGapTicks: 7, levelNotional: 150, tradeNotional: 120, spreadTicks: 5 },
  oneSidedFlow: { orderFlowImbalance: 0.9, orderFlowPersistence: 0.8, informed: 0.1 },
  reverting: { reversionPerHour: 0.9, volatilityPct: 120 },
} as const satisfies { readonly [name: string]: Partial<SynthOptions> };

const bounds = [
  ["startPrice", 1e-12, 1e12],
  ["volatilityPct", 0, 10_000],
  ["trendPctPerDay", -1_000, 1_000],
  ["reversionPerHour", 0, 1],
  ["jumpsPerDay", 0, 86_400],
  ["jumpPct", 0, 50],
  ["spreadTicks", 1, 1e6],
  ["quotesPerSecond", 0.001, 10_000],
  ["tradesPerSecond", 0, 10_000],
  ["orderFlowImbalance", -1, 1],
  ["orderFlowPersistence", -1, 1],
  ["informed", 0, 1],
  ["tradeNotional", 0, 1e9],
  ["levels", 2, 1_000],
  ["levelGapTicks", 1, 1e6],
  ["levelNotional", 0, 1e9],
  ["fundingRate", -0.1, 0.1],
] as const satisfies readonly (readonly [keyof SynthOptions, number, number])[];

/** Throws `RangeError` "<option> <rule>: current value is <value>" on nonsense. */
export function checkSynthOptions(options: SynthOptions): void {
  for (const [key, least, most] of bounds) {
    const value = options[key];
    if (!(value >= least && value <= most)) {
      throw fault(key, `must be between ${least} and ${most}`, value);
    }
  }
  for (const key of ["seed", "levels", "levelGapTicks"] as const) {
    const value = options[key];
    if (!Number.isSafeInteger(value)) throw fault(key, "must be a whole number", value);
  }
  const { durationSec } = options;
  if (durationSec !== undefined && !(durationSec > 0)) {
    throw fault("durationSec", "must be above 0", durationSec);
  }
}

/** The error for an option that does not fit. */
export function fault(option: keyof SynthOptions, rule: string, value: number): RangeError {
  return new RangeError(`${option} ${rule}: current value is ${value}`);
}
