// The account by REST and by socket. Amounts between two units show which way each is rounded,
// since an account that is only a little too rich is what a bot would trade on.

import assert from "node:assert/strict";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import {
  readAccount,
  readCapital,
  readCollateral,
  readPositions,
} from "../../lib/backpack/wire_account.ts";
import { marketOf, markets, plain } from "./examples.ts";
import { balance, type Message, opened, position } from "./samples.ts";

const frame = (stream: string, data: unknown) =>
  parseFrame(JSON.stringify({ stream, data }), markets);
const positions = (...rows: Message[]) => readPositions(JSON.stringify(rows), markets);

Deno.test("fees of the account are in bps, a rebate below zero", () => {
  const account = readAccount(JSON.stringify({
    ...{ autoBorrowSettlements: true, autoLend: false, autoRealizePnl: true, liquidating: true },
    ...{ autoRepayBorrows: false, limitOrders: 3, triggerOrders: 1, leverageLimit: "10.5" },
    ...{ futuresMakerFee: "-0.5", futuresTakerFee: "4.5", spotMakerFee: "8", spotTakerFee: "10" },
  }));
  assert.deepEqual(account, {
    spotFees: { maker: 8, taker: 10 },
    perpFees: { maker: -0.5, taker: 4.5 },
    leverageLimit: 10.5,
    liquidating: true,
    autoLend: false,
    autoBorrowSettlements: true,
    autoRepayBorrows: false,
    autoRealizePnl: true,
    limitOrders: 3,
    triggerOrders: 1,
  });
});

Deno.test("balances are rounded down, and only what is held is there", () => {
  const text = '{"SOL":{"available":"0.123456789","locked":"1","staked":"0"},' +
    '"__proto__":{"available":"7","locked":"0","staked":"0"}}';
  const capital = readCapital(text);
  assert.deepEqual(capital.get("SOL"), { available: 12_345_678, locked: 100_000_000, staked: 0 });
  assert.equal(capital.get("__proto__")?.available, 700_000_000);
  assert.equal(capital.get("USDC"), undefined);
  assert.equal(capital.size, 2);
  assert.throws(() => readCapital('{"SOL":{"available":"1"}}'), { field: "locked" });
});

Deno.test("collateral: what we own is rounded down, what we owe or have at stake is rounded up", () => {
  const collateral = readCollateral(JSON.stringify({
    assetsValue: "10.000000019",
    liabilitiesValue: "1.000000011",
    netEquity: "9.000000009",
    netEquityAvailable: "8.000000009",
    netEquityLocked: "1.000000001",
    netExposureFutures: "5.000000001",
    pnlUnrealized: "-0.000000001",
    unsettledEquity: "0.5",
    imf: "0.02",
    mmf: "0.0125",
    marginFraction: null,
    collateral: [],
  }));
  assert.deepEqual(collateral, {
    assetsValue: 1_000_000_001,
    liabilitiesValue: 100_000_002,
    netEquity: 900_000_000,
    netEquityAvailable: 800_000_000,
    netEquityLocked: 100_000_001,
    netExposureFutures: 500_000_001,
    unrealised: -1,
    unsettled: 50_000_000,
    initialMargin: 0.02,
    maintenanceMargin: 0.0125,
    marginFraction: undefined,
    assets: [],
  });
});

Deno.test("a position in a reply", () => {
  assert.deepEqual(plain(positions(position)), [{
    market: "SOL_USDC_PERP",
    quantity: 36,
    entryTicks: 10_013.888888888889,
    mark: 10_010,
    realised: 0,
    unrealised: -14_191_400,
    exposureQuantity: 36,
    exposureNotional: 3_603_488_528,
    initialMargin: 0.02,
    maintenanceMargin: 0.0125,
    liquidationTicks: 8_123.45,
    fundingPayment: -921_800,
  }]);
  const [short] = positions({ ...position, netQuantity: "-0.36", estLiquidationPrice: "0" });
  assert.deepEqual([short?.quantity, short?.liquidationTicks], [-36, undefined]);
  assert.deepEqual(positions(), []);
});

