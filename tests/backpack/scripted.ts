// An exchange of a few lines, to the types of the real requests and the real socket, and a clock that
// goes on when the test says so. What an order does is what the test does to these lists.

import type { Market } from "../../lib/core/market.ts";
import { cash, lots, type Micros, micros, MILLISECOND, ticks } from "../../lib/core/units.ts";
import type { Wall } from "../../lib/backpack/chores.ts";
import type { StreamTerms, VenueStream } from "../../lib/backpack/listener.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { VenueRest } from "../../lib/backpack/venue.ts";
import type {
  Account,
  Balance,
  Collateral,
  RestPosition,
} from "../../lib/backpack/wire_account.ts";
import type { PastFill, PastFunding, PastOrder } from "../../lib/backpack/wire_history.ts";
import type { WireOrder } from "../../lib/backpack/wire_order.ts";
import type { Place } from "../../lib/backpack/wire_print.ts";
import type { DepthSnapshot, MarkPrice, PastTrade } from "../../lib/backpack/wire_public.ts";
import { level, START } from "../support/core.ts";
import { facts, market } from "./orders.ts";

/** Time that stands still until it is told to go on. */
export class ManualWall implements Wall {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  readonly localMs = (): number => this.#now;

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });

  /** The exchange's clock: that of the tests. */
  readonly nowMs = (): number => START / MILLISECOND + this.#now;

  readonly now = (): Micros => micros(START + this.#now * MILLISECOND);

  /** Goes on by so much, in steps that wake each sleeper in its turn. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turns();
    for (;;) {
      const next = Math.min(...this.#sleepers.map(({ at }) => at));
      if (next > until) break;
      this.#now = Math.max(this.#now, next);
      const due = this.#sleepers.filter(({ at }) => at <= this.#now);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
      for (const { wake } of due) wake();
      await turns();
    }
    this.#now = until;
  }
}

/** Lets everything that is ready run. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

export function ok<T>(value: T): Reply<T> {
  return { kind: "ok", value };
}

export const lostReply: Reply<never> = { kind: "unknown", reason: "no answer after 5000 ms" };

export const account: Account = {
  spotFees: { maker: 8, taker: 10 },
  perpFees: { maker: 2, taker: 5 },
  leverageLimit: 10,
  liquidating: false,
  autoLend: false,
  autoBorrowSettlements: false,
  autoRepayBorrows: false,
  autoRealizePnl: true,
  limitOrders: 0,
  triggerOrders: 0,
};

export const collateral: Collateral = {
  assetsValue: cash(100_000_000_000),
  liabilitiesValue: cash(0),
  netEquity: cash(100_000_000_000),
  netEquityAvailable: cash(90_000_000_000),
  netEquityLocked: cash(10_000_000_000),
  netExposureFutures: cash(0),
  unrealised: cash(0),
  unsettled: cash(0),
  initialMargin: 0.02,
  maintenanceMargin: 0.0125,
  marginFraction: undefined,
  assets: [],
};

/** A position of so many lots. */
export function aPosition(quantity: number, changes: Partial<RestPosition> = {}): RestPosition {
  return {
    market,
    quantity: lots(quantity),
    entryTicks: 10_000,
    mark: ticks(10_000),
    realised: cash(0),
    unrealised: cash(0),
    exposureQuantity: lots(quantity),
    exposureNotional: cash(0),
    initialMargin: 0.02,
    maintenanceMargin: 0.0125,
    liquidationTicks: undefined,
    fundingPayment: cash(0),
    ...changes,
  };
}

/** A book of one level a side, 99.99 and 100.01, up to this id. */
export function aBook(lastId: number): DepthSnapshot {
  return { time: START, lastId, bids: [level(9_999, 5)], asks: [level(10_001, 5)] };
}

/** Answers requests from its lists. */
export class ScriptedExchange {
  market: Market = market;
  book = aBook(100);
  open: WireOrder[] = [];
  past: PastOrder[] = [];
  fills: PastFill[] = [];
  paid: PastFunding[] = [];
  trades: PastTrade[] = [];
  marks: MarkPrice[] = [];
  account = account;
  balances: ReadonlyMap<string, Balance> = new Map();
  collateral = collateral;
  positions: RestPosition[] = [];
  /** Every request, in order: "openOrders", "place 2", "cancel 7". */
  readonly calls: string[] = [];
  /** From when fills were last asked for. */
  fillsFrom: Micros | undefined;
  /** What is placed, in order. */
  readonly placed: Place[] = [];
  /** Answers that replace the usual one, by the first word of the request; undefined: the usual one. */
  readonly answers = new Map<string, () => Reply<never> | undefined>();
  readonly #wall: ManualWall;

  constructor(wall: ManualWall) {
    this.#wall = wall;
  }

  /** So often it was asked for this. */
  count(name: string): number {
    return this.calls.filter((call) => call.split(" ")[0] === name).length;
  }

  readonly rest: VenueRest = {
    time: () => this.#answer("time", () => this.#wall.now()),
    warm: () => this.#answer("warm", () => "pong" as const),
    market: () => this.#answer("market", () => this.market),
    depth: (_, limit) => this.#answer(`depth ${limit}`, () => this.book),
    trades: () => this.#answer("trades", () => this.trades),
    markPrices: () => this.#answer("markPrices", () => this.marks),
    account: () => this.#answer("account", () => this.account),
    capital: () => this.#answer("capital", () => this.balances),
    collateral: () => this.#answer("collateral", () => this.collateral),
    positions: () => this.#answer("positions", () => this.positions),
    openOrders: () => this.#answer("openOrders", () => [...this.open]),
    orderHistory: (_, page) =>
      this.#answer(
        "orderHistory",
        () => this.past.filter(({ orderId }) => orderId === (page.orderId ?? orderId)),
      ),
    fills: (_, { orderId: wanted, from }) => {
      this.fillsFrom = from;
      const isAsked = ({ orderId, time }: PastFill) =>
        orderId === (wanted ?? orderId) && time >= (from ?? 0);
      return this.#answer("fills", () => this.fills.filter(isAsked));
    },
    funding: () => this.#answer("funding", () => this.paid),
    place: (_, orders) => {
      this.placed.push(...orders);
      return this.#answer(`place ${orders.length}`, () =>
        orders.map((order) => {
          const row = this.#rest(order);
          this.open.push(row);
          return { kind: "placed", order: row } as const;
        }));
    },
    cancel: (_, which) => this.#cancel("id" in which ? which.id : NaN),
    prepareCancel: (_, { id }) => ({
      outgoing: { method: "DELETE", path: `${id}` },
      kind: "cancel",
      reading: { asks: "command", read: () => "accepted" },
      expiresMs: this.#wall.nowMs() + 60_000,
    }),
    sendPrepared: ({ outgoing }) => {
      this.calls.push(`prepared ${outgoing.path}`);
      return this.#cancel(Number(outgoing.path));
    },
  };

  #cancel(id: number): Promise<Reply<WireOrder | "accepted">> {
    const row = this.open.find(({ clientId }) => clientId === id);
    if (row === undefined) {
      const refusal = { code: "RESOURCE_NOT_FOUND", message: "Not Found" };
      return this.#refuse(`cancel ${id}`, refusal);
    }
    return this.#answer(`cancel ${id}`, () => {
      this.open = this.open.filter((one) => one !== row);
      return { ...row, status: "cancelled" } as const;
    });
  }

  #rest(order: Place): WireOrder {
    const { id, side, price, quantity, role, reduceOnly } = order;
    const postOnly = role === "maker";
    const changes = {
      orderId: `${id - 3_000_000_000}`,
      clientId: id,
      side,
      price,
      quantity,
      postOnly,
    };
    return { ...facts(0, changes), reduceOnly, createdAt: this.#wall.now() };
  }

  async #refuse(call: string, refusal: { code: string; message: string }): Promise<Reply<never>> {
    this.calls.push(call);
    await turn();
    return { kind: "refused", status: 404, refusal };
  }

  /** Answers after a turn of the loop, as the network would. */
  async #answer<T>(call: string, value: () => T): Promise<Reply<T>> {
    this.calls.push(call);
    const reply = this.answers.get(call.split(" ")[0] ?? "")?.() ?? ok(value());
    await turn();
    return reply;
  }
}

function turn(): Promise<void> {
  return Promise.resolve();
}

/** A socket in the hand of the test. */
export class ScriptedStream implements VenueStream {
  state: VenueStream["state"] = "down";
  readonly restarts: string[] = [];
  #heardMs = 0;
  readonly #wall: ManualWall;
  readonly terms: StreamTerms;

  constructor(terms: StreamTerms, wall: ManualWall) {
    this.terms = terms;
    this.#wall = wall;
  }

  start(): void {
    this.up();
  }

  /** The socket is there, and subscribed. */
  up(): void {
    this.state = "open";
    this.#heardMs = this.#wall.localMs();
    this.terms.onState("open", "");
  }

  down(): void {
    this.state = "down";
    this.terms.onState("down", "cut by the test");
  }

  tell(event: Parameters<StreamTerms["onEvent"]>[0]): void {
    this.#heardMs = this.#wall.localMs();
    this.terms.onEvent(event, "", this.#wall.now());
  }

  restart(reason: string): void {
    this.restarts.push(reason);
    this.down();
    this.up();
  }

  close(): void {
    this.state = "down";
  }

  ageMs(): number {
    return this.state === "open" ? this.#wall.localMs() - this.#heardMs : Infinity;
  }
}
