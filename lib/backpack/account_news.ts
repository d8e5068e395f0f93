// What requests say of the account, in the words of the loop. Funds that are lent count only where
// orders call them back, and a liquidation price comes to the tick nearer to the market.

import type { AccountEvent } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import { type Base, base, cash, type Lots, lots, type Micros, ticks } from "../core/units.ts";
import type { Account, Balance, Collateral, RestPosition } from "./wire_account.ts";

/** What the account holds, asked for together. */
export interface Holdings {
  readonly account: Account;
  readonly balances: ReadonlyMap<string, Balance>;
  readonly collateral: Collateral;
  /** In the run's market; undefined when flat. */
  readonly position: RestPosition | undefined;
}

/** Spot orders call back what is lent: the account lends by itself, or has lent what the run trades. */
export function redeemsLent({ base, quote, kind }: Market, held: Holdings): boolean {
  if (kind !== "spot") return false;
  return held.account.autoLend || lentOf(base, held) > 0 || lentOf(quote, held) > 0;
}

/** What the other runs on the account hold and have lost today. */
export type Others = NonNullable<Extract<AccountEvent, { kind: "account" }>["others"]>;

/** The account as the limits see it. */
export function accountEvent(
  market: Market,
  held: Holdings,
  { time, others }: { readonly time: Micros; readonly others: Others | undefined },
): Extract<AccountEvent, { kind: "account" }> {
  const { collateral, position } = held;
  const { netEquity, netEquityAvailable: available, marginFraction } = collateral;
  const liquidation = position?.liquidationTicks;
  const isLong = position !== undefined && position.quantity > 0;
  return {
    kind: "account",
    time,
    netEquity,
    available,
    ...(marginFraction === undefined ? {} : { marginFraction }),
    maintenance: collateral.maintenanceMargin,
    ...(liquidation === undefined ? {} : {
      liquidationPrice: ticks(isLong ? Math.ceil(liquidation) : Math.floor(liquidation)),
    }),
    positionOfAccount: positionOf(market, held),
    free: {
      // What is lent in quote currency is counted in 1e-8 of it, as money is.
      quote: cash(freeOf(market.quote, market, held)),
      base: base(freeOf(market.base, market, held)),
    },
    ...(others === undefined ? {} : { others }),
  };
}

/** What the account holds in a market, whoever's it is; spot in whole lots. */
export function positionOf(market: Market, held: Holdings): Lots {
  if (market.kind === "perp") return held.position?.quantity ?? lots(0);
  const { available, locked } = balanceOf(market.base, held);
  return lots(Math.floor((available + locked + lentOf(market.base, held)) / market.basePerLot));
}

function freeOf(asset: string, market: Market, held: Holdings): number {
  const lent = redeemsLent(market, held) ? lentOf(asset, held) : 0;
  return balanceOf(asset, held).available + lent;
}

/** Only what is held is listed: an asset that is not there is held at zero. */
function balanceOf(asset: string, { balances }: Holdings): Balance {
  return balances.get(asset) ?? { available: base(0), locked: base(0), staked: base(0) };
}

function lentOf(asset: string, { collateral }: Holdings): Base {
  return collateral.assets.find((one) => one.asset === asset)?.lent ?? base(0);
}
