// What holds a run back: the states it can be in, what a breached limit makes of them, and which of
// two holds is the stricter. The rules that put holds on a run are in breakers.ts.

import type { RiskAction } from "./limits.ts";
import type { Micros } from "./units.ts";

/** ACTIVE: trades. REDUCING: may only shrink. FLATTENING: closes, then halts. HALTED: nothing rests. */
export type RiskStateName = "ACTIVE" | "REDUCING" | "FLATTENING" | "HALTED";

/** The state of the run and why. */
export interface RiskState {
  readonly name: RiskStateName;
  /** The setting that was breached, or the command: pause, flatten, halt. Absent while ACTIVE. */
  readonly rule?: string;
  /** One line with the value and the limit. */
  readonly text?: string;
  /** When it began; 0 until the first change. */
  readonly since: Micros;
  /** Ends by itself then, at the next pulse; absent: by command, or when flat. */
  readonly until?: Micros;
}

/** The settings that are a number to stay within. */
export type LimitRule =
  | "maxDrawdownPct"
  | "dailyLossUsd"
  | "runLossPct"
  | "atrPauseMultiple"
  | "atrPausePct"
  | "movePct1s"
  | "maxSpreadPct"
  | "staleMs"
  | "marginHeadroomPct"
  | "liquidationDistancePct"
  | "fundingLimitPct"
  | "accountDailyLossUsd";

/** What is held against a limit. */
export interface Gauge<R extends LimitRule = LimitRule> {
  readonly rule: R;
  /** Undefined: not ready. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly action: RiskAction;
  /** The limit is a least, not a most. */
  readonly isLeast?: true;
}

/** What one rule or command holds the run to. */
export type Hold = Required<Pick<RiskState, "rule" | "text">> & Pick<RiskState, "name" | "until">;

/** The state an action puts the run in; pause and reduce end by themselves at `until`. */
export function effectOf(action: RiskAction, until: Micros): Pick<RiskState, "name" | "until"> {
  switch (action) {
    case "pause":
      return { name: "HALTED", until };
    case "reduce":
      return { name: "REDUCING", until };
    case "halt":
      return { name: "HALTED" };
    case "flatten":
      return { name: "FLATTENING" };
  }
}

/** The stricter hold first; of equals the one that lasts longer. */
export function strictestFirst(a: Hold, b: Hold): number {
  return strictness(b) - strictness(a) || (b.until ?? 0) - (a.until ?? 0);
}

function strictness({ rule, name, until }: Hold): number {
  if (name === "FLATTENING") return rule === "flatten" ? 4 : 2;
  if (name === "HALTED") return until === undefined ? 3 : 1;
  return 0;
}
