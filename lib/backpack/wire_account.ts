// What the exchange says of the account: fees, balances, collateral, positions, by REST and by
// socket. What we own is rounded down and what we owe is rounded up, so that nothing here is ever
// kinder than the exchange meant it.

import { type Fees, type Market, parsePrice } from "../core/market.ts";
import type { Base, Cash, Lots, Micros, Ticks } from "../core/units.ts";
import { type Markets, readRow, readRows, type Row, type Words, words } from "./wire_row.ts";

/** Settings and fees of the account. */
export interface Account {
  readonly spotFees: Fees;
  readonly perpFees: Fees;
  readonly leverageLimit: number;
  readonly liquidating: boolean;
  readonly autoLend: boolean;
  readonly autoBorrowSettlements: boolean;
  readonly autoRepayBorrows: boolean;
  readonly autoRealizePnl: boolean;
  /** Open orders, resting and waiting for a trigger. */
  readonly limitOrders: number;
  readonly triggerOrders: number;
}

/** What is held of one asset, in 1e-8 of it, rounded down. Lent funds are in none of these. */
export interface Balance {
  readonly available: Base;
  readonly locked: Base;
  readonly staked: Base;
}

/** One asset as collateral, quantities in 1e-8 of it, rounded down. */
export interface CollateralAsset {
  readonly asset: string;
  readonly total: Base;
  readonly available: Base;
  readonly lent: Base;
  readonly inOrders: Base;
  /** In USD; a float. */
  readonly markPrice: number;
  /** The fraction of its value that counts. */
  readonly weight: number;
}

/** The account as margin sees it; money in USDC. */
export interface Collateral {
  readonly assetsValue: Cash;
  readonly liabilitiesValue: Cash;
  readonly netEquity: Cash;
  readonly netEquityAvailable: Cash;
  readonly netEquityLocked: Cash;
  readonly netExposureFutures: Cash;
  readonly unrealised: Cash;
  readonly unsettled: Cash;
  /** Fractions of the exposure. */
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** Undefined without exposure. */
  readonly marginFraction: number | undefined;
  readonly assets: readonly CollateralAsset[];
}

