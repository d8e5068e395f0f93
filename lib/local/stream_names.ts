// The names of streams: `trade.SOL_USDC`, `kline.1m.SOL_USDC`, `account.orderUpdate`. A symbol may
// hold dots of its own (`AAPL.US_USDC_PERP`), so a name is read from its front.

import { isInterval } from "./bars.ts";

/** How long the slower depth streams gather, in ms. */
export const depthWindowsMs = [200, 600, 1_000] as const;

/** What a name asks for. quiet: of a known type, but nothing will ever come. */
export type NameVerdict = "public" | "private" | "quiet" | "invalidStream" | "invalidWindow";

const publicTypes = ["bookTicker", "trade", "ticker", "markPrice", "openInterest", "liquidation"];
const accountTypes = ["orderUpdate", "positionUpdate"];
/** Accepted, though nothing here would ever be said in them. */
const emptyTypes = ["rfqUpdate"];

/** Judges one name of a SUBSCRIBE frame. An unknown market is no fault: Backpack is silent on it. */
export function judgeName(name: string, isMarket: (symbol: string) => boolean): NameVerdict {
  const [type, rest] = front(name);
  const ofMarket = (symbol: string | undefined): NameVerdict => {
    if (symbol === undefined) return "invalidStream";
    return isMarket(symbol) ? "public" : "quiet";
  };
  if (type === "account") return judgeAccount(rest, isMarket);
  // Newer documents name the market, older ones do not.
  if (type === "liquidation" && rest === undefined) return "public";
  if (publicTypes.includes(type)) return ofMarket(rest);
  if (type === "kline") {
    const [interval, symbol] = front(rest ?? "");
    return isInterval(interval) ? ofMarket(symbol) : "invalidStream";
  }
  if (type !== "depth") return "invalidStream";
  const [window, symbol] = front(rest ?? "");
  const ms = /^(\d+)ms$/.exec(window)?.[1];
  if (ms === undefined) return ofMarket(rest);
  return depthWindowsMs.some((one) => String(one) === ms) ? ofMarket(symbol) : "invalidWindow";
}

function judgeAccount(
  rest: string | undefined,
  isMarket: (symbol: string) => boolean,
): NameVerdict {
  const [type, symbol] = front(rest ?? "");
  if (type === "balanceUpdate" && symbol === undefined) return "private";
  if (emptyTypes.includes(type)) return "quiet";
  if (!accountTypes.includes(type)) return "invalidStream";
  return symbol === undefined || isMarket(symbol) ? "private" : "quiet";
}

/** What stands before the first dot, and what stands after it. */
function front(text: string): readonly [string, string | undefined] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}
