// A stop order, to the letter.

import assert from "node:assert/strict";
import { type Trigger, triggerBody } from "../../lib/backpack/wire_trigger.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { marketOf } from "./examples.ts";

const perp = marketOf("SOL_USDC_PERP");
const stop: Trigger = { id: 2_147_483_648, side: "ask", price: ticks(9_050), quantity: lots(120) };

Deno.test("a stop order is printed exactly, always reduce-only and by the mark price", () => {
  assert.equal(
    JSON.stringify(triggerBody(perp, stop)),
    '{"symbol":"SOL_USDC_PERP","side":"Ask","orderType":"Market","reduceOnly":true,' +
      '"triggerBy":"MarkPrice","triggerPrice":"90.5","triggerQuantity":"1.2","clientId":2147483648}',
  );
  assert.equal(triggerBody(perp, { ...stop, side: "bid" }).side, "Bid");
});

Deno.test("a stop order no market takes is a bug, and is not printed", () => {
  const wrong: readonly Partial<Trigger>[] = [
    ...[{ price: ticks(0) }, { price: ticks(-1) }, { quantity: lots(0) }, { quantity: lots(-5) }],
    ...[{ id: -1 }, { id: 4_294_967_296 }, { id: 1.5 }, { id: NaN }],
  ];
  for (const change of wrong) {
    assert.throws(() => triggerBody(perp, { ...stop, ...change }), { name: "Bug" });
  }
  assert.throws(() => triggerBody(marketOf("SOL_USDC"), stop), { name: "Bug" });
});
