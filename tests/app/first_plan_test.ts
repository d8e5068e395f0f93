// What speaks against a start: each strategy's own refusals, the account and the gate's limits; that
// the values named do work; and what --force starts all the same.

import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseBalances, publishedFees } from "../../lib/app/account.ts";
import { loadConfig } from "../../lib/app/config.ts";
import { presetNames } from "../../lib/app/config_file.ts";
import { UserError } from "../../lib/app/errors.ts";
import {
  cleared,
  feasibility,
  firstPlan,
  forced,
  parseStartPrice,
} from "../../lib/app/first_plan.ts";
import { loadStrategy, strategyNames } from "../../lib/app/strategies.ts";
import type { Fees } from "../../lib/core/market.ts";
import type { ParamSpec, RawParam } from "../../lib/core/params.ts";
import { faultOf } from "../../lib/core/planner.ts";
import { cashOf, lots } from "../../lib/core/units.ts";
import { aMarket, aViewAt } from "../support/views.ts";

interface Given {
  readonly balance?: string;
  readonly fees?: Fees;
  readonly position?: number;
  readonly leverage?: number;
}

async function tryOut(args: string, { balance, fees, position = 0, leverage }: Given = {}) {
  const [strategy = "", kind, ...set] = args.split(" ").filter((word) => word !== "");
  const symbol = kind === "perp" ? "SOL_USDC_PERP" : "SOL_USDC";
  const config = await loadConfig({ strategy, market: symbol, set }, undefined);
  const { market } = config;
  const at = {
    price: parseStartPrice("150", market),
    position: lots(position),
    balances: parseBalances(balance, market),
    fees: fees ?? publishedFees[market.kind],
    seed: 1,
    ...(leverage === undefined ? {} : { leverage }),
  };
  return { config, at };
}

/** Within what the market takes at 150. */
const bounds = "lower=147 upper=153";
/** Strategy, market and settings; what is said; and what is unusual about the account. */
const obstacles: readonly (readonly [string, readonly string[], Given?])[] = [
  [`grid spot ${bounds}`, []],
  [`grid spot ${bounds} levels=200`, [
    "levels must be at most 25 for a step to earn more than two maker fees: current value is 200",
  ]],
  [`grid spot ${bounds} quantity=0.02`, [
    "quantity must be worth at least 0.03 SOL, 4.57 USDC: current value is 0.02",
  ]],
  [`grid spot ${bounds} quantity=50 levels=200`, [
    "levels must be at most 25 for a step to earn more than two maker fees: current value is 200",
    "quantity must be at most 0.67 to fit the capital: current value is 50",
  ]],
  [`grid spot ${bounds} levels=4`, [
    "free USDC must be at least 29.6 for the first plan: current value is 20",
  ], { balance: "USDC=20", position: 1000 }],
  ["amm perp stepBps=2", [
    "stepBps must be above 2, as each side pays the fee: current value is 2",
  ]],
  ["amm perp takeProfitPct=0.01", [
    "takeProfitPct must be above 0.01 to earn its fees: current value is 0.01",
  ]],
  ["amm perp leverage=51", ["leverage must be at most 50 on SOL_USDC_PERP: current value is 51"]],
  [
    "amm perp leverage=7",
    ["leverage must be at most 5, as the account is set: current value is 7"],
    {
      leverage: 5,
    },
  ],
  ["amm perp leverage=5", [], { leverage: 5 }],
  ["flow perp", [
    "sizePct must be at least 1.5 for an order of 0.01 SOL: current value is 0.5",
  ], { balance: "USDC=100" }],
  ["flow perp maxExposurePct=0.01", [
    "maxExposurePct must be at least 0.015 for an order of 0.01 SOL: current value is 0.01",
  ]],
  ["points perp bandWidth=1 target=0.0013", [
    "target must be above 0.0014, the fees of a round trip and feeBuffer: current value is 0.0013",
  ]],
  ["points spot bandWidth=1 target=0.01 usdPerBand=3000 bands=5", [
    "usdPerBand must be between 2.98 and 2000 to fit the market and the capital: current value is 3000",
  ]],
  // The account, whatever the strategy.
  [`grid spot ${bounds} capital=20000`, [
    "capital must be at most 10000, as the account holds: current value is 20000",
  ]],
  // The gate's limits.
  [`grid spot ${bounds} maxOrderUsd=10`, [
    "maxOrderUsd must be at least 14.97 for the first plan: current value is 10",
  ]],
  [`grid spot ${bounds} maxOpenOrders=1`, [
    "maxOpenOrders must be at least 5 for the first plan: current value is 1",
  ]],
  [`grid perp ${bounds} quantity=10 maxPositionUsd=100`, [
    "maxPositionUsd must be at least 7499.5 for the first plan: current value is 100",
  ]],
  // A perp's orders must be covered: at 5 times the account, or where the market has no more to say.
  [`grid perp ${bounds} quantity=58`, [
    "capital must be at least 8699.42 for the first plan: current value is 8000",
  ], { balance: "USDC=8000", leverage: 5 }],
  // And the larger the position, the more of it.
  [`grid perp ${bounds} quantity=14000`, [
    "capital must be at least 2041229.19 for the first plan: current value is 2000000",
  ], { balance: "USDC=2000000" }],
  [`grid perp ${bounds} quantity=58`, [], { balance: "USDC=8000", leverage: 10 }],
];

