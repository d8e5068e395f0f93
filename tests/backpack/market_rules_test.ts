// What may change in a market while a run goes on, and what may not.

import assert from "node:assert/strict";
import { lots, ticks } from "../../lib/core/units.ts";
import type { Market } from "../../lib/core/market.ts";
import { rulesChange } from "../../lib/backpack/market_rules.ts";
import { START } from "../support/core.ts";
import { market } from "./orders.ts";

Deno.test("changes of a market", () => {
  const rows: readonly (readonly [Partial<Market>, string])[] = [
    [{}, "none"],
    [{ state: "PostOnly" }, "state"],
    [{ state: "CancelOnly", minPrice: ticks(2) }, "rules"],
    [{ minQuantity: lots(2) }, "rules"],
    [{ maxPrice: ticks(99_999) }, "rules"],
    [{ bands: { mark: { min: 0.9, max: 1.1 } } }, "rules"],
    [{ tickUnits: 2 }, "stop SOL_USDC_PERP has another tick size"],
    [{ priceDecimals: 3 }, "stop SOL_USDC_PERP has another tick size"],
    [{ lotUnits: 2 }, "stop SOL_USDC_PERP has another lot size"],
    [{ quantityDecimals: 3 }, "stop SOL_USDC_PERP has another lot size"],
    [{ quote: "USDT" }, "stop SOL_USDC_PERP has another quote"],
    [{ state: "Closed" }, "stop SOL_USDC_PERP is closed"],
  ];
  for (const [changes, expected] of rows) {
    const change = rulesChange(market, { ...market, ...changes }, START);
    const found = change.kind === "event"
      ? change.event.kind
      : change.kind === "stop"
      ? `stop ${change.reason}`
      : "none";
    assert.equal(found, expected);
  }
});