Deno.test("a position that cannot be trusted is a fault", () => {
  const cases: readonly (readonly [Message, string])[] = [
    [{ netQuantity: "0.361" }, "netQuantity"],
    [{ netQuantity: 0.36 }, "netQuantity"],
    [{ symbol: "X_USDC_PERP" }, "symbol"],
    [{ markPrice: "0" }, "markPrice"],
    [{ entryPrice: null }, "entryPrice"],
    [{ netExposureNotional: "99999999999" }, "netExposureNotional"],
  ];
  for (const [change, field] of cases) {
    assert.throws(() => positions({ ...position, ...change }), { name: "WireFault", field });
  }
});

const openedMeans = {
  market: "SOL_USDC_PERP",
  quantity: -150,
  entryTicks: 10_025.5,
  mark: 10_025,
  realised: 0,
  unrealised: 900_000,
  exposureQuantity: -200,
  exposureNotional: 20_050_000_000,
  initialMargin: 0.02,
  maintenanceMargin: 0.0125,
};
const time = 1_754_943_862_040_487;

Deno.test("positions of the stream, numbers as text or bare, one or the list at the start", () => {
  const stream = "account.positionUpdate.SOL_USDC_PERP";
  const bare = { ...opened, q: -1.5, Q: -2, n: 200.5, B: 100.255, M: 100.249, P: 0.009 };
  const snapshot = { ...opened, e: undefined };
  const said = (change: string, ...list: unknown[]) => ({
    kind: "positions",
    time,
    change,
    positions: list,
  });
  const flat = {
    ...{ ...openedMeans, quantity: 0, entryTicks: undefined, mark: undefined },
    ...{ exposureQuantity: 0, exposureNotional: 0, unrealised: 0, realised: 12_000_000 },
  };
  const closed = { ...opened, e: "positionClosed", q: "0", Q: "0", n: "0", B: "0", M: "0" };
  const cases: readonly (readonly [unknown, unknown])[] = [
    [opened, said("opened", openedMeans)],
    [bare, said("opened", openedMeans)],
    [{ ...opened, e: "positionAdjusted" }, said("adjusted", openedMeans)],
    [{ ...closed, P: "0", p: "0.12" }, said("closed", flat)],
    [snapshot, said("snapshot", openedMeans)],
    [[snapshot, { ...snapshot, s: "ETH_USDC_PERP" }], {
      ...said("snapshot", openedMeans, {
        ...openedMeans,
        ...{ market: "ETH_USDC_PERP", quantity: -15_000, exposureQuantity: -20_000 },
      }),
    }],
    [{ ...snapshot, T: undefined }, {
      ...said("snapshot", openedMeans),
      time: 1_754_943_862_040_486,
    }],
  ];
  for (const [data, meaning] of cases) {
    assert.deepEqual(plain(frame(stream, data)), plain(meaning), JSON.stringify(data));
  }
  assert.equal(frame(stream, []), undefined);
  assert(frame(stream, [opened, 7]) instanceof WireFault);
  assert(frame(stream, { ...opened, e: "positionLost" }) instanceof WireFault);
  assert(frame(stream, { ...opened, q: 1e21 }) instanceof WireFault);
});

Deno.test("a balance of the stream", () => {
  assert.deepEqual(frame("account.balanceUpdate", balance), {
    kind: "balance",
    time: 1_788_368_290_062_981,
    asset: "USDC",
    available: 1_000_000_000,
    locked: 2_012_345_678,
    staked: 0,
  });
  assert(frame("account.balanceUpdate", { ...balance, e: "other" }) instanceof WireFault);
});

Deno.test("an entry on the grid is whole, however the grid is made", () => {
  const entry = (entryPrice: string) => positions({ ...position, entryPrice })[0]?.entryTicks;
  // As floats 4236.36 × 100 is 423635.99999999994.
  assert.equal(entry("4236.36"), 423_636);
  assert.equal(entry("0.29"), 29);
  assert.equal(marketOf("SOL_USDC_PERP").priceDecimals, 2);
});
