// What is found at the exchange against what a run holds: each way the two can differ, as a table, and
// that nothing is ever taken for gone because nobody has seen it.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Event, OrderId } from "../../lib/core/event.ts";
import { Orders } from "../../lib/core/orders.ts";
import {
  type End,
  type Found,
  type FoundFill,
  type FoundOrder,
  settle,
} from "../../lib/core/settle.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { aFill, after, ask, bid, place, rest, START, told } from "../support/core.ts";

const NOW = after(60_000);
const OURS = new Set([1, 2, 3, 9]);

/** Order 1 rests, 2 is sent, 3 is reduce-only and being cancelled; 9 has ended. */
function live(): Orders {
  const orders = new Orders();
  rest(orders, 9, bid(9_900, 1));
  orders.apply(told("cancelled", 9));
  rest(orders, 1, bid(9_990, 10));
  orders.command(place(2, ask(10_010, 20)), START);
  rest(orders, 3, ask(10_020, 30, { reduceOnly: true }));
  orders.command({ kind: "cancel", id: 3 }, START);
  return orders;
}

function open(id: OrderId | undefined, given: Partial<FoundOrder> = {}): FoundOrder {
  const side = id === 1 || id === 9 ? "bid" : "ask";
  const price = ticks(id === 1 ? 9_990 : id === 2 ? 10_010 : 10_020);
  const quantity = lots((id ?? 1) * 10);
  const reduceOnly = id === 3;
  return { id, orderId: `x${id}`, side, price, quantity, filled: lots(0), reduceOnly, ...given };
}

function fillOf(id: OrderId | undefined, quantity: number, fillId = 1): FoundFill {
  const { kind: _, ...fill } = aFill({ fillId, quantity, side: id === 1 ? "bid" : "ask" });
  return { ...fill, id, origin: "USER" };
}

function found(given: Partial<Found>): Found {
  return { time: NOW, open: [], fills: [], ended: new Map(), ...given };
}

function settled(given: Partial<Found>) {
  const whose = (id: OrderId) => OURS.has(id) ? "ours" : id < 1000 ? "strange" : "other";
  const { events, foreign, strange, ...ids } = settle(live().live, whose, found(given));
  return { events: events.map(said), foreign: named(foreign), strange: named(strange), ...ids };
}

function named(orders: readonly FoundOrder[]): string[] {
  return orders.map(({ orderId }) => orderId);
}

function said(event: Event): string {
  assert.equal(event.time, NOW, "everything is told now");
  const id = "id" in event ? ` ${event.id}` : "";
  const quantity = "quantity" in event ? ` ${event.quantity}` : "";
  return `${event.kind}${id}${quantity}`;
}

const NONE = { events: [], foreign: [], strange: [], missing: [], toCancel: [], lagging: [] };
const ALL = [open(1), open(2), open(3)];

