// The simulated account as flags describe it.

import { deepEqual, equal, throws } from "node:assert/strict";
import { parseBalances, parseFees, parsePosition, publishedFees } from "../../lib/app/account.ts";
import { aMarketOf } from "../support/known_market.ts";

const spot = aMarketOf("SOL_USDC");
const perp = aMarketOf("SOL_USDC_PERP");

Deno.test("balances name assets of the market, each once, to eight decimals", () => {
  deepEqual(parseBalances("USDC=10000,SOL=2", spot), { USDC: "10000", SOL: "2" });
  deepEqual(parseBalances(" USDC = 0.00000001 ", spot), { USDC: "0.00000001" });
  deepEqual(parseBalances(undefined, spot), { USDC: "10000" });
});

Deno.test("a bad balance is refused with the rule it breaks", () => {
  const rows = [
    ["", "must be like USDC=10000,SOL=2"],
    ["USDC", "must be like USDC=10000,SOL=2"],
    ["USDC=", "of USDC must be a decimal with at most 8 places"],
    ["USDC=1=2", "must be like USDC=10000,SOL=2"],
    ["USDC=1,", "must be like USDC=10000,SOL=2"],
    ["USDC=1e3", "of USDC must be a decimal with at most 8 places"],
    ["USDC=0.000000001", "of USDC must be a decimal with at most 8 places"],
    ["USDC=-1", "of USDC must not be below zero"],
    ["USDC=1,USDC=2", "must name USDC once"],
    ["USDT=1", "must be of SOL_USDC: USDC or SOL (nearest: USDC)"],
    ["__proto__=1", "must be of SOL_USDC: USDC or SOL (nearest: SOL)"],
  ] as const;
  for (const [text, rule] of rows) {
    const message = `Cannot read the command line as --balance ${rule}: current value is ${
      text || "empty"
    }`;
    throws(() => parseBalances(text, spot), { message });
  }
});

Deno.test("fees are maker and taker in bps, by default those Backpack publishes", () => {
  deepEqual(parseFees("10/10", spot), { maker: 10, taker: 10 });
  deepEqual(parseFees("-0.5/4.25", perp), { maker: -0.5, taker: 4.25 });
  equal(parseFees(undefined, spot), publishedFees.spot);
  equal(parseFees(undefined, perp), publishedFees.perp);
  for (const text of ["", "10", "10/", "a/b", "1/2/3", "1001/1", "0.00001/1", "1,5/2", "NaN/1"]) {
    throws(() => parseFees(text, spot), /Cannot read the command line as --fees must be /);
  }
});

Deno.test("a position is a whole number of lots", () => {
  equal(parsePosition("2.5", spot), 250);
  equal(parsePosition("-2.5", perp), -250);
  for (const text of ["", "0.001", "two", "1e2"]) {
    throws(
      () => parsePosition(text, spot),
      /--position must be a whole number of lots of SOL_USDC/,
    );
  }
  throws(() => parsePosition("-1", spot), /--position must not be below zero on spot/);
});
