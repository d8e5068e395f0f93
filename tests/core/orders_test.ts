import assert from "node:assert/strict";
import fc from "fast-check";
import type { OrderEvent } from "../../lib/core/event.ts";
import { isResting, Orders, type OrderState } from "../../lib/core/orders.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { aFill, after, ask, bid, place, rest, START, told } from "../support/core.ts";

const CANCEL = { kind: "cancel", id: 1 } as const;

/** Order 1, a bid of 10 lots at 100.00, brought into each state. `partlyFilled` has filled 4. */
const reach: { readonly [S in OrderState]: (orders: Orders) => void } = {
  sent: (orders) => orders.command(place(1, bid(10_000, 10, { tag: "rung 3" })), START),
  open: (orders) => {
    reach.sent(orders);
    orders.apply(told("accepted", 1));
  },
  partlyFilled: (orders) => {
    reach.open(orders);
    orders.apply(aFill({ quantity: 4, fillId: 90 }));
  },
  cancelling: (orders) => {
    reach.open(orders);
    orders.command(CANCEL, START);
  },
  unknown: (orders) => {
    reach.sent(orders);
    orders.apply(told("unknown", 1));
  },
  done: (orders) => {
    reach.open(orders);
    orders.apply(told("cancelled", 1));
  },
};

const columns: readonly OrderEvent[] = [
  told("accepted", 1),
  aFill({ quantity: 3 }),
  aFill({ quantity: 10 }),
  { kind: "modified", time: START, id: 1, quantity: lots(6) },
  told("unknown", 1),
  told("cancelRefused", 1),
  told("rejected", 1),
  told("cancelled", 1),
  told("expired", 1),
];

/** What becomes of each state (row) by each of the events above (column). */
const table: { readonly [S in OrderState]: string } = {
  //            accepted     fill 3       fill 10 modified     unknown cancelRefused, three ends
  sent: "         open         partlyFilled done sent         unknown unknown done done done",
  open: "         open         partlyFilled done open         unknown unknown done done done",
  partlyFilled: " partlyFilled partlyFilled done partlyFilled unknown unknown done done done",
  cancelling: "   cancelling   cancelling   done cancelling   unknown unknown done done done",
  unknown: "      open         unknown      done unknown      unknown unknown done done done",
  done: "         done         done         done done         done    done    done done done",
};

const states = ["sent", "open", "partlyFilled", "cancelling", "unknown", "done"] as const;

for (const state of states) {
  Deno.test(`what may happen to an order that is ${state}`, () => {
    const expected = table[state].trim().split(/ +/);
    assert.equal(expected.length, columns.length);
    columns.forEach((event, i) => {
      const orders = new Orders();
      reach[state](orders);
      assert.equal(orders.find(1)?.state, state);
      orders.apply(event);
      assert.equal(orders.find(1)?.state, expected[i], `${state} and ${event.kind}`);
      const gone = expected[i] === "done";
      assert.equal(orders.count, gone ? 0 : 1);
      assert.equal([...orders.live].length, orders.count);
      const shown = gone ? 0 : orders.find(1)?.remaining;
      assert.equal(orders.shownAt("bid", ticks(10_000)), shown);
    });
  });
}

Deno.test("an order is kept as it was sent", () => {
  const orders = new Orders();
  orders.command(place(7, ask(10_100, 3, { reduceOnly: true, tag: "exit" })), after(5));
  assert.deepEqual(orders.find(7), {
    id: 7,
    side: "ask",
    price: 10_100,
    quantity: 3,
    filled: 0,
    remaining: 3,
    role: "maker",
    reduceOnly: true,
    tag: "exit",
    since: after(5),
    state: "sent",
    shrunk: false,
  });
});

Deno.test("fills count down what may still fill", () => {
  const orders = new Orders();
  reach.open(orders);
  orders.apply(aFill({ quantity: 4, fillId: 1 }));
  orders.apply(aFill({ quantity: 5, fillId: 2 }));
  const { filled, remaining, quantity } = orders.find(1) ?? {};
  assert.deepEqual({ filled, remaining, quantity }, { filled: 9, remaining: 1, quantity: 10 });
});

Deno.test("a fill that is told before the order was accepted is not undone by the acceptance", () => {
  const orders = new Orders();
  reach.sent(orders);
  orders.apply(aFill({ quantity: 4 }));
  orders.apply(told("accepted", 1));
  assert.equal(orders.find(1)?.state, "partlyFilled");
  assert.equal(orders.find(1)?.remaining, 6);
});