const rows: readonly (readonly [string, Partial<Found>, Partial<ReturnType<typeof settled>>])[] = [
  ["nothing found proves nothing", {}, { missing: [1, 2, 3] }],
  ["one that rests as held is no news", { open: [open(1)] }, { missing: [2, 3] }],
  ["one sent and found was accepted", { open: [open(2)] }, {
    events: ["accepted 2"],
    missing: [1, 3],
  }],
  ["one being cancelled and found is to be cancelled again", { open: [open(3)] }, {
    missing: [1, 2],
    toCancel: [3],
  }],
  ["one given up and found is to be cancelled again", { open: [...ALL, open(9)] }, {
    events: ["accepted 2"],
    toCancel: [3, 9],
  }],
  ["ends are told by their names", {
    ended: new Map([[1, "cancelled"], [2, "rejected"], [3, "expired"]]),
  }, { events: ["cancelled 1", "rejected 2", "expired 3"] }],
  ["fills come before what rests and what ended", {
    fills: [fillOf(1, 4, 1), fillOf(2, 5, 2)],
    open: [open(2, { filled: lots(5) }), open(3)],
    ended: new Map([[1, "cancelled"]]),
  }, { events: ["fill 1 4", "fill 2 5", "accepted 2", "cancelled 1"], toCancel: [3] }],
  ["one filled whole ends by its fills", {
    fills: [fillOf(1, 4, 1), fillOf(1, 6, 2)],
    open: [open(2), open(3)],
    ended: new Map([[1, "filled"]]),
  }, { events: ["fill 1 4", "fill 1 6", "accepted 2"], toCancel: [3] }],
  ["one filled without its fills is not gone yet", {
    fills: [fillOf(1, 4)],
    open: [open(2), open(3)],
    ended: new Map([[1, "filled"]]),
  }, { events: ["fill 1 4", "accepted 2"], toCancel: [3], lagging: [1] }],
  ["a reduce-only order filled to what it was shrunk to has ended", {
    fills: [fillOf(3, 12)],
    open: [open(1), open(2)],
    ended: new Map([[3, "filled"]]),
  }, { events: ["fill 3 12", "accepted 2", "modified 3 12"] }],
  ["a reduce-only order filled without any fill is not gone yet", {
    open: [open(1), open(2)],
    ended: new Map([[3, "filled"]]),
  }, { events: ["accepted 2"], lagging: [3] }],
  ["an order cancelled with more executed than told is not gone yet", {
    fills: [fillOf(1, 4)],
    open: [open(2), open(3)],
    ended: new Map([[1, "cancelled"]]),
    executed: new Map([[1, lots(5)]]),
  }, { events: ["fill 1 4", "accepted 2"], toCancel: [3], lagging: [1] }],
  ["an order cancelled with all told that was executed has ended", {
    fills: [fillOf(1, 4)],
    open: [open(2), open(3)],
    ended: new Map([[1, "cancelled"]]),
    executed: new Map([[1, lots(4)]]),
  }, { events: ["fill 1 4", "accepted 2", "cancelled 1"], toCancel: [3] }],
  ["a reduce-only order filled with more executed than told is not gone yet", {
    fills: [fillOf(3, 12)],
    open: [open(1), open(2)],
    ended: new Map([[3, "filled"]]),
    executed: new Map([[3, lots(20)]]),
  }, { events: ["fill 3 12", "accepted 2"], lagging: [3] }],
  ["one that rests with more filled than told lags", {
    open: [open(1, { filled: lots(3) }), open(2), open(3)],
  }, { events: ["accepted 2"], toCancel: [3], lagging: [1] }],
  ["a reduce-only order that shrank was modified", {
    open: [open(1), open(2), open(3, { quantity: lots(7) })],
  }, { events: ["accepted 2", "modified 3 7"], toCancel: [3] }],
  ["one that grew is strange", { open: [open(1), open(2), open(3, { quantity: lots(31) })] }, {
    events: ["accepted 2"],
    strange: ["x3"],
    missing: [3],
  }],
  ["a plain order that shrank is strange", { open: [open(1, { quantity: lots(9) })] }, {
    strange: ["x1"],
    missing: [1, 2, 3],
  }],
  ["one at another price is strange", { open: [open(1, { price: ticks(9_989) })] }, {
    strange: ["x1"],
    missing: [1, 2, 3],
  }],
  ["one of the other side is strange", { open: [open(1, { side: "ask" })] }, {
    strange: ["x1"],
    missing: [1, 2, 3],
  }],
  ["our tag without a journal entry is strange", { open: [...ALL, open(77)] }, {
    events: ["accepted 2"],
    toCancel: [3],
    strange: ["x77"],
  }],
  ["a second order of one id is strange", { open: [...ALL, open(1, { orderId: "y" })] }, {
    events: ["accepted 2"],
    toCancel: [3],
    strange: ["y"],
  }],
  ["orders of others are only named", { open: [...ALL, open(undefined), open(5_000)] }, {
    events: ["accepted 2"],
    toCancel: [3],
    foreign: ["xundefined", "x5000"],
  }],
  ["fills of others are not ours", {
    open: ALL,
    fills: [fillOf(undefined, 1, 1), fillOf(5_000, 2, 2), fillOf(77, 3, 3), fillOf(9, 4, 4)],
  }, {
    events: ["foreignFill 1", "foreignFill 2", "foreignFill 3", "fill 9 4", "accepted 2"],
    toCancel: [3],
  }],
];

for (const [name, given, expected] of rows) {
  Deno.test(`settling: ${name}`, () => {
    assert.deepEqual(settled(given), { ...NONE, ...expected });
  });
}

Deno.test("a fill of somebody else keeps whose it was", () => {
  const [event] = settle([], () => "other", found({ fills: [fillOf(undefined, 1)] })).events;
  assert.equal(event?.kind === "foreignFill" && event.origin, "USER");
});

Deno.test("what is settled can be settled again without news", () => {
  const orders = live();
  const given = found({
    open: [open(2, { filled: lots(5) })],
    fills: [fillOf(2, 5)],
    ended: new Map([[1, "cancelled"], [3, "expired"]]),
  });
  for (const event of settle(orders.live, () => "ours", given).events) {
    if ("id" in event) orders.apply(event);
  }
  const again = settle(orders.live, () => "ours", given);
  assert.deepEqual(again.events.map(({ kind }) => kind), ["fill"], "the ledger knows its number");
  assert.deepEqual([again.missing, again.lagging, again.toCancel], [[], [], []]);
});

Deno.test("every live order is named exactly once: as resting, ended, missing, strange or lagging", () => {
  const ends: readonly End[] = ["filled", "cancelled", "expired", "rejected"];
  const fate = fc.record({
    isOpen: fc.boolean(),
    end: fc.option(fc.constantFrom(...ends), { nil: undefined }),
    grows: fc.integer({ min: 0, max: 1 }),
  });
  fc.assert(fc.property(fc.tuple(fate, fate, fate), (fates) => {
    const seen = fates.flatMap(({ isOpen, grows }, i) => {
      const order = open(i + 1);
      return isOpen ? [{ ...order, quantity: lots(order.quantity + grows) }] : [];
    });
    const ended = new Map<OrderId, End>();
    fates.forEach(({ end }, i) => end !== undefined && ended.set(i + 1, end));
    const { missing, lagging, strange, events } = settle(
      live().live,
      () => "ours",
      found({ open: seen, ended }),
    );
    fates.forEach(({ isOpen, end, grows }, i) => {
      const id = i + 1;
      const rests = isOpen && grows === 0;
      const over = events.some((event) =>
        (event.kind === "cancelled" || event.kind === "expired" || event.kind === "rejected") &&
        event.id === id
      );
      assert.equal(missing.includes(id), !rests && end === undefined);
      assert.equal(lagging.includes(id), !rests && end === "filled");
      assert.equal(over, !rests && end !== undefined && end !== "filled");
      assert.equal(strange.some((order) => order.id === id), isOpen && grows > 0);
    });
  }));
});