for (const [args, expected, given] of obstacles) {
  Deno.test(`against a start of ${args} speaks: ${expected.join("; ") || "nothing"}`, async () => {
    const { config, at } = await tryOut(args, given);
    deepEqual(feasibility(config, at), expected);
  });
}

Deno.test("the value that is named is taken", async () => {
  let taken = 0;
  for (const [args, expected, given] of obstacles) {
    for (const text of expected) {
      const [, name = "", value = ""] =
        /^(\w+) must be (?:worth )?(?:at most|at least|between) ([\d.]+)/.exec(text) ?? [];
      // More capital is not a setting away.
      if (name === "" || text.startsWith("capital must be at least")) continue;
      const { config, at } = await tryOut(`${args} ${name}=${value}`, given);
      deepEqual(feasibility(config, at).filter((left) => left.startsWith(name)), [], text);
      taken++;
    }
  }
  ok(taken > 10);
});

Deno.test("without force a start is refused with all that speaks against it", async () => {
  const { config, at } = await tryOut(`grid spot ${bounds} quantity=0.02 capital=20000`);
  throws(() => cleared(config, at, { force: false }), {
    name: "UserError",
    message: "Cannot start grid as quantity must be worth at least 0.03 SOL, 4.57 USDC: current " +
      "value is 0.02; capital must be at most 10000, as the account holds: current value is 20000 " +
      "(--force starts it anyway)",
  });
  const { config: sound, at: then } = await tryOut(`grid spot ${bounds}`);
  deepEqual(cleared(sound, then, { force: false }), { config: sound, warnings: [] });
});

Deno.test("with force it starts, plans what can rest, and what speaks against it stays a warning", async () => {
  for (const [args, expected, given] of obstacles.filter(([, { length }]) => length > 0)) {
    const { config, at } = await tryOut(args, given);
    const start = cleared(config, at, { force: true });
    deepEqual(start.warnings, expected, args);
    const { plan } = firstPlan(start.config, at);
    equal(faultOf(plan), undefined, args);
  }
  const { config, at } = await tryOut(`grid spot ${bounds} levels=30`);
  const { approved } = firstPlan(cleared(config, at, { force: true }).config, at);
  ok(approved.orders.length > 10);
});

const nonsense = [
  ["grid spot", /^Cannot start grid as lower must be set unless autoPrice is on: .* is null$/],
  ["grid spot lower=160 upper=140", /^Cannot start grid as upper must be above lower: .* is 140$/],
  ["grid perp lower=140 upper=1001", /^Cannot start grid as upper must be at most 1000 on SOL_/],
  [`grid spot ${bounds} direction=short`, /as direction must not be short on spot/],
  ["amm spot bias=short", /as bias must not be short on spot/],
  ["flow spot", /as market must be a perp: current value is SOL_USDC$/],
  ["points spot compound=on", /as compound needs capitalFraction set/],
] as const;

