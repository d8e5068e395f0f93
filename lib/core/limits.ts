// The settings of the risk gate, in people's units, as one table: names, defaults, bounds and help.
// `risk.ts` holds the rules that trim a plan, `breakers.ts` those that change the state of the run.

import type { ParamSpec } from "./params.ts";

/** What a loss or volatility limit does when it is reached. */
export type RiskAction = "pause" | "reduce" | "halt" | "flatten";

/** The limits of a run. An absent one is off. USD stands for the market's quote currency. */
export interface RiskLimits {
  /** Worst-case position, with all resting orders of one side filled, in USD at the mark. */
  readonly maxPositionUsd?: number;
  /** Notional of one order. */
  readonly maxOrderUsd?: number;
  /** Orders resting at once. */
  readonly maxOpenOrders: number;
  /** How far a taker order, or a maker order that crosses the mid, may be from mid. */
  readonly priceCollarPct: number;
  /** Market data older than this pulls all quotes. */
  readonly staleMs: number;
  /** Fall of equity from the run's peak. */
  readonly maxDrawdownPct?: number;
  readonly drawdownAction: RiskAction;
  /** Loss since 00:00 UTC. */
  readonly dailyLossUsd?: number;
  readonly dailyLossAction: RiskAction;
  /** Loss since the start of the run, of capital. */
  readonly runLossPct?: number;
  readonly runLossAction: RiskAction;
  /** Pause while ATR exceeds this multiple of its 24 h median. Needs an hour of bars. */
  readonly atrPauseMultiple?: number;
  /** Pause while ATR exceeds this part of the price. */
  readonly atrPausePct?: number;
  readonly atrBars: number;
  readonly atrBarSec: number;
  readonly atrAction: RiskAction;
  /** Move of mid within one second. */
  readonly movePct1s?: number;
  readonly moveAction: RiskAction;
  /** Spread of the book, of mid. */
  readonly maxSpreadPct?: number;
  readonly spreadAction: RiskAction;
  /** How long a pause or a reduction lasts after its cause is gone. */
  readonly cooldownMs: number;
  /** Perp: equity of the account that must stay available; with less the run only shrinks. */
  readonly marginHeadroomPct: number;
  /** Perp: with the mark nearer to the liquidation price than this the run only shrinks. */
  readonly liquidationDistancePct?: number;
  /** Perp: while a position pays more funding than this an hour it only shrinks. */
  readonly fundingLimitPct?: number;
  /** Perp: a reduce-only stop rests at the exchange this far from the entry price. */
  readonly guardStopPct?: number;
  /** Perp: that stop follows the best price at this distance. */
  readonly trailPct?: number;
  /** Positions of all runs on the account together; what the others leave is this run's. */
  readonly maxAccountExposureUsd?: number;
  /** Loss of all runs on the account since 00:00 UTC; does what `dailyLossAction` says. */
  readonly accountDailyLossUsd?: number;
}

/** Every setting with its default, bounds and help: flags, presets and `check` read this. */
export const riskSpecs = {
  maxPositionUsd: usd("worst-case position with every resting order of one side filled"),
  maxOrderUsd: usd("notional of one order"),
  maxOpenOrders: {
    type: "integer",
    default: 200,
    min: 0,
    max: 1000,
    help: "orders resting at once",
  },
  priceCollarPct: {
    type: "number",
    default: 5,
    min: 0,
    max: 100,
    unit: "%",
    help: "farthest a taker or mid-crossing order may be from mid",
  },
  staleMs: {
    type: "integer",
    default: 5000,
    min: 100,
    max: 86_400_000,
    unit: "ms",
    help: "market data older than this pulls all quotes",
  },
  maxDrawdownPct: percent(5, "fall of equity from the run's peak"),
  drawdownAction: action("halt"),
  dailyLossUsd: usd("loss since 00:00 UTC"),
  dailyLossAction: action("halt"),
  runLossPct: percent(null, "loss since the start, of capital"),
  runLossAction: action("halt"),
  atrPauseMultiple: {
    type: "number",
    default: null,
    min: 1,
    max: 1000,
    help: "pause while ATR exceeds this multiple of its 24 h median",
  },
  atrPausePct: percent(null, "pause while ATR exceeds this part of the price"),
  atrBars: { type: "integer", default: 14, min: 1, max: 1440, help: "bars in the ATR" },
  atrBarSec: {
    type: "integer",
    default: 60,
    min: 1,
    max: 86_400,
    unit: "s",
    help: "length of an ATR bar",
  },
  atrAction: action("pause"),
  movePct1s: percent(null, "move of mid within one second"),
  moveAction: action("pause"),
  maxSpreadPct: percent(null, "spread of the book, of mid"),
  spreadAction: action("pause"),
  cooldownMs: {
    type: "integer",
    default: 5000,
    min: 0,
    max: 86_400_000,
    unit: "ms",
    help: "how long a pause lasts after its cause is gone",
  },
  marginHeadroomPct: percent(20, "perp: equity of the account that must stay available"),
  liquidationDistancePct: percent(
    null,
    "perp: least distance of the mark to the liquidation price",
  ),
  fundingLimitPct: percent(null, "perp: most funding a position may pay an hour"),
  guardStopPct: percent(null, "perp: distance from entry of the stop kept at the exchange"),
  trailPct: percent(null, "perp: distance at which that stop follows the best price"),
  maxAccountExposureUsd: usd("positions of all runs on the account together"),
  accountDailyLossUsd: usd("loss of all runs on the account since 00:00 UTC"),
} as const satisfies { readonly [K in keyof Required<RiskLimits>]: ParamSpec };

