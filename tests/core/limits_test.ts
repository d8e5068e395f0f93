import assert from "node:assert/strict";
import {
  besideOthers,
  defaultLimits,
  type RiskLimits,
  riskSpecs,
  stricter,
} from "../../lib/core/limits.ts";
import { readParam } from "../../lib/core/params.ts";

Deno.test("the limits of a run that sets none are the defaults of the table", () => {
  const set = Object.entries(riskSpecs).filter(([, spec]) => spec.default !== null);
  const defaults = Object.fromEntries(set.map(([name, spec]) => [name, spec.default]));
  assert.deepEqual(defaultLimits, defaults);
});

Deno.test("each default is within its own bounds", () => {
  for (const [name, spec] of Object.entries(riskSpecs)) {
    assert.equal(readParam(name, spec, spec.default), spec.default);
  }
});

const optional = [
  "maxPositionUsd",
  "maxOrderUsd",
  "maxDrawdownPct",
  "dailyLossUsd",
  "runLossPct",
  "atrPauseMultiple",
  "atrPausePct",
  "movePct1s",
  "maxSpreadPct",
  "fundingLimitPct",
  "guardStopPct",
  "trailPct",
  "maxAccountExposureUsd",
  "accountDailyLossUsd",
] as const;
const always = ["maxOpenOrders", "priceCollarPct", "staleMs"] as const;

/** A run that has switched off all that can be off. */
const { maxDrawdownPct: _, ...bare } = defaultLimits;

for (const key of [...optional, ...always]) {
  Deno.test(`of two ${key} the lower wins, zero too`, () => {
    for (const [own, asked, expected] of [[3, 2, 2], [2, 3, 2], [2, 2, 2], [0, 2, 0], [2, 0, 0]]) {
      assert.equal(stricter({ ...bare, [key]: own }, { [key]: asked })[key], expected);
    }
  });

  Deno.test(`a ${key} that the strategy does not mention stays`, () => {
    assert.equal(stricter({ ...bare, [key]: 2 }, {})[key], 2);
  });
}

for (const key of optional) {
  Deno.test(`a ${key} that only the strategy asks for holds`, () => {
    assert.equal(stricter(bare, { [key]: 2 })[key], 2);
    assert.equal(key in stricter(bare, {}), false);
  });
}

for (const key of ["marginHeadroomPct", "liquidationDistancePct"] as const) {
  Deno.test(`of two ${key} the higher wins`, () => {
    for (const [own, asked, expected] of [[3, 2, 3], [2, 3, 3], [2, 2, 2], [0, 2, 2], [2, 0, 2]]) {
      assert.equal(stricter({ ...bare, [key]: own }, { [key]: asked })[key], expected);
    }
    assert.equal(stricter({ ...bare, [key]: 2 }, {})[key], 2);
  });
}

Deno.test("a distance to liquidation that only the strategy asks for holds", () => {
  assert.equal(stricter(bare, { liquidationDistancePct: 2 }).liquidationDistancePct, 2);
  assert.equal("liquidationDistancePct" in stricter(bare, {}), false);
});

Deno.test("a run may hold what others leave of the account's limit, and no more than its own", () => {
  const others = { othersUsd: 0 };
  const most = (limits: Partial<RiskLimits>, othersUsd: number) => {
    const beside = besideOthers({ ...bare, ...limits }, others);
    others.othersUsd = othersUsd;
    return beside.maxPositionUsd;
  };
  assert.equal(most({}, 50), undefined);
  assert.equal(most({ maxPositionUsd: 70 }, 50), 70);
  for (const [othersUsd, left] of [[0, 70], [30, 70], [31, 69], [100, 0], [500, 0]] as const) {
    assert.equal(most({ maxPositionUsd: 70, maxAccountExposureUsd: 100 }, othersUsd), left);
  }
  assert.equal(most({ maxAccountExposureUsd: 100 }, 25), 75);
});

Deno.test("the longer cool-down wins", () => {
  assert.equal(stricter(defaultLimits, { cooldownMs: 9000 }).cooldownMs, 9000);
  assert.equal(stricter(defaultLimits, { cooldownMs: 1000 }).cooldownMs, 5000);
  assert.equal(stricter(defaultLimits, {}).cooldownMs, 5000);
});

Deno.test("a strategy cannot soften what the operator has said", () => {
  const asked = {
    drawdownAction: "pause",
    runLossAction: "pause",
    atrBars: 1,
    atrBarSec: 1,
    moveAction: "halt",
  } as const;
  assert.deepEqual(stricter(defaultLimits, asked), defaultLimits);
});

Deno.test("asking for nothing changes nothing", () => {
  const own: RiskLimits = { ...defaultLimits, maxPositionUsd: 500, movePct1s: 1 };
  assert.deepEqual(stricter(own, {}), own);
});