Deno.test("what contradicts itself is refused whatever is forced", async () => {
  for (const [args, message] of nonsense) {
    const { config, at } = await tryOut(args);
    for (const force of [true, false]) {
      throws(() => cleared(config, at, { force }), (error) => {
        ok(error instanceof UserError);
        match(error.message, message);
        return true;
      });
    }
  }
});

Deno.test("a mistake of the program is no refusal, and force does not hide it", async () => {
  const { config, at } = await tryOut("points spot bandWidth=1");
  const start = () => {
    throw new RangeError("Maximum call stack size exceeded");
  };
  const strategy = { ...config.strategy, start };
  throws(() => feasibility({ ...config, strategy }, at), { name: "RangeError" });
  throws(() => cleared({ ...config, strategy }, at, { force: true }), { name: "RangeError" });
});

Deno.test("nothing speaks against a preset at the price the synthetic market starts at", async () => {
  for (const preset of presetNames()) {
    const config = await loadConfig({ preset }, undefined);
    const { market } = config;
    const at = {
      price: parseStartPrice(market.base === "BTC" ? "100000" : "150", market),
      position: lots(0),
      balances: parseBalances(undefined, market),
      fees: publishedFees[market.kind],
      seed: 1,
    };
    deepEqual(feasibility(config, at), [], preset);
  }
});

/** Any value within its bounds, small ones more often. */
function valueOf(spec: ParamSpec): fc.Arbitrary<RawParam> {
  switch (spec.type) {
    case "flag":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...spec.choices);
    case "integer":
    case "number": {
      const { min, max, default: preset } = spec;
      const most = Math.min(max, 1e6);
      const some = spec.type === "integer"
        ? fc.integer({ min, max: most })
        : fc.double({ min, max: most, noNaN: true });
      return fc.oneof({ weight: 3, arbitrary: fc.constant(preset) }, {
        weight: 1,
        arbitrary: some,
      });
    }
  }
}

Deno.test("whatever is forced, a start is refused in words or its plans make sense", async () => {
  const markets = [aMarket(), aMarket({ kind: "perp" }), aMarket({ minQuantity: "5" })];
  let [refused, forcedStarts] = [0, 0];
  for (const name of strategyNames) {
    const strategy = await loadStrategy(name);
    // Without it nearly every grid lacks a bound.
    const usual = name === "grid" ? { autoPrice: fc.constant(true) } : {};
    const drawn = Object.entries(strategy.params).map(([key, spec]) => [key, valueOf(spec)]);
    fc.assert(
      fc.property(
        fc.record<{ [key: string]: RawParam }>({ ...Object.fromEntries(drawn), ...usual }),
        fc.constantFrom(...markets),
        fc.constantFrom({ maker: 2, taker: 5 }, { maker: 90, taker: 100 }, { maker: -1, taker: 3 }),
        fc.constantFrom(1, 100, 10_000),
        fc.integer({ min: 0, max: 500 }),
        (params, market, fees, usd, position) => {
          const setup = { market, params, fees, capital: cashOf(usd) };
          const view = aViewAt(15_000, { position, equityUsd: usd, entryTicks: 15_000 });
          const startOf = (one: typeof strategy) => {
            try {
              return one.start(setup, view);
            } catch (error) {
              ok(
                error instanceof RangeError && / current value is /.test(error.message),
                `${error}`,
              );
              return undefined;
            }
          };
          const memory = startOf(forced(strategy));
          if (memory === undefined) {
            equal(startOf(strategy), undefined, "what is forced starts wherever else it would");
            refused++;
            return;
          }
          if (startOf(strategy) === undefined) forcedStarts++;
          equal(faultOf(strategy.plan(memory, view, setup)), undefined);
        },
      ),
      { numRuns: 300 },
    );
  }
  ok(refused > 100 && forcedStarts > 100, `${refused} refused, ${forcedStarts} forced`);
});
