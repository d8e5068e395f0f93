// Builders for tests of strategies: a market, what is true at a moment, a setup, and a walk of mid
// that fills what it passes. Each asks only for what its test is about, in plain ticks, lots and
// whole USD; the units are put on here.

import assert from "node:assert/strict";
import {
  baseFee,
  baseValue,
  cashFee,
  type Fees,
  type Market,
  type MarketRules,
  notional,
} from "../../lib/core/market.ts";
import { defaultParams, type ParamSpecs, type ParamValues } from "../../lib/core/params.ts";
import type {
  Observation,
  OpenOrder,
  Plan,
  PlannedOrder,
  Setup,
  Strategy,
  View,
} from "../../lib/core/strategy.ts";
import {
  base,
  cash,
  cashOf,
  COIN,
  lots,
  type Micros,
  micros,
  SECOND,
  ticks,
} from "../../lib/core/units.ts";
import { perpMarket, spotMarket, START } from "./core.ts";

/** SOL_USDC, or SOL_USDC_PERP with `kind: "perp"`: tick 0.01, lot 0.01, least quantity one lot. */
export function aMarket(rules: Partial<MarketRules> = {}): Market {
  return rules.kind === "perp" ? perpMarket(rules) : spotMarket(rules);
}

/** What a view says that its test is about. Prices in ticks, quantities in lots, equity in USD. */
export interface Seen {
  readonly time?: Micros;
  readonly bestBid?: number;
  readonly bestAsk?: number;
  readonly mark?: number;
  readonly position?: number;
  readonly sellable?: number;
  readonly entryTicks?: number;
  readonly oldestAt?: Micros;
  readonly equityUsd?: number;
  readonly open?: readonly OpenOrder[];
  /** The number `random` draws. */
  readonly drawn?: number;
}

/** A quiet moment around 150.00, nothing held: best bid 149.99 and best ask 150.01, 100 SOL on each. */
export function aView(seen: Seen = {}): View {
  const { bestBid = 14_999, bestAsk = 15_001, position = 0, drawn = 0.5 } = seen;
  const level = (price: number) => ({ price: ticks(price), quantity: lots(10_000) });
  return {
    time: seen.time ?? START,
    bestBid: ticks(bestBid),
    bestAsk: ticks(bestAsk),
    midTicks: (bestBid + bestAsk) / 2,
    ...(seen.mark === undefined ? {} : { mark: ticks(seen.mark) }),
    bids: [level(bestBid)],
    asks: [level(bestAsk)],
    position: lots(position),
    sellable: lots(seen.sellable ?? position),
    ...(seen.entryTicks === undefined ? {} : { entryTicks: seen.entryTicks }),
    ...(seen.oldestAt === undefined ? {} : { oldestAt: seen.oldestAt }),
    equity: cashOf(seen.equityUsd ?? 10_000),
    openOrders: seen.open ?? [],
    random: () => drawn,
  };
}

/** A view with mid at `price` ticks and a spread of two ticks. */
export function aViewAt(price: number, seen: Seen = {}): View {
  return aView({ bestBid: price - 1, bestAsk: price + 1, ...seen });
}

/** What a setup says that its test is about; fees in bps, capital in USD. */
export interface Given<P extends ParamSpecs> {
  readonly market?: Market;
  readonly params?: Partial<ParamValues<P>>;
  readonly fees?: Fees;
  readonly capitalUsd?: number;
}

/** The strategy's defaults on SOL_USDC with Backpack's base fees of spot and 10,000 USD. */
export function aSetup<P extends ParamSpecs, M extends object>(
  strategy: Strategy<P, M>,
  { market = aMarket(), params, fees = { maker: 8, taker: 10 }, capitalUsd = 10_000 }: Given<P>,
): Setup<P> {
  const defaults = defaultParams(strategy.params);
  return { market, params: { ...defaults, ...params }, fees, capital: cashOf(capitalUsd) };
}

/** The orders of a plan as they rest once they are sent. */
export function resting(orders: readonly PlannedOrder[], since: Micros = START): OpenOrder[] {
  return orders.map(({ side, price, quantity }) => ({ side, price, quantity, since }));
}

/** How a walk goes on: which part of each order it reaches is filled, and how many seconds pass. */
export interface Stride {
  readonly share?: number;
  readonly seconds?: number;
}

/**
 * A strategy alone in a market without a queue: what the plan says rests, and an order fills at its
 * own price once the opposite best price reaches it. The accounts are kept apart from the strategy.
 */
