// What the exchange and the other runs say of the whole account, and the limits that are about it.
// Where nobody says anything, as in a backtest, there is nothing to hold against them and they are not
// asked. On spot the wallet may hold less than the run's books say, since a person uses it too.

import type { AccountEvent } from "./event.ts";
import type { Gauge } from "./holds.ts";
import type { Ledger } from "./ledger.ts";
import type { RiskLimits } from "./limits.ts";
import { cashNumber, type Market } from "./market.ts";
import type { OwnOrder } from "./orders.ts";
import { type Base, base, type Cash, cash, type Lots, lots, type Ticks } from "./units.ts";

/** What the exchange last said of the account. */
export type AccountReport = Extract<AccountEvent, { kind: "account" }>;

/** The run's side of it. */
interface Own {
  readonly market: Market;
  readonly ledger: Ledger;
  readonly orders: { readonly live: Iterable<OwnOrder> };
}

/** What the limits of the account are held against. */
export interface AccountPulse {
  readonly kind: "spot" | "perp";
  /** Undefined until there is one. */
  readonly report: AccountReport | undefined;
  readonly mark: Ticks;
  /** The run's own, signed. */
  readonly position: Lots;
  /** Of one hour, a fraction; positive: longs pay. */
  readonly hourlyFunding: number | undefined;
}

const HOUR_MS = 3_600_000;

/** The account as far as it is known. */
export class Account {
  /** Of the running interval, as the exchange last said. */
  fundingRate: number | undefined;
  #report: AccountReport | undefined;
  /** How much less there is than the run's books say; as a difference, so that fills count at once. */
  #lacks: { readonly quote: Cash; readonly base: Base } = { quote: cash(0), base: base(0) };

  get report(): AccountReport | undefined {
    return this.#report;
  }

  /** What other runs on the account hold, in USD; zero where nobody says. */
  get othersUsd(): number {
    const { others } = this.#report ?? {};
    return others === undefined ? 0 : cashNumber(others.exposure);
  }

  /** Takes a report; true if the run may now spend, sell or hold more or less than was thought. */
  take(report: AccountReport, own: Own): boolean {
    const { othersUsd } = this;
    const { quote, base } = this.#lacks;
    this.#report = report;
    if (own.market.kind === "spot") this.#lacks = lacking(report, own);
    return this.#lacks.quote !== quote || this.#lacks.base !== base ||
      this.othersUsd !== othersUsd;
  }

  /** Spot: quote currency the run may spend, own resting bids included. */
  freeCash({ freeCash }: Ledger): Cash {
    return cash(freeCash - this.#lacks.quote);
  }

  /** Spot: base the run may sell, own resting asks included, in whole lots. Perp: the position. */
  sellable({ kind, basePerLot }: Market, { position, held }: Ledger): Lots {
    if (kind === "perp") return position;
    return lots(Math.floor(Math.max(0, held - this.#lacks.base) / basePerLot));
  }

  /** What the limits look at, with the position valued at `mark`; undefined where nobody has said anything. */
  pulse(
    { kind, fundingIntervalMs }: Market,
    position: Lots,
    mark: Ticks,
  ): AccountPulse | undefined {
    const { fundingRate: rate } = this;
    if (rate === undefined && this.#report === undefined) return undefined;
    const hourlyFunding = rate === undefined || fundingIntervalMs === undefined
      ? undefined
      : (rate * HOUR_MS) / fundingIntervalMs;
    return { kind, report: this.#report, mark, position, hourlyFunding };
  }
}

/** The limits of the account and what they measure now. `lossToday` is the run's own. */
export function accountGauges(
  { kind, report, mark, position, hourlyFunding }: AccountPulse,
  { limits, lossToday }: { readonly limits: RiskLimits; readonly lossToday: Cash },
): readonly Gauge[] {
  const { dailyLossAction } = limits;
  const lost = report?.others && cashNumber(cash(lossToday + report.others.lossToday));
  const daily = { value: lost, unit: "USD", action: dailyLossAction };
  const gauges: Gauge[] = [{ rule: "accountDailyLossUsd", ...daily }];
  if (kind === "spot") return gauges;
  const shrinks = { unit: "%", action: "reduce" } as const;
  const left = report && headroom(report);
  const away = report && distance(report, mark);
  const paid = hourlyFunding && 100 * hourlyFunding * Math.sign(position);
  gauges.push({ rule: "marginHeadroomPct", value: left, ...shrinks, isLeast: true });
  gauges.push({ rule: "liquidationDistancePct", value: away, ...shrinks, isLeast: true });
  gauges.push({ rule: "fundingLimitPct", value: paid, ...shrinks });
  return gauges;
}

/** Of nothing or less nothing is available. */
function headroom({ netEquity, available }: AccountReport): number {
  return netEquity > 0 ? (100 * available) / netEquity : 0;
}

/** How far the mark may still go against the position, in % of it; undefined without one. */
function distance(report: AccountReport, mark: Ticks): number | undefined {
  const { liquidationPrice, positionOfAccount } = report;
  if (liquidationPrice === undefined || positionOfAccount === 0) return undefined;
  return (100 * (mark - liquidationPrice) * Math.sign(positionOfAccount)) / mark;
}

/**
 * What is missing by the account's own word. What live orders lock is the run's all the same: one
 * still on its way counts as locked, so at worst the exchange refuses an order.
 */
function lacking({ free }: AccountReport, { market, ledger, orders }: Own) {
  let quote: number = free.quote;
  let held: number = free.base;
  for (const { side, price, remaining } of orders.live) {
    if (side === "bid") quote += remaining * price * market.cashPerTickLot;
    else held += remaining * market.basePerLot;
  }
  return {
    quote: cash(Math.max(0, ledger.freeCash - quote)),
    base: base(Math.max(0, ledger.held - held)),
  };
}
