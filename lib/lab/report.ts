// The report of a run: one plain document that holds everything a person or a program may ask of it.
// Money and quantities are decimal strings, so that no reader loses a digit; ratios and spans are
// numbers with the unit in the key; times are ISO strings with microseconds; null is "not known".

import { assert } from "../core/assert.ts";
import { formatDecimal } from "../core/decimal.ts";
import {
  defineMarket,
  formatCash,
  formatPrice,
  formatQuantity,
  type Market,
} from "../core/market.ts";
import type { RawParam } from "../core/params.ts";
import { cash, COIN_DECIMALS } from "../core/units.ts";
import type { EquitySample, FillRow, Metrics } from "./metrics.ts";
import type { PointsFacts } from "./points_week.ts";
import type { QuotingFacts } from "./quoting.ts";

/** How this run was set up. */
export interface RunFacts {
  readonly id: string;
  readonly seed: number;
  readonly strategy: string;
  /** The symbol. */
  readonly market: string;
  readonly params: { readonly [name: string]: RawParam };
  /** Of the program. */
  readonly version: string;
  /** Where market data came from: candles, ticks, sim or backpack. */
  readonly feed: string;
  readonly fillModel: string;
  readonly latencyMs: number;
  readonly fees: { readonly makerBps: number; readonly takerBps: number };
}

/** The units of prices and quantities. */
export interface MarketFacts {
  readonly symbol: string;
  readonly kind: "spot" | "perp";
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly lotSize: string;
}

/** What the run was fed with. Counts are rows, but `gaps`, which are missing bars. */
export interface DataSummary {
  readonly files: readonly {
    readonly path: string;
    readonly kind: string;
    readonly rows: number;
  }[];
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly skipped: number;
  readonly rounded: number;
  readonly gaps: number;
}

/** Where the equity change came from; each a decimal string in quote currency. */
export interface LedgerFacts {
  readonly equityStart: string;
  readonly equityEnd: string;
  readonly realised: string;
  /** The change of it, where inventory was taken over. */
  readonly unrealised: string;
  /** Negative = rebates. */
  readonly fees: string;
  /** Received; negative = paid. */
  readonly funding: string;
  /** Equity by the ledger minus equity by the exchange account; null where that is not the run's alone. */
  readonly identityError: string | null;
}

/** One run, whole. */
export interface Report {
  readonly run: RunFacts;
  readonly market: MarketFacts;
  readonly data: DataSummary;
  /** How many. */
  readonly fills: number;
  /** `rejected` by the exchange, `refused` by the risk gate. */
  readonly orders: {
    readonly placed: number;
    readonly cancelled: number;
    readonly rejected: number;
    readonly refused: number;
  };
  readonly ledger: LedgerFacts;
  /** Two parts of the equity change: completed pairs after fees, and the rest. */
  readonly profit: {
    readonly grid: string;
    readonly inventory: string;
    /** Completed pairs per rung crossing of the price, 0.5 at best; null where there are no rungs or no path. */
    readonly gridEfficiency: number | null;
  };
  readonly metrics: Metrics;
  readonly flow: QuotingFacts;
  readonly points: PointsFacts;
  /** The risk state at the end. */
  readonly state: {
    readonly name: string;
    readonly rule: string | null;
    readonly text: string | null;
    readonly since: string | null;
  };
  /** Refusals of the risk gate by rule. */
  readonly refusals: { readonly [rule: string]: number };
  /** Of the last plan. */
  readonly reason: string | null;
  /** Equal digests mean equal commands. */
  readonly commandsDigest: string;
  /** Of the machine, not of the market: the one part that differs between equal runs. */
  readonly timing: {
    readonly events: number;
    readonly seconds: number;
    readonly eventsPerSecond: number | null;
  };
  /** What a reader must know to judge the figures, a sentence each. */
  readonly notes: readonly string[];
}

/** The part of a market that a report keeps. */
export function marketFacts(market: Market): MarketFacts {
  const { symbol, kind, base, quote } = market;
  const tickSize = formatDecimal(market.tickUnits, market.priceDecimals);
  const lotSize = formatDecimal(market.lotUnits, market.quantityDecimals);
  return { symbol, kind, base, quote, tickSize, lotSize };
}

/** The report as JSON. Throws `Bug` on NaN or an infinity, which JSON would turn into null unseen. */
export function reportJson(report: Report): string {
  const checked = (key: string, value: unknown) => {
    assert(typeof value !== "number" || Number.isFinite(value), `report: ${key} is ${value}`);
    return value;
  };
  return `${JSON.stringify(report, checked, 2)}\n`;
}

/** Fills as CSV with a header. Times in µs, the fee in the currency it was charged in. */
export function fillsCsv(market: MarketFacts, fills: readonly FillRow[]): string {
  const grid = gridOf(market);
  const head = "time_us,side,price,quantity,maker,fee,fee_symbol,tag,position_after";
  return lines(head, fills, (fill) => [
    String(fill.time),
    fill.side,
    formatPrice(grid, fill.price),
    formatQuantity(grid, fill.quantity),
    String(fill.maker),
    formatDecimal(fill.feeBase === 0 ? fill.fee : fill.feeBase, COIN_DECIMALS),
    quoted(fill.feeBase === 0 ? market.quote : market.base),
    quoted(fill.tag ?? ""),
    formatQuantity(grid, fill.positionAfter),
  ]);
}

/** Equity as CSV with a header; `drawdown` is the money below the highest sample so far. */
export function equityCsv(market: MarketFacts, samples: readonly EquitySample[]): string {
  const grid = gridOf(market);
  let peak = -Infinity;
  return lines("time_us,equity,position,drawdown", samples, ({ time, equity, position }) => {
    peak = Math.max(peak, equity);
    const drawdown = cash(peak - equity);
    return [
      String(time),
      formatCash(equity),
      formatQuantity(grid, position),
      formatCash(drawdown),
    ];
  });
}

/**
 * Writes report.json, fills.csv and equity.csv into `dir`, made if it is not there. Each appears
 * whole or not at all, report.json last.
 */
export async function writeReport(
  dir: string,
  report: Report,
  fills: readonly FillRow[],
  equity: readonly EquitySample[],
): Promise<void> {
  const files = [
    ["equity.csv", equityCsv(report.market, equity)],
    ["fills.csv", fillsCsv(report.market, fills)],
    ["report.json", reportJson(report)],
  ] as const;
  await Deno.mkdir(dir, { recursive: true });
  for (const [name, text] of files) await Deno.writeTextFile(`${dir}/.${name}.partial`, text);
  for (const [name] of files) await Deno.rename(`${dir}/.${name}.partial`, `${dir}/${name}`);
}

/** A market with the same grid: limits, margins and bands play no part in printing. */
function gridOf({ symbol, kind, base, quote, tickSize, lotSize }: MarketFacts): Market {
  const least = { minQuantity: lotSize, minPrice: tickSize };
  return defineMarket({ symbol, kind, base, quote, tickSize, lotSize, ...least });
}

function lines<T>(head: string, rows: readonly T[], cells: (row: T) => readonly string[]): string {
  return `${[head, ...rows.map((row) => cells(row).join(","))].join("\n")}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