export class Walk<P extends ParamSpecs, M extends object> {
  /** In `Base` on spot, in lots on a perp. */
  #held: number;
  #cash = 0;
  #feesPaid = 0;
  #mid: number;
  #time: Micros = START;
  readonly memory: M;
  readonly seen: Observation[] = [];
  plan: Plan;

  constructor(
    readonly strategy: Strategy<P, M>,
    readonly setup: Setup<P>,
    { mid = 15_000, position = 0 } = {},
  ) {
    this.#mid = mid;
    this.#held = position * this.#grain;
    this.memory = strategy.start(setup, this.view([]));
    this.plan = strategy.plan(this.memory, this.view([]), setup);
  }

  /** In whole lots. */
  get position(): number {
    return Math.floor(this.#held / this.#grain);
  }

  /** What fills have brought in and cost, fees in quote currency included. */
  get cash(): number {
    return this.#cash;
  }

  /** All fees in quote currency, those in base at the price of their fill. */
  get feesPaid(): number {
    return this.#feesPaid;
  }

  /** The moment, with these of its own orders resting: by default what was planned last. */
  view(orders: readonly PlannedOrder[] = this.plan.orders, mid = this.#mid): View {
    const { market, capital } = this.setup;
    const worth = mid * market.cashPerTickLot * (this.#held / this.#grain);
    const equityUsd = (capital + this.#cash + worth) / COIN;
    const open = resting(orders, this.#time);
    return aViewAt(mid, { time: this.#time, position: this.position, equityUsd, open });
  }

  /** Takes mid to a price in ticks; fills, the book and a new plan follow. */
  to(mid: number, { share = 1, seconds = 1 }: Stride = {}): this {
    this.#mid = mid;
    this.#time = micros(this.#time + seconds * SECOND);
    const done = new Set<string>();
    for (let order = this.#reached(done); order !== undefined; order = this.#reached(done)) {
      done.add(`${order.side} ${order.price}`);
      this.#fill(order, Math.max(1, Math.floor(order.quantity * share)));
      this.#plan();
    }
    const [bestBid, bestAsk, some] = [ticks(mid - 1), ticks(mid + 1), lots(1)];
    const sizes = { bidQuantity: some, askQuantity: some };
    this.#tell({ kind: "book", time: this.#time, bestBid, bestAsk, ...sizes });
    return this.#plan();
  }

  get #grain(): number {
    const { market } = this.setup;
    return market.kind === "spot" ? market.basePerLot : 1;
  }

  #reached(done: ReadonlySet<string>): PlannedOrder | undefined {
    const passed = this.plan.orders.filter(({ side, price }) =>
      (side === "bid" ? price > this.#mid : price < this.#mid) && !done.has(`${side} ${price}`)
    );
    return passed.sort((a, b) => Math.abs(b.price - this.#mid) - Math.abs(a.price - this.#mid))[0];
  }

  #fill(order: PlannedOrder, part: number): void {
    const { market, fees: { maker } } = this.setup;
    const { side, price, tag, reduceOnly } = order;
    const quantity = lots(part);
    const worth = notional(market, price, quantity);
    const inBase = market.kind === "spot" && side === "bid";
    const feeBase = inBase ? baseFee(base(quantity * market.basePerLot), maker) : base(0);
    const fee = inBase ? baseValue(market, price, feeBase) : cashFee(worth, maker);
    const before = this.position;
    this.#held += side === "bid" ? quantity * this.#grain - feeBase : -quantity * this.#grain;
    this.#cash += (side === "bid" ? -worth : worth) - (inBase ? 0 : fee);
    this.#feesPaid += fee;
    assert(market.kind === "perp" || this.#held >= 0, "sold what was not held");
    const grew = Math.abs(this.position) > Math.abs(before) || this.position * before < 0;
    assert(reduceOnly !== true || !grew, "a reduce-only order opened a position");
    const told = {
      price,
      quantity,
      maker: true,
      fee: cash(fee),
      ...(tag === undefined ? {} : { tag }),
    };
    this.#tell({ kind: "fill", time: this.#time, side, ...told });
  }

  #tell(event: Observation): void {
    if (!(this.strategy.observes ?? ["fill"]).includes(event.kind)) return;
    this.seen.push(event);
    this.strategy.observe?.(this.memory, event, this.setup);
  }

  #plan(): this {
    this.plan = this.strategy.plan(this.memory, this.view(), this.setup);
    return this;
  }
}
