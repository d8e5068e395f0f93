// What an account owns and owes, as REST writes it. Only what the engine counts as collateral is
// called available: it lends nothing on other assets than the quote currency, so a client that trusts
// these figures is never refused by them.

import { baseValue, formatCash, type Market } from "../core/market.ts";
import { base, COIN, type Ticks } from "../core/units.ts";
import type { Account, FundingRow, SettlementRow } from "./account.ts";
import type { Episode } from "./episodes.ts";
import { averagePrice, coins, naive, quantityText, ratio } from "./print.ts";
import { printMargin } from "./print_market.ts";
import type { PositionFacts } from "./published.ts";
import type { World } from "./world.ts";

/** What an asset other than the quote currency counts for in the value of assets. */
export const COLLATERAL_WEIGHT = 0.9;
/** Backpack's own sample of an account without exposure. */
const NO_EXPOSURE = { imf: "1", mmf: "0.007" };
const NO_LIMIT = "1000000000";

/** GET /account. */
export function printAccount(world: World, account: Account) {
  const { terms } = account;
  const open = world.openOrders(account);
  const triggers = open.filter(({ status }) => status === "TriggerPending").length;
  return {
    autoBorrowSettlements: terms.autoBorrowSettlements,
    autoLend: terms.autoLend,
    autoRealizePnl: true,
    autoRepayBorrows: terms.autoRepayBorrows,
    borrowLimit: "0",
    futuresMakerFee: ratio(terms.fees.perp.maker),
    futuresTakerFee: ratio(terms.fees.perp.taker),
    leverageLimit: ratio(terms.leverage),
    limitOrders: open.length - triggers,
    liquidating: false,
    positionLimit: NO_LIMIT,
    spotMakerFee: ratio(terms.fees.spot.maker),
    spotTakerFee: ratio(terms.fees.spot.taker),
    triggerOrders: triggers,
  };
}

/** GET /capital: assets held. */
export function printCapital({ exchange }: World, account: Account) {
  const rows = exchange.assets(account.id).map((asset) => {
    const { available, locked, lent } = exchange.balance(account.id, asset);
    return { asset, available, locked, held: available + locked + lent };
  });
  return Object.fromEntries(
    rows.filter(({ held }) => held !== 0).map(({ asset, available, locked }) => [
      asset,
      { available: coins(available), locked: coins(locked), staked: "0" },
    ]),
  );
}

/** GET /capital/collateral. */
export function printCollateral(world: World, account: Account) {
  const assets = world.exchange.assets(account.id)
    .map((asset) => assetOf(world, account, asset))
    .filter(({ total }) => total !== 0);
  const positions = world.positions(account).map(({ view, market, mark }) => ({
    ...view,
    notional: Math.abs(view.lots) * mark * market.cashPerTickLot,
    exposure: view.exposureLots * mark * market.cashPerTickLot,
  }));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const assetsValue = sum(assets.map(({ worth, weight }) => Math.floor(worth * weight)));
  const unrealised = sum(positions.map((position) => position.unrealised));
  const unsettled = sum(positions.map((position) => position.realised));
  const needed = sum(positions.map(({ initialMargin }) => initialMargin));
  const heldByOrders = sum(assets.map(({ heldWorth }) => heldWorth));
  const exposure = sum(positions.map((position) => position.exposure));
  const notional = sum(positions.map((position) => position.notional));
  const quote = assets.filter(({ weight }) => weight === 1);
  const margin = sum(quote.map(({ worth }) => worth)) + unrealised + unsettled;
  const free = margin - needed - sum(quote.map(({ heldWorth }) => heldWorth));
  return {
    assetsValue: coins(assetsValue),
    borrowLiability: "0",
    collateral: assets.map(({ printed }) => printed),
    imf: exposure === 0 ? NO_EXPOSURE.imf : ratio(needed / exposure),
    liabilitiesValue: "0",
    marginFraction: exposure === 0 ? null : ratio(margin / exposure),
    mmf: notional === 0
      ? NO_EXPOSURE.mmf
      : ratio(sum(positions.map(({ maintenanceMargin }) => maintenanceMargin)) / notional),
    netEquity: coins(assetsValue + unrealised + unsettled),
    netEquityAvailable: coins(Math.max(0, free)),
    netEquityLocked: coins(needed + heldByOrders),
    netExposureFutures: coins(exposure),
    pnlUnrealized: coins(unrealised),
    unsettledEquity: coins(unsettled),
  };
}

function assetOf(world: World, account: Account, asset: string) {
  const { available, locked, lent } = world.exchange.balance(account.id, asset);
  const total = available + locked + lent;
  const isQuote = world.markets.some(({ quote }) => quote === asset);
  const priced = isQuote ? undefined : valuation(world, asset);
  const price = isQuote ? 1 : priced === undefined ? 0 : coinValue(priced, COIN) / COIN;
  const value = (amount: number) =>
    isQuote ? amount : priced === undefined ? 0 : coinValue(priced, amount);
  // An asset that nothing here prices counts for nothing.
  const weight = isQuote ? 1 : priced === undefined ? 0 : COLLATERAL_WEIGHT;
  const worth = value(total);
  return {
    total,
    weight,
    worth,
    heldWorth: value(locked),
    printed: {
      symbol: asset,
      assetMarkPrice: ratio(price),
      totalQuantity: coins(total),
      balanceNotional: coins(worth),
      collateralWeight: ratio(weight),
      collateralValue: coins(Math.floor(worth * weight)),
      openOrderQuantity: coins(locked),
      lendQuantity: coins(lent),
      availableQuantity: coins(available),
    },
  };
}

