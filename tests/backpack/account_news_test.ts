// What the account holds and may spend, with lent funds only where orders call them back.

import assert from "node:assert/strict";
import { base, cash } from "../../lib/core/units.ts";
import {
  accountEvent,
  type Holdings,
  positionOf,
  redeemsLent,
} from "../../lib/backpack/account_news.ts";
import { perpMarket, spotMarket, START } from "../support/core.ts";
import { account, aPosition, collateral } from "./scripted.ts";

const spot = spotMarket();
const perp = perpMarket();

const balance = (available: number, locked = 0) => ({
  available: base(available),
  locked: base(locked),
  staked: base(0),
});

function lends(asset: string, lent: number): Holdings["collateral"]["assets"][number] {
  const nothing = base(0);
  return {
    asset,
    total: base(lent),
    available: nothing,
    lent: base(lent),
    inOrders: nothing,
    markPrice: 1,
    weight: 1,
  };
}

function holdings(changes: Partial<Holdings> = {}): Holdings {
  return { account, balances: new Map(), collateral, position: undefined, ...changes };
}

const told = { time: START, others: undefined };

Deno.test("what may be spent and sold", () => {
  const balances = new Map([["USDC", balance(500, 70)], ["SOL", balance(2_500_000, 1_000_000)]]);
  const lent = { ...collateral, assets: [lends("USDC", 40), lends("SOL", 600_000)] };
  const rows = [
    ["held", { balances }, 500, 2_500_000, 3],
    ["nothing held", {}, 0, 0, 0],
    ["lent, and called back", { balances, collateral: lent }, 540, 3_100_000, 4],
  ] as const;
  for (const [name, changes, quote, asset, position] of rows) {
    const { free, positionOfAccount } = accountEvent(spot, holdings(changes), told);
    assert.deepEqual([free.quote, free.base, positionOfAccount], [quote, asset, position], name);
  }
  const { free } = accountEvent(perp, holdings({ balances, collateral: lent }), told);
  assert.equal(free.quote, 500);
});

Deno.test("orders call lent funds back on spot, where something is lent or may be at any time", () => {
  const lending = { account: { ...account, autoLend: true } };
  const lent = { collateral: { ...collateral, assets: [lends("SOL", 1)] } };
  const other = { collateral: { ...collateral, assets: [lends("BTC", 1)] } };
  const rows = [
    [spot, {}, false],
    [spot, lending, true],
    [spot, lent, true],
    [spot, other, false],
    [perp, lending, false],
  ] as const;
  for (const [market, changes, expected] of rows) {
    assert.equal(redeemsLent(market, holdings(changes)), expected);
  }
});

Deno.test("the liquidation price comes to the tick nearer to the market, or not at all", () => {
  const rows = [
    [5, 8_123.4, 8_124],
    [-5, 12_123.6, 12_123],
    [5, undefined, undefined],
  ] as const;
  for (const [quantity, liquidationTicks, expected] of rows) {
    const position = aPosition(quantity, { liquidationTicks });
    const event = accountEvent(perp, holdings({ position }), told);
    assert.equal(event.liquidationPrice, expected);
    assert.equal(event.positionOfAccount, quantity);
  }
  assert.equal(positionOf(perp, holdings()), 0);
});

Deno.test("what other runs hold is told where it is known", () => {
  const others = { exposure: cash(7), lossToday: cash(-2) };
  assert.deepEqual(accountEvent(perp, holdings(), { time: START, others }).others, others);
  assert.equal("others" in accountEvent(perp, holdings(), told), false);
});

Deno.test("margin is told as the exchange says it", () => {
  const event = accountEvent(
    perp,
    holdings({
      collateral: { ...collateral, marginFraction: 0.5 },
    }),
    told,
  );
  const { netEquity, available, marginFraction, maintenance } = event;
  assert.deepEqual([netEquity, available], [100_000_000_000, 90_000_000_000]);
  assert.deepEqual([marginFraction, maintenance], [0.5, 0.0125]);
});
