// Which names of streams there are.

import { equal } from "node:assert/strict";
import { judgeName, type NameVerdict } from "../../lib/local/stream_names.ts";

Deno.test("a name is judged by its type, its window and its market", () => {
  const rows: readonly (readonly [string, NameVerdict])[] = [
    ["bookTicker.SOL_USDC", "public"],
    ["depth.SOL_USDC", "public"],
    ["depth.AAPL.US_USDC_PERP", "public"],
    ["depth.200ms.SOL_USDC", "public"],
    ["depth.600ms.AAPL.US_USDC_PERP", "public"],
    ["depth.1000ms.SOL_USDC", "public"],
    ["depth.100ms.SOL_USDC", "invalidWindow"],
    ["depth.200ms.NO_MARKET", "quiet"],
    ["depth.200ms", "invalidStream"],
    ["depth", "invalidStream"],
    ["trade.SOL_USDC", "public"],
    ["trade.NO_MARKET", "quiet"],
    ["trade", "invalidStream"],
    ["ticker.SOL_USDC", "public"],
    ["kline.1m.SOL_USDC", "public"],
    ["kline.1month.AAPL.US_USDC_PERP", "public"],
    ["kline.7m.SOL_USDC", "invalidStream"],
    ["kline.SOL_USDC", "invalidStream"],
    ["kline.1m.NO_MARKET", "quiet"],
    ["markPrice.SOL_USDC", "public"],
    ["openInterest.SOL_USDC", "public"],
    ["liquidation", "public"],
    ["liquidation.SOL_USDC", "public"],
    ["account.orderUpdate", "private"],
    ["account.orderUpdate.SOL_USDC", "private"],
    ["account.orderUpdate.NO_MARKET", "quiet"],
    ["account.positionUpdate", "private"],
    ["account.positionUpdate.AAPL.US_USDC_PERP", "private"],
    ["account.balanceUpdate", "private"],
    ["account.balanceUpdate.SOL_USDC", "invalidStream"],
    ["account.rfqUpdate", "quiet"],
    ["account.walletUpdate", "invalidStream"],
    ["account", "invalidStream"],
    ["bookTickers.SOL_USDC", "invalidStream"],
    ["", "invalidStream"],
  ];
  const symbols = ["SOL_USDC", "AAPL.US_USDC_PERP"];
  for (const [name, verdict] of rows) {
    equal(judgeName(name, (symbol) => symbols.includes(symbol)), verdict, name);
  }
});
