// Real recordings, and a preset played over one of them as `backtest` would: for tables of what each
// preset earns or loses. Beside the report it says how many orders left with which the limit on
// exposure would have been exceeded, were all that is out to fill: there must be none.

import type { Command, Event } from "../../lib/core/event.ts";
import { stricter } from "../../lib/core/limits.ts";
import { cashOf, micros, SECOND, ticks } from "../../lib/core/units.ts";
import type { FillModel } from "../../lib/exchange/crowd.ts";
import { type Config, loadConfig } from "../../lib/app/config.ts";
import { readRecording, type Recording } from "../../lib/app/recording.ts";
import { reportOf } from "../../lib/lab/account_for.ts";
import { feedOf, firstPrice } from "../../lib/lab/backtest.ts";
import type { Report } from "../../lib/lab/report.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { run } from "../../lib/run.ts";

/** A recording of `../shared/data`, or a part of it (ISO dates or times, UTC). */
export interface Span {
  readonly name: string;
  readonly files: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

const folder = new URL("../../../shared/data/", import.meta.url).pathname;
const ofSolPerp = ["klines/SOLUSDT-PERP-BINANCE-1m-20250504-20250624.csv.gz"];
const ofSolSpot = ["klines/SOLUSD-SPOT-COINBASE-15m-20250101-20251028.csv.gz"];

/** One market that went sideways, one that fell and one that crashed, for perps and for spot. */
export const candleSpans: { readonly [kind in "perp" | "spot"]: readonly Span[] } = {
  perp: [
    { name: "ranging", files: ofSolPerp },
    { name: "falling", files: ["klines/SOLUSDT-PERP-BINANCE-1m-20250127-20250226.csv.gz"] },
    {
      ...{ name: "crash", from: "2025-10-06", to: "2025-10-16" },
      files: ["klines/SOLUSDT-PERP-BINANCE-5m-20250407-20251231.csv.gz"],
    },
  ],
  spot: [
    { name: "ranging", files: ofSolSpot, from: "2025-05-04", to: "2025-06-24" },
    { name: "falling", files: ofSolSpot, from: "2025-01-27", to: "2025-02-26" },
    { name: "crash", files: ofSolSpot, from: "2025-10-06", to: "2025-10-16" },
  ],
};

const ofHyperliquid = "SOLUSDC-PERP-HYPERLIQUID-20250904";
const ofBinance = "BTCUSDT-PERP-BINANCE-20240808";

/** Ticks of two perps, with the market each is played as. */
export const tickSpans: readonly (Span & { readonly market: string })[] = [
  {
    ...{ name: "Hyperliquid SOL, 35 minutes", market: "SOL_USDC_PERP" },
    files: [
      `trades/${ofHyperliquid}`,
      `book/${ofHyperliquid}-bbo`,
      `book/${ofHyperliquid}-top10`,
    ].map((name) => `${name}.csv.gz`),
  },
  {
    ...{ name: "Binance BTC, 6 minutes", market: "BTC_USDC_PERP" },
    files: [`trades/${ofBinance}`, `book/${ofBinance}-bbo`].map((name) => `${name}.csv.gz`),
  },
];

/** What is played. `set` are settings as `--set` takes them. */
export interface Play {
  readonly preset: string;
  readonly market?: string;
  readonly set?: readonly string[];
  readonly span: Span;
  readonly fillModel: FillModel;
}

/** What came of it. */
export interface Played {
  readonly report: Report;
  /** Orders with which the limit on exposure could have been exceeded. */
  readonly exceeded: number;
}

/** Plays a preset with 10,000 of quote currency and Backpack's published fees. */
export async function play({ preset, market, set = [], span, fillModel }: Play): Promise<Played> {
  const asked = { preset, set, ...(market === undefined ? {} : { market }) };
  const config = await loadConfig(asked, undefined);
  const recording = await readSpan(span, config);
  const { source, data } = recording;
  const perp = config.market.kind === "perp";
  const options = {
    ...config,
    balances: { [config.market.quote]: "10000" },
    capital: cashOf(10_000),
    fees: perp ? { maker: 2, taker: 5 } : { maker: 8, taker: 10 },
    ...{ seed: 1, fillModel, latencyMs: 50, version: "bench", data },
  };
  const path = "nearer";
  const feed = feedOf(source, { market: config.market, path, fillModel, seed: 1 });
  const parts = rig({ ...options, ...beginningOf(recording), feed });
  const watch = exposureWatch(parts, config);
  await run(parts.engine, parts.venue, [parts.record, watch]);
  parts.record.sample();
  const told = { feed: source.kind, seconds: 0, run: options, notes: [] };
  return { report: reportOf(parts, told), exceeded: watch.exceeded };
}

const read = new Map<string, Promise<Recording>>();

/** The recording of a span; each is read once. */
function readSpan({ files, from, to }: Span, { market }: Config): Promise<Recording> {
  const key = `${market.symbol} ${files} ${from} ${to}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const time = (text: string) => micros(Date.parse(text) * 1000);
  const recording = readRecording(files.map((name) => folder + name), market, {
    errors: "refuse",
    ...(from === undefined ? {} : { from: time(from) }),
    ...(to === undefined ? {} : { to: time(to) }),
  }, undefined);
  read.set(key, recording);
  return recording;
}

function beginningOf({ source }: Recording) {
  if (source.kind === "tape") {
    const { tape: { time }, tape } = source;
    const [from = 0, to = 0] = [time[0], time.at(-1)];
    return { price: firstPrice(tape), time: micros(from), span: to - from };
  }
  const { open, time, barSec } = source.candles;
  const [from = 0, to = 0] = [time[0], time.at(-1)];
  return { price: ticks(open[0] ?? 0), time: micros(from), span: to - from + barSec * SECOND };
}

/** Counts orders that add to a side whose worst case is then beyond the limit. */
function exposureWatch({ engine }: Rig, { strategy, limits, market, params }: Config) {
  const setup = { market, params, fees: { maker: 0, taker: 0 }, capital: cashOf(10_000) };
  const { maxPositionUsd } = stricter(limits, strategy.limits?.(setup) ?? {});
  return {
    exceeded: 0,
    seen(_event: Event, commands: readonly Command[]) {
      const { touch, orders, ledger } = engine.facts;
      const adding = commands.filter((command) =>
        command.kind === "place" && !command.reduceOnly &&
        (market.kind === "perp" || command.side === "bid")
      );
      if (adding.length === 0 || touch === undefined || maxPositionUsd === undefined) return;
      const worst = { bid: Number(ledger.position), ask: -ledger.position };
      for (const { side, remaining, reduceOnly } of orders.live) {
        if (!reduceOnly) worst[side] += remaining;
      }
      const most = Math.floor(cashOf(maxPositionUsd) / (touch.mark * market.cashPerTickLot));
      for (const command of adding) {
        if (command.kind === "place" && worst[command.side] > most) this.exceeded++;
      }
    },
  };
}
