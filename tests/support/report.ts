// A finished run to print and to write, for the tests of the study. The figures are made up but
// consistent: the ledger adds up, and the two parts of profit are the equity change.

import { cash, cashOf, lots, micros } from "../../lib/core/units.ts";
import { measure } from "../../lib/lab/metrics.ts";
import { marketFacts, type Report } from "../../lib/lab/report.ts";
import { perpMarket } from "./core.ts";

/** A report of an hour of a grid on SOL_USDC_PERP; `fields` replace what a test is about. */
export function aReport(fields: Partial<Report> = {}): Report {
  const market = perpMarket();
  const from = micros(1_735_689_600_000_000);
  const to = micros(1_735_693_200_000_000);
  return {
    run: {
      id: "3f2a",
      seed: 7,
      strategy: "grid",
      market: market.symbol,
      params: { levels: 20, autoPrice: true, lower: null, spacing: "arithmetic" },
      version: "0.1.0",
      feed: "candles",
      fillModel: "through",
      latencyMs: 100,
      fees: { makerBps: 2, takerBps: 5 },
    },
    market: marketFacts(market),
    data: {
      files: [{ path: "data/sol-1m.csv.gz", kind: "klines", rows: 61 }],
      rows: 61,
      from: "2025-01-01T00:00:00.000000Z",
      to: "2025-01-01T01:00:00.000000Z",
      skipped: 0,
      rounded: 3,
      gaps: 1,
    },
    fills: 42,
    orders: { placed: 120, cancelled: 58, rejected: 2, refused: 5 },
    ledger: {
      equityStart: "10000",
      equityEnd: "10016.42",
      realised: "20.5",
      unrealised: "-1.25",
      fees: "2.85000001",
      funding: "0.02000001",
      identityError: "0",
    },
    profit: { grid: "17.9", inventory: "-1.48", gridEfficiency: 0.25 },
    metrics: measure({
      market,
      capital: cashOf(10_000),
      samples: [
        { time: from, equity: cashOf(10_000), position: lots(0) },
        { time: to, equity: cashOf(10_016.42), position: lots(20) },
      ],
      fills: [],
      maxDrawdown: { cash: cash(0), fraction: 0, from, to: from },
      firstMid: 14_000,
      lastMid: 14_070,
    }),
    flow: {
      makerVolume: "12000",
      fillRatioPct: 12.5,
      quotedSec: { bid: 3540, ask: 90 },
      markoutBps: {
        bid: { after1s: -0.5, after5s: 0.25, after30s: null },
        ask: { after1s: null, after5s: null, after30s: null },
      },
    },
    points: {
      weeks: [{
        ends: "2025-01-02T00:00:00.000000Z",
        makerVolume: "12000",
        takerVolume: "0",
        fees: "2.85000001",
        realised: "20.5",
        costPer1000: -1.4708,
      }],
      tier: {
        now: { name: "1", makerBps: 2, takerBps: 5, fromUsd: 0 },
        next: { name: "2", makerBps: 1.9, takerBps: 4.5, fromUsd: 500_000 },
        toNextUsd: 488_000,
      },
    },
    state: { name: "ACTIVE", rule: null, text: null, since: null },
    refusals: { maxPositionUsd: 4, minQuantity: 1, ownCross: 0 },
    reason: "12 rungs of 20 quoted",
    commandsDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    timing: { events: 91_234, seconds: 0.5, eventsPerSecond: 182_468 },
    notes: [],
    ...fields,
  };
}