/** The limits of a run that sets none. */
export const defaultLimits: RiskLimits = {
  maxOpenOrders: 200,
  priceCollarPct: 5,
  staleMs: 5000,
  maxDrawdownPct: 5,
  drawdownAction: "halt",
  dailyLossAction: "halt",
  runLossAction: "halt",
  atrBars: 14,
  atrBarSec: 60,
  atrAction: "pause",
  moveAction: "pause",
  spreadAction: "pause",
  cooldownMs: 5000,
  marginHeadroomPct: 20,
};

/** The stricter of each numeric limit; other settings of `asked` (a strategy's) fill gaps only. */
export function stricter(own: RiskLimits, asked: Partial<RiskLimits>): RiskLimits {
  return {
    ...asked,
    ...own,
    ...least("maxPositionUsd", own, asked),
    ...least("maxOrderUsd", own, asked),
    ...least("maxOpenOrders", own, asked),
    ...least("priceCollarPct", own, asked),
    ...least("staleMs", own, asked),
    ...least("maxDrawdownPct", own, asked),
    ...least("dailyLossUsd", own, asked),
    ...least("runLossPct", own, asked),
    ...least("atrPauseMultiple", own, asked),
    ...least("atrPausePct", own, asked),
    ...least("movePct1s", own, asked),
    ...least("maxSpreadPct", own, asked),
    ...least("fundingLimitPct", own, asked),
    ...least("guardStopPct", own, asked),
    ...least("trailPct", own, asked),
    ...least("maxAccountExposureUsd", own, asked),
    ...least("accountDailyLossUsd", own, asked),
    ...most("marginHeadroomPct", own, asked),
    ...most("liquidationDistancePct", own, asked),
    ...(asked.cooldownMs === undefined
      ? {}
      : { cooldownMs: Math.max(own.cooldownMs, asked.cooldownMs) }),
  };
}

/**
 * The limits of one run among several on an account: its position may be what the others leave
 * of `maxAccountExposureUsd`. Asked anew each time, since they move.
 */
export function besideOthers(
  limits: RiskLimits,
  account: { readonly othersUsd: number },
): RiskLimits {
  const { maxAccountExposureUsd: most, maxPositionUsd = Infinity } = limits;
  if (most === undefined) return limits;
  return {
    ...limits,
    get maxPositionUsd() {
      return Math.min(maxPositionUsd, Math.max(0, most - account.othersUsd));
    },
  };
}

/** Whether some limit must be asked at each move of the book, not only at the cadence. */
export function isEager({ movePct1s, maxSpreadPct }: RiskLimits): boolean {
  return movePct1s !== undefined || maxSpreadPct !== undefined;
}

type NumberKey = {
  [K in keyof RiskLimits]-?: number extends RiskLimits[K] ? K : never;
}[keyof RiskLimits];

function least(key: NumberKey, own: RiskLimits, asked: Partial<RiskLimits>): Partial<RiskLimits> {
  const a = own[key];
  const b = asked[key];
  if (a === undefined) return b === undefined ? {} : { [key]: b };
  return b === undefined ? { [key]: a } : { [key]: Math.min(a, b) };
}

function most(key: NumberKey, own: RiskLimits, asked: Partial<RiskLimits>): Partial<RiskLimits> {
  const a = own[key];
  const b = asked[key];
  if (a === undefined) return b === undefined ? {} : { [key]: b };
  return { [key]: Math.max(a, b ?? a) };
}

function usd(help: string) {
  return { type: "number", default: null, min: 0, max: 45_000_000, unit: "USD", help } as const;
}

function percent<const D extends number | null>(preset: D, help: string) {
  return { type: "number", default: preset, min: 0, max: 100, unit: "%", help } as const;
}

function action<const D extends RiskAction>(preset: D) {
  return {
    type: "choice",
    default: preset,
    choices: ["pause", "reduce", "halt", "flatten"],
    help: "what reaching the limit does",
  } as const;
}