/** The one net position in a market. */
export interface Position {
  readonly market: Market;
  /** Negative = short. */
  readonly quantity: Lots;
  /** Average entry price, maybe between ticks; undefined when flat. */
  readonly entryTicks: number | undefined;
  /** To the nearest tick; undefined when flat, where nothing is valued at it. */
  readonly mark: Ticks | undefined;
  readonly realised: Cash;
  readonly unrealised: Cash;
  /** With the open orders that would add to it. */
  readonly exposureQuantity: Lots;
  readonly exposureNotional: Cash;
  /** Fractions of the notional. */
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

/** A position in a reply. */
export interface RestPosition extends Position {
  /** An estimate, between ticks; undefined where Backpack has none (it then sends 0). */
  readonly liquidationTicks: number | undefined;
  /** Received since the position was opened; negative = paid. */
  readonly fundingPayment: Cash;
}

/** What happens to the account by socket, orders apart. */
export type AccountUpdate =
  | {
    readonly kind: "positions";
    readonly time: Micros;
    /** snapshot: what is open as the subscription begins. */
    readonly change: PositionChange;
    readonly positions: readonly Position[];
  }
  | { readonly kind: "balance"; readonly time: Micros; readonly asset: string } & Balance;

/** Why a position is told. */
export type PositionChange = "snapshot" | "opened" | "adjusted" | "closed";

const positionChanges: Words<PositionChange> = new Map([
  ["positionOpened", "opened"],
  ["positionAdjusted", "adjusted"],
  ["positionClosed", "closed"],
]);

const balanceUpdate = words("balanceUpdate");

type PositionNames = { readonly [K in Exclude<keyof Position, "entryTicks"> | "entry"]: string };

const longNames: PositionNames = {
  market: "symbol",
  quantity: "netQuantity",
  entry: "entryPrice",
  mark: "markPrice",
  realised: "pnlRealized",
  unrealised: "pnlUnrealized",
  exposureQuantity: "netExposureQuantity",
  exposureNotional: "netExposureNotional",
  initialMargin: "imf",
  maintenanceMargin: "mmf",
};

const letters: PositionNames = {
  market: "s",
  quantity: "q",
  entry: "B",
  mark: "M",
  realised: "p",
  unrealised: "P",
  exposureQuantity: "Q",
  exposureNotional: "n",
  initialMargin: "f",
  maintenanceMargin: "m",
};

/** GET /api/v1/account. Throws `WireFault`, as all of these. */
export function readAccount(text: string): Account {
  const row = readRow("GET /api/v1/account", text);
  return {
    spotFees: { maker: row.ratio("spotMakerFee"), taker: row.ratio("spotTakerFee") },
    perpFees: { maker: row.ratio("futuresMakerFee"), taker: row.ratio("futuresTakerFee") },
    leverageLimit: row.ratio("leverageLimit"),
    liquidating: row.flag("liquidating"),
    autoLend: row.flag("autoLend"),
    autoBorrowSettlements: row.flag("autoBorrowSettlements"),
    autoRepayBorrows: row.flag("autoRepayBorrows"),
    autoRealizePnl: row.flag("autoRealizePnl"),
    limitOrders: row.whole("limitOrders"),
    triggerOrders: row.whole("triggerOrders"),
  };
}

/** GET /api/v1/capital: balances by asset; an asset not held is not in it. */
export function readCapital(text: string): ReadonlyMap<string, Balance> {
  const row = readRow("GET /api/v1/capital", text);
  return new Map(row.names.map((asset) => {
    const held = row.row(asset);
    return [asset, balanceOf(held, ["available", "locked", "staked"])];
  }));
}

function balanceOf(row: Row, names: readonly [string, string, string]): Balance {
  const [available, locked, staked] = names;
  return {
    available: row.coins(available, "down"),
    locked: row.coins(locked, "down"),
    staked: row.coins(staked, "down"),
  };
}

/** GET /api/v1/capital/collateral. */
export function readCollateral(text: string): Collateral {
  const row = readRow("GET /api/v1/capital/collateral", text);
  return {
    assetsValue: row.cash("assetsValue", "down"),
    liabilitiesValue: row.cash("liabilitiesValue", "up"),
    netEquity: row.cash("netEquity", "down"),
    netEquityAvailable: row.cash("netEquityAvailable", "down"),
    netEquityLocked: row.cash("netEquityLocked", "up"),
    netExposureFutures: row.cash("netExposureFutures", "up"),
    unrealised: row.cash("pnlUnrealized", "down"),
    unsettled: row.cash("unsettledEquity", "down"),
    initialMargin: row.ratio("imf"),
    maintenanceMargin: row.ratio("mmf"),
    marginFraction: row.has("marginFraction") ? row.ratio("marginFraction") : undefined,
    assets: row.rows("collateral").map((asset) => ({
      asset: asset.text("symbol"),
      total: asset.coins("totalQuantity", "down"),
      available: asset.coins("availableQuantity", "down"),
      lent: asset.coins("lendQuantity", "down"),
      inOrders: asset.coins("openOrderQuantity", "down"),
      markPrice: asset.ratio("assetMarkPrice"),
      weight: asset.ratio("collateralWeight"),
    })),
  };
}

/** GET /api/v1/position: empty when flat. A position in a market not of this run is a fault. */
export function readPositions(text: string, markets: Markets): RestPosition[] {
  return readRows("GET /api/v1/position", text).map((row) => {
    const position = positionOf(row, markets, longNames);
    const liquidates = row.ratio("estLiquidationPrice") > 0;
    return {
      ...position,
      liquidationTicks: liquidates
        ? averageOf(row, "estLiquidationPrice", position.market)
        : undefined,
      fundingPayment: row.cash("cumulativeFundingPayment", "half-down"),
    };
  });
}

/** `data` of account.positionUpdate: one position, or the list that comes on subscription. */
export function positionsOf(rows: readonly [Row, ...Row[]], markets: Markets): AccountUpdate {
  const [first] = rows;
  return {
    kind: "positions",
    // Undocumented for the first message, which comes without `e`.
    time: first.has("T") ? first.time("T") : first.time("E"),
    change: first.has("e") ? first.word("e", positionChanges) : "snapshot",
    positions: rows.map((row) => positionOf(row.withNumbersAsText(), markets, letters)),
  };
}

function positionOf(row: Row, markets: Markets, names: PositionNames): Position {
  const market = row.market(names.market, markets);
  const quantity = row.signedQuantity(names.quantity, market);
  return {
    market,
    quantity,
    entryTicks: quantity === 0 ? undefined : averageOf(row, names.entry, market),
    mark: quantity === 0 ? undefined : row.nearPrice(names.mark, market),
    realised: row.cash(names.realised, "down"),
    unrealised: row.cash(names.unrealised, "down"),
    exposureQuantity: row.signedQuantity(names.exposureQuantity, market),
    exposureNotional: row.cash(names.exposureNotional, "up"),
    initialMargin: row.ratio(names.initialMargin),
    maintenanceMargin: row.ratio(names.maintenanceMargin),
  };
}

/** A price between ticks: whole where it lies on the grid, a float where it does not. */
function averageOf(row: Row, name: string, market: Market): number {
  const price = row.ratio(name) * 10 ** market.priceDecimals / market.tickUnits;
  return parsePrice(market, row.text(name)) ?? price;
}

/** `data` of account.balanceUpdate. */
export function balanceUpdateOf(row: Row): AccountUpdate {
  row.word("e", balanceUpdate);
  return {
    kind: "balance",
    time: row.time("T"),
    asset: row.text("a"),
    ...balanceOf(row, ["A", "L", "S"]),
  };
}
