// Markets and limits of the simulation, drawn so that within a few hundred seeds every rule of the
// gate and every reason of the exchange has its turn.

import assert from "node:assert/strict";
import { defaultLimits, type RiskAction, type RiskLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import type { Random } from "../../lib/core/random.ts";
import { perpMarket, spotMarket } from "./core.ts";

const actions: readonly RiskAction[] = ["pause", "reduce", "halt", "flatten"];

/** A SOL market at 150 USD; an odd one has limits that a run meets all the time. */
export function drawMarket(
  random: Random,
  { kind, isOdd }: { readonly kind: Market["kind"]; readonly isOdd: boolean },
): Market {
  const odd = (chance: number) => isOdd && random.chance(chance);
  const band = { min: 0.999, max: 1.001 };
  const rules = {
    ...(odd(0.4) ? { minQuantity: "0.4" } : {}),
    ...(odd(0.3) ? { maxQuantity: "2.5" } : {}),
    ...(odd(0.3) ? { bands: { last: band } } : {}),
  };
  if (kind === "spot") return spotMarket(rules);
  return perpMarket({
    ...rules,
    fundingIntervalMs: 60_000,
    initialMargin: { base: 0.5, factor: 0 },
    maintenanceMargin: { base: 0.05, factor: 0 },
  });
}

/** Limits narrow enough to be reached, and now and then all but off. */
export function drawLimits(random: Random): RiskLimits {
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random.next() * list.length)];
    assert.ok(item !== undefined, "an empty list");
    return item;
  };
  const maybe = (chance: number, limits: Partial<RiskLimits>) =>
    random.chance(chance) ? limits : {};
  return {
    ...defaultLimits,
    staleMs: pick([2_500, 600_000, 600_000, 600_000]),
    maxPositionUsd: pick([200, 1_000, 5_000]),
    maxOrderUsd: pick([100, 400, 3_000]),
    maxOpenOrders: pick([3, 20, 200]),
    priceCollarPct: pick([0.02, 1, 5]),
    maxDrawdownPct: pick([0.05, 1, 100]),
    drawdownAction: pick(actions),
    dailyLossAction: pick(actions),
    runLossAction: pick(actions),
    moveAction: pick(actions),
    spreadAction: pick(actions),
    atrAction: pick(actions),
    atrBars: 3,
    atrBarSec: 1,
    cooldownMs: pick([0, 1_000, 5_000]),
    ...maybe(0.2, { movePct1s: 0.1 }),
    ...maybe(0.2, { maxSpreadPct: 0.1 }),
    ...maybe(0.2, { dailyLossUsd: 3 }),
    ...maybe(0.2, { runLossPct: 0.03 }),
    ...maybe(0.2, { atrPausePct: 0.02 }),
  };
}
