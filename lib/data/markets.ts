// Markets for work without a connection: backtests, tests, the demo. A snapshot of Backpack's own
// list (GET /api/v1/markets, captures of 2025 and 2026), used offline only: where the exchange can
// be asked, its list wins. Two markets of another venue are here for recordings made there.

import { defineMarket, type Market, type MarketRules, type PriceBands } from "../core/market.ts";

/** What the API gives most markets: ×0.25 to ×2 of the last trade, market orders within 1 %. */
const WIDE: PriceBands = { last: { min: 0.25, max: 2 }, impact: { min: 0.99, max: 1.01 } };

/** The most one hour of funding may cost on the large perps, in bps. */
const HOURLY = {
  fundingIntervalMs: 3_600_000,
  fundingBoundBps: { min: -100, max: 100 },
} as const;

/** The markets known offline; strings as the exchange writes them. */
export const knownMarkets: readonly MarketRules[] = [
  {
    symbol: "SOL_USDC",
    base: "SOL",
    quote: "USDC",
    kind: "spot",
    tickSize: "0.01",
    lotSize: "0.01",
    minQuantity: "0.01",
    minPrice: "0.01",
    bands: { ...WIDE, mark: { min: 0.97, max: 1.03 } },
  },
  {
    symbol: "SOL_USDC_PERP",
    base: "SOL",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.01",
    lotSize: "0.01",
    minQuantity: "0.01",
    minPrice: "0.01",
    maxPrice: "1000",
    bands: { ...WIDE, mark: { min: 0.9, max: 1.1 } },
    initialMargin: { base: 0.02, factor: 0.00006 },
    maintenanceMargin: { base: 0.0135, factor: 0.000036 },
    ...HOURLY,
  },
  {
    // Not among the captures: the bands are assumed to be those of SOL_USDC.
    symbol: "BTC_USDC",
    base: "BTC",
    quote: "USDC",
    kind: "spot",
    tickSize: "0.1",
    lotSize: "0.00001",
    minQuantity: "0.00001",
    minPrice: "0.1",
    bands: { ...WIDE, mark: { min: 0.97, max: 1.03 } },
  },
  {
    symbol: "BTC_USDC_PERP",
    base: "BTC",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.1",
    lotSize: "0.00001",
    minQuantity: "0.00001",
    minPrice: "0.1",
    maxPrice: "1000000",
    bands: { ...WIDE, mark: { min: 0.96, max: 1.04 } },
    initialMargin: { base: 0.01333333, factor: 0.00002494 },
    maintenanceMargin: { base: 0.00666667, factor: 0.00001496 },
    ...HOURLY,
  },
  {
    // Not among the captures: the bands are assumed to be those of SOL_USDC.
    symbol: "ETH_USDC",
    base: "ETH",
    quote: "USDC",
    kind: "spot",
    tickSize: "0.01",
    lotSize: "0.0001",
    minQuantity: "0.0001",
    minPrice: "0.01",
    bands: { ...WIDE, mark: { min: 0.97, max: 1.03 } },
  },
  {
    // Not among the captures: bands as BTC_USDC_PERP, margins assumed close to SOL_USDC_PERP.
    symbol: "ETH_USDC_PERP",
    base: "ETH",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.01",
    lotSize: "0.0001",
    minQuantity: "0.0001",
    minPrice: "0.01",
    bands: { ...WIDE, mark: { min: 0.96, max: 1.04 } },
    initialMargin: { base: 0.02, factor: 0.00005 },
    maintenanceMargin: { base: 0.0125, factor: 0.00003 },
    ...HOURLY,
  },
  {
    symbol: "IP_USDC_PERP",
    base: "IP",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.00001",
    lotSize: "0.1",
    minQuantity: "0.1",
    minPrice: "0.0001",
    maxPrice: "1000",
    state: "Closed",
    bands: {
      last: { min: 0.75, max: 1.25 },
      mark: { min: 0.87, max: 1.25 },
      impact: { min: 0.96, max: 1.04 },
    },
    initialMargin: { base: 0.2, factor: 0.001 },
    maintenanceMargin: { base: 0.1, factor: 0.0006 },
    fundingIntervalMs: 3_600_000,
    fundingBoundBps: { min: -150, max: 150 },
  },
  {
    symbol: "kPEPE_USDC_PERP",
    base: "kPEPE",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.0000001",
    lotSize: "100",
    minQuantity: "100",
    minPrice: "0.000001",
    maxPrice: "1000",
    bands: { ...WIDE, mark: { min: 0.9, max: 1.1 } },
    initialMargin: { base: 0.06666667, factor: 0.00015676 },
    maintenanceMargin: { base: 0.03333333, factor: 0.00009406 },
    fundingIntervalMs: 3_600_000,
    fundingBoundBps: { min: -150, max: 150 },
  },
  {
    symbol: "MU.US_USDC_PERP",
    base: "MU.US",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.01",
    lotSize: "0.001",
    minQuantity: "0.001",
    minPrice: "0.01",
    maxPrice: "5000",
    bands: { ...WIDE, mark: { min: 0.95, max: 1.05 } },
    initialMargin: { base: 0.1, factor: 0.0006 },
    maintenanceMargin: { base: 0.05, factor: 0.00036 },
    fundingIntervalMs: 3_600_000,
    fundingBoundBps: { min: -150, max: 150 },
  },
  {
    // Binance spot, for its recordings.
    symbol: "BTCUSDT",
    base: "BTC",
    quote: "USDT",
    kind: "spot",
    tickSize: "0.01",
    lotSize: "0.00001",
    minQuantity: "0.00001",
    minPrice: "0.01",
  },
  {
    // Binance USD-M futures, for its recordings.
    symbol: "BTCUSDT_PERP",
    base: "BTC",
    quote: "USDT",
    kind: "perp",
    tickSize: "0.1",
    lotSize: "0.001",
    minQuantity: "0.001",
    minPrice: "0.1",
  },
];

/** The market of that symbol, or undefined when it is not known offline. */
export function findMarket(symbol: string): Market | undefined {
  const rules = knownMarkets.find((market) => market.symbol === symbol);
  return rules === undefined ? undefined : defineMarket(rules);
}