Deno.test("an unknown order that turns out to rest is as filled as it was", () => {
  const orders = new Orders();
  reach.partlyFilled(orders);
  orders.apply(told("unknown", 1));
  orders.apply(told("accepted", 1));
  assert.equal(orders.find(1)?.state, "partlyFilled");
});

Deno.test("what the exchange shrank is smaller, and remembered as shrunk", () => {
  const cases: readonly (readonly [number, number, number])[] = [
    // filled before, whole quantity now, what may still fill
    [0, 6, 6],
    [4, 6, 2],
    [4, 4, 0],
    [4, 3, 0],
  ];
  for (const [filled, quantity, remaining] of cases) {
    const orders = new Orders();
    reach.open(orders);
    if (filled > 0) orders.apply(aFill({ quantity: filled }));
    orders.apply({ kind: "modified", time: START, id: 1, quantity: lots(quantity) });
    const order = orders.find(1);
    assert.equal(order?.remaining, remaining);
    assert.equal(order?.shrunk, true);
    assert.equal(order?.state === "done", remaining === 0);
  }
});

Deno.test("a late fill still finds the tag of its order, for a long time but not for ever", () => {
  const orders = new Orders();
  reach.done(orders);
  orders.apply(aFill({ quantity: 4 }));
  assert.equal(orders.find(1)?.tag, "rung 3");
  for (let id = 2; id <= 4096; id++) {
    rest(orders, id, bid(9_000, 1));
    orders.apply(told("cancelled", id));
  }
  assert.equal(orders.find(1)?.tag, "rung 3");
  rest(orders, 5000, bid(9_000, 1));
  orders.apply(told("cancelled", 5000));
  assert.equal(orders.find(1), undefined);
});

Deno.test("events of orders that are not ours change nothing", () => {
  const orders = new Orders();
  reach.open(orders);
  for (const event of columns) orders.apply({ ...event, id: 99 });
  assert.equal(orders.count, 1);
  assert.equal(orders.find(99), undefined);
});

Deno.test("a number is never used twice, and only what lives is cancelled", () => {
  const orders = new Orders();
  reach.sent(orders);
  assert.throws(() => reach.sent(orders), { name: "Bug", message: "order id 1 used twice" });
  orders.apply(told("rejected", 1));
  assert.throws(() => reach.sent(orders), { name: "Bug" });
  assert.throws(() => orders.command(CANCEL, START), { name: "Bug", message: /which is not live/ });
});

Deno.test("taker orders are never shown by the book", () => {
  const orders = new Orders();
  orders.command(place(1, bid(10_000, 10, { role: "taker" })), START);
  assert.equal(orders.shownAt("bid", ticks(10_000)), 0);
  orders.apply(aFill({ quantity: 4 }));
  orders.apply(told("expired", 1));
  assert.equal(orders.shownAt("bid", ticks(10_000)), 0);
});

Deno.test("orders on their way, on the book or partly filled rest; others do not", () => {
  for (const state of states) {
    const orders = new Orders();
    reach[state](orders);
    const order = orders.find(1);
    assert.ok(order !== undefined);
    assert.equal(isResting(order), ["sent", "open", "partlyFilled"].includes(state), state);
  }
});

const step = fc.record({
  what: fc.constantFrom("place", "cancel", "fill", "modified", "accepted", "unknown", "cancelled"),
  id: fc.integer({ min: 1, max: 8 }),
  side: fc.constantFrom("bid", "ask"),
  role: fc.constantFrom("maker", "maker", "taker"),
  price: fc.integer({ min: 1, max: 3 }),
  quantity: fc.integer({ min: 1, max: 9 }),
});

Deno.test("what the book may show of ours is always the sum of the live maker orders", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const orders = new Orders();
    for (const { what, id, side, role, price, quantity } of steps) {
      const isLive = [...orders.live].some((order) => order.id === id);
      if (what === "place") {
        if (orders.find(id) !== undefined) continue;
        orders.command(place(id, (side === "bid" ? bid : ask)(price, quantity, { role })), START);
      } else if (what === "cancel") {
        if (isLive) orders.command({ kind: "cancel", id }, START);
      } else if (what === "fill") orders.apply(aFill({ id, quantity }));
      else if (what === "modified") {
        orders.apply({ kind: "modified", time: START, id, quantity: lots(quantity) });
      } else orders.apply(told(what, id));
      for (const at of [1, 2, 3]) {
        for (const which of ["bid", "ask"] as const) {
          const sum = [...orders.live]
            .filter((order) => order.role === "maker" && order.side === which && order.price === at)
            .reduce((total, order) => total + order.remaining, 0);
          assert.equal(orders.shownAt(which, ticks(at)), sum);
        }
      }
    }
  }));
});
