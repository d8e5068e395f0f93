// What the bot asks of a cell and what it takes for an answer. Questions are plain data; an answer is
// JSON text of a bounded length, since text can be measured before anything is made of it.

import type { BacktestOptions } from "../lab/backtest.ts";
import type { Capabilities, Granted } from "./capabilities.ts";
import type { Observation, Plan, Setup, View } from "../core/strategy.ts";
import type { RiskLimits } from "../core/limits.ts";
import type { ParamSpecs } from "../core/params.ts";

/** Most characters of an answer, the memory of a strategy included. */
export const MOST_ANSWER = 1 << 20;
/** Most characters of the answer to a backtest: every fill of it is in there. */
export const MOST_RESULT = 1 << 28;
/** Most characters of what a plugin says of itself in an error. */
export const MOST_FAULT = 300;

/** A view as data: what it draws from is seeded again in the cell. */
export type SeenView = Omit<View, "random">;

/** The file that is the plugin, and all that it may import: [as written, as it really is]. */
export interface Entry {
  readonly url: string;
  readonly files: readonly (readonly [string, string])[];
}

/** How a strategy begins in the cell, or goes on with the memory it had. */
export interface Beginning {
  readonly setup: Setup;
  readonly seed: number;
  readonly memory?: object;
}

/** One question. */
export type Question =
  /** Imports the plugin: asked first, once. */
  | { readonly kind: "describe"; readonly entry: Entry }
  | { readonly kind: "terms"; readonly setup: Setup }
  | {
    /** Takes what happened, then plans if there is a view. */
    readonly kind: "plan";
    readonly begin?: Beginning;
    /** The view to start with, where there is no memory yet. */
    readonly start?: SeenView;
    readonly observations: readonly Observation[];
    readonly view?: SeenView;
  }
  /** What the strategy would start or plan with: the run that is under way is left alone. */
  | {
    readonly kind: "try";
    readonly begin: Beginning;
    readonly start?: SeenView;
    readonly view?: SeenView;
  }
  | { readonly kind: "beat" }
  /** One whole backtest, where there are no keys. */
  | {
    readonly kind: "backtest";
    readonly options: CellBacktest;
    readonly granted: Granted;
    /** The time the strategy was last asked at, a 64-bit float. */
    readonly progress: SharedArrayBuffer;
  };

/** A backtest without what cannot be sent. */
export type CellBacktest = Omit<BacktestOptions, "strategy" | "breathe" | "stop">;

/** A question on its way. `now`: the answer is awaited in the shared memory, and nothing else is done. */
export interface Asked {
  readonly id: number;
  readonly now: boolean;
  readonly question: Question;
}

/** What a cell is sent first. */
export interface Opening {
  readonly port: MessagePort;
  /** State and length as two 32-bit numbers, then the answer to a question asked `now` as UTF-8. */
  readonly shared: SharedArrayBuffer;
}

/** Where the bytes of an answer begin in the shared memory. */
export const SHARED_HEAD = 8;

/** What a plugin is. */
export interface Description {
  readonly name: string;
  readonly summary: string;
  readonly params: ParamSpecs;
  readonly capabilities: Capabilities;
}

/** What a plugin asks of a run with one setup. */
export interface Terms {
  readonly observes: readonly Observation["kind"][];
  readonly everyMs?: number;
  readonly limits: Partial<RiskLimits>;
  readonly warmup?: { readonly bars: number; readonly barSec: number };
}

/** What a strategy answers when it is asked for a plan. */
export interface Planned {
  readonly plan: Plan;
  readonly memory: object;
}
