// Candles and days under both sets of names, with the intervals in which nothing traded: those must
// come out without prices, never with zeros.

import assert from "node:assert/strict";
import { readKlines, readTicker, readTickers } from "../../lib/backpack/wire_bar.ts";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { marketOf, markets, plain } from "./examples.ts";
import { kline, type Message, ticker } from "./samples.ts";

const sol = marketOf("SOL_USDC");
const frame = (stream: string, data: Message) =>
  parseFrame(JSON.stringify({ stream, data }), markets);

const row = {
  start: "2026-09-01 17:23:00",
  end: "2026-09-01 17:24:00",
  open: "101.13",
  high: "101.14",
  low: "101.1",
  close: "101.11",
  volume: "0.44",
  quoteVolume: "44.4906",
  trades: "2",
};

Deno.test("candles come oldest first, whatever the order of the reply", () => {
  const later = { ...row, start: "2026-09-01 17:24:00", end: "2026-09-01 17:25:00" };
  const bars = readKlines(JSON.stringify([later, row]), sol);
  assert.deepEqual(bars.map(({ start }) => start), [1_788_283_380_000_000, 1_788_283_440_000_000]);
  assert.deepEqual(bars[0], {
    start: 1_788_283_380_000_000,
    end: 1_788_283_440_000_000,
    prices: { open: 10_113, high: 10_114, low: 10_110, close: 10_111 },
    volume: 44,
    trades: 2,
  });
});

Deno.test("an interval without a trade has no prices; one with trades must have all", () => {
  const none = { open: null, high: null, low: null, close: null };
  const [bar] = readKlines(JSON.stringify([{ ...row, ...none, volume: "0", trades: "0" }]), sol);
  assert.deepEqual([bar?.prices, bar?.volume, bar?.trades], [undefined, 0, 0]);
  for (const name of Object.keys(none)) {
    assert.throws(() => readKlines(JSON.stringify([{ ...row, [name]: null }]), sol), {
      name: "WireFault",
      field: name,
    });
  }
});

Deno.test("candles of the stream", () => {
  assert.deepEqual(plain(frame("kline.1m.SOL_USDC", kline)), {
    kind: "bar",
    market: "SOL_USDC",
    time: 1_788_367_440_511_558,
    bar: {
      start: 1_788_367_380_000_000,
      end: 1_788_367_440_000_000,
      prices: { open: 9_895, high: 9_899, low: 9_890, close: 9_896 },
      volume: 1_234,
      trades: 7,
    },
    closed: true,
  });
  const running = frame("kline.1m.SOL_USDC", { ...kline, X: false });
  assert(running !== undefined && "closed" in running && !running.closed);
  const empty = { ...kline, o: null, h: null, l: null, c: null, v: null, n: 0 };
  assert.deepEqual(plain(frame("kline.1m.SOL_USDC", empty)), {
    kind: "bar",
    market: "SOL_USDC",
    time: 1_788_367_440_511_558,
    bar: { start: 1_788_367_380_000_000, end: 1_788_367_440_000_000, volume: 0, trades: 0 },
    closed: true,
  });
  assert(frame("kline.1m.SOL_USDC", { ...kline, v: null }) instanceof WireFault);
});

const day = {
  symbol: "BTC_USDC_PERP",
  firstPrice: "85486.3",
  lastPrice: "86625",
  high: "86812.4",
  low: "85075.4",
  volume: "1801.83549",
  quoteVolume: "154927125.41812",
  trades: "32259",
  priceChangePercent: "N/A",
};

Deno.test("tickers, of markets of this run only", () => {
  const expected = {
    market: "BTC_USDC_PERP",
    prices: { open: 854_863, high: 868_124, low: 850_754, close: 866_250 },
    volume: 180_183_549,
    quoteVolume: 154_927_125.41812,
    trades: 32_259,
  };
  assert.deepEqual(plain(readTicker(JSON.stringify(day), markets)), expected);
  const other = { symbol: "FDVEXTD1B_USDC_PREDICTION" };
  assert.deepEqual(plain(readTickers(JSON.stringify([other, day]), markets)), [expected]);
  assert.throws(() => readTicker(JSON.stringify({ ...day, symbol: "X" }), markets), {
    field: "symbol",
  });
  const quiet = { ...day, firstPrice: "0", lastPrice: "0", high: "0", low: "0", trades: "0" };
  assert.equal(readTicker(JSON.stringify({ ...quiet, volume: "0" }), markets).prices, undefined);
});

Deno.test("the ticker of the stream", () => {
  assert.deepEqual(plain(frame("ticker.SOL_USDC", ticker)), {
    kind: "ticker",
    time: 1_788_367_430_549_233,
    market: "SOL_USDC",
    prices: { open: 10_087, high: 10_119, low: 9_738, close: 9_898 },
    volume: 1_508_956,
    quoteVolume: 1_498_114.9234,
    trades: 6_796,
  });
});
