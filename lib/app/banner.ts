// What a person reads before the first real order: which market, how much at most, what a loss would
// stop at. Every figure is a limit of the risk gate; one that is off is said to be off.

import { formatCash, type Market } from "../core/market.ts";
import type { RiskLimits } from "../core/strategy.ts";
import type { Cash } from "../core/units.ts";

/** What the banner is about. */
export interface Stakes {
  readonly host: string;
  readonly market: Market;
  readonly strategy: string;
  readonly tag: number;
  readonly capital: Cash;
  readonly limits: RiskLimits;
  /** Open orders of others in the market. */
  readonly foreign: number;
  /** An earlier run that is gone on with. */
  readonly continues: string | undefined;
}

/** The lines before a live run. */
export function banner(stakes: Stakes): readonly string[] {
  const { host, market, strategy, tag, capital, limits, foreign, continues } = stakes;
  const { quote, symbol } = market;
  const usd = (value: number | undefined) => value === undefined ? "no limit" : `${value} ${quote}`;
  return [
    `LIVE       real orders on ${host}, ${symbol}, strategy ${strategy}, order tag ${tag}`,
    `Capital    ${formatCash(capital)} ${quote}`,
    `Position   at most ${
      usd(limits.maxPositionUsd)
    }; that is also the worst case of a market gone`,
    `Stops at   ${losses(limits, quote)}`,
    ...(continues === undefined ? [] : [`Goes on    with run ${continues}: its orders and memory`]),
    ...(foreign === 0
      ? []
      : [`Others     ${foreign} open ${plural(foreign)} of others in ${symbol}: not touched`]),
  ];
}

function losses(limits: RiskLimits, quote: string): string {
  const { maxDrawdownPct, dailyLossUsd, runLossPct } = limits;
  const said = [
    maxDrawdownPct === undefined ? [] : [`${maxDrawdownPct} % below the peak`],
    dailyLossUsd === undefined ? [] : [`a loss of ${dailyLossUsd} ${quote} in a UTC day`],
    runLossPct === undefined ? [] : [`a loss of ${runLossPct} % of the capital`],
  ].flat();
  return said.length === 0 ? "no loss: every loss limit is off" : said.join(", ");
}

function plural(count: number): string {
  return count === 1 ? "order" : "orders";
}