interface Valuation {
  readonly market: Market;
  readonly price: Ticks;
}

/** A market that says what an asset is worth, spot before perp. */
function valuation({ markets, exchange }: World, asset: string): Valuation | undefined {
  return markets
    .filter((market) => market.base === asset)
    .sort((a, b) => (a.kind === "spot" ? 0 : 1) - (b.kind === "spot" ? 0 : 1))
    .flatMap((market) => {
      const { mark, last } = exchange.book(market.symbol);
      const price = mark ?? last;
      return price === undefined ? [] : [{ market, price }];
    })[0];
}

function coinValue({ market, price }: Valuation, amount: number): number {
  return baseValue(market, price, base(amount));
}

/** A row of /position. `estLiquidationPrice` is 0 where there is none. */
export function printPosition({ market, id, view, mark }: PositionFacts, account: Account) {
  const exposure = view.exposureLots * mark * market.cashPerTickLot;
  const worth = Math.abs(view.lots) * mark * market.cashPerTickLot;
  const { liquidationTicks } = view;
  return {
    symbol: market.symbol,
    positionId: id,
    netQuantity: quantityText(market, view.lots),
    netCost: coins(account.episodes.open(market.symbol)?.cost ?? 0),
    netExposureQuantity: quantityText(market, view.exposureLots),
    netExposureNotional: coins(exposure),
    entryPrice: averagePrice(market, view.entryTicks ?? 0),
    breakEvenPrice: averagePrice(market, view.breakEvenTicks ?? 0),
    markPrice: averagePrice(market, mark),
    estLiquidationPrice: averagePrice(market, liquidationTicks ?? 0),
    imf: ratio(view.initialMargin / exposure),
    mmf: ratio(view.maintenanceMargin / worth),
    imfFunction: printMargin(market.initialMargin),
    mmfFunction: printMargin(market.maintenanceMargin),
    pnlRealized: coins(view.realised),
    pnlUnrealized: coins(view.unrealised),
    cumulativeFundingPayment: coins(view.funding),
    cumulativeInterest: "0",
    userId: account.id,
    subaccountId: null,
  };
}

/** A row of /wapi/v1/history/position. */
export function printEpisode(
  episode: Episode,
  account: Account,
  facts: PositionFacts | undefined,
) {
  const { market, closed, closedFor, opened, openedFor, closedAt } = episode;
  const average = (paid: number, quantity: number) => paid / quantity / market.cashPerTickLot;
  return {
    id: episode.id,
    symbol: market.symbol,
    state: closedAt === undefined ? "Open" : "Closed",
    netQuantity: quantityText(market, episode.held),
    netCost: coins(episode.cost),
    netExposureQuantity: quantityText(market, facts?.view.exposureLots ?? 0),
    netExposureNotional: coins(
      (facts?.view.exposureLots ?? 0) * (facts?.mark ?? 0) * market.cashPerTickLot,
    ),
    entryPrice: averagePrice(market, average(openedFor, opened)),
    closingPrice: closed === 0 ? null : averagePrice(market, average(closedFor, closed)),
    markPrice: averagePrice(market, facts?.mark ?? average(closedFor, closed)),
    cumulativePnlRealized: coins(episode.realised),
    unrealizedPnl: coins(facts?.view.unrealised ?? 0),
    fundingQuantity: coins(episode.funding),
    interest: "0",
    fees: coins(episode.fees),
    liquidationFees: coins(episode.liquidationFees),
    liquidated: quantityText(market, episode.liquidated),
    closedVolume: coins(closedFor),
    imf: facts === undefined ? "0" : printPosition(facts, account).imf,
    accountLeverage: ratio(account.terms.leverage),
    openedAt: naive(episode.openedAt),
    closedAt: closedAt === undefined ? null : naive(closedAt),
  };
}

/** A row of /wapi/v1/history/funding. */
export function printFunding({ time, market, payment, rate }: FundingRow, account: Account) {
  return {
    userId: account.id,
    subaccountId: 0,
    symbol: market.symbol,
    quantity: formatCash(payment),
    intervalEndTimestamp: naive(time),
    fundingRate: ratio(rate),
  };
}

/** A row of /wapi/v1/history/settlement. */
export function printSettlement(row: SettlementRow, account: Account) {
  return {
    quantity: formatCash(row.quantity),
    source: row.source,
    timestamp: naive(row.time),
    userId: account.id,
    subaccountId: 0,
    positionId: row.positionId ?? null,
    engineSequence: row.sequence,
  };
}
