// A guard's desk before a scripted exchange that takes stop orders too, with its clock in the hand of
// the test: a long of 10 lots from 100.00, guarded at 5 %.

import { GuardDesk, type GuardRest } from "../../lib/backpack/guard_desk.ts";
import type { GuardLimits, Held } from "../../lib/backpack/guard.ts";
import type { NotedStop } from "../../lib/backpack/guard_stops.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { OrderStatus, WireOrder } from "../../lib/backpack/wire_order.ts";
import type { Trigger } from "../../lib/backpack/wire_trigger.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { at, facts, ID, isOurs, market, pastRow, row } from "./orders.ts";
import { ManualWall, ScriptedExchange, turns } from "./scripted.ts";

/** A stop as the exchange lists it. */
export function stopRow({ id, side, quantity }: Trigger, status: OrderStatus = "waiting") {
  const changes = {
    clientId: id,
    orderId: `${id}`,
    side,
    quantity,
    status,
    type: "market",
  } as const;
  return { ...row(0, { ...changes, price: undefined }), reduceOnly: true };
}

/** A stop of the first id, placed at the start of the tests. */
export const firstStop: NotedStop = {
  ...{ id: ID, side: "ask", price: ticks(9_500), quantity: lots(10) },
  ...{ best: ticks(10_000), since: at(0) },
};

/** The desk, and both sides of it. */
export class GuardScene {
  readonly wall = new ManualWall();
  readonly exchange = new ScriptedExchange(this.wall);
  /** What was written down, in order, and what was sent. */
  readonly noted: NotedStop[] = [];
  readonly sent: Trigger[] = [];
  readonly notices: string[] = [];
  readonly errors: unknown[] = [];
  /** Answers the next placing. */
  answer: ((order: WireOrder) => Reply<WireOrder>) | undefined;
  held: Held = { position: lots(10), entryTicks: 10_000, mark: ticks(10_000) };
  limits: GuardLimits = { guardStopPct: 5 };
  readonly desk: GuardDesk;
  #id = ID;

  constructor() {
    const rest: GuardRest = {
      ...this.exchange.rest,
      placeTrigger: async (_, trigger) => {
        this.exchange.calls.push(`trigger ${trigger.id}`);
        this.sent.push(trigger);
        const order = stopRow(trigger);
        const reply = this.answer?.(order) ?? { kind: "ok" as const, value: order };
        if (reply.kind === "ok") this.exchange.open.push(reply.value);
        await Promise.resolve();
        return reply;
      },
    };
    const { wall } = this;
    this.desk = new GuardDesk({
      ...{ rest, wall, now: wall.now, signal: new AbortController().signal, isOurs },
      market: () => market,
      nextId: () => this.#id++,
      onPlace: (stop) => this.noted.push(stop),
      onNotice: ({ level, text }) => this.notices.push(`${level}: ${text}`),
      fail: (error) => this.errors.push(error),
    });
  }

  /** The run looks at its position again and again for so long. */
  async watch(ms = 0, changes: { position?: number; entry?: number; mark?: number } = {}) {
    const { position = this.held.position, entry, mark = this.held.mark } = changes;
    const entryTicks = position === 0 ? undefined : entry ?? this.held.entryTicks ?? 10_000;
    this.held = { position: lots(position), entryTicks, mark: ticks(mark) };
    for (let passed = 0;; passed += 100) {
      this.desk.watch(this.held, this.limits);
      await turns();
      if (passed >= ms) return;
      await this.wall.advance(100);
    }
  }

  /** What waits at the exchange: "ask 10 at 9500". */
  get waiting(): readonly string[] {
    return this.exchange.open.map(({ clientId }) => {
      const { side, quantity, price } = this.sent.find(({ id }) => id === clientId) ?? firstStop;
      return `${side} ${quantity} at ${price}`;
    });
  }

  /** The order has ended, as the history says. */
  end(id: number, status: "filled" | "cancelled" | "expired"): void {
    this.exchange.open = this.exchange.open.filter(({ clientId }) => clientId !== id);
    const changes = {
      clientId: id,
      orderId: `${id}`,
      price: undefined,
      createdAt: this.wall.now(),
    };
    this.exchange.past.push(pastRow(0, status, { ...facts(0), ...changes, status }));
  }
}
