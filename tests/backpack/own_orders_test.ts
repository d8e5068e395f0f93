// Every way in which Backpack can say what became of an order comes out as one story, told once.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { OrderNews, OwnOrders } from "../../lib/backpack/own_orders.ts";
import type { BatchResult, WireOrder } from "../../lib/backpack/wire_order.ts";
import { Ledger } from "../../lib/core/ledger.ts";
import { Orders } from "../../lib/core/orders.ts";
import { base, cash, lots, ticks } from "../../lib/core/units.ts";
import { START } from "../support/core.ts";
import {
  at,
  bid,
  books,
  facts,
  fillMessage,
  held,
  ID,
  market,
  message,
  pastFill,
  pastRow,
  row,
  taker,
} from "./orders.ts";

const refusal = (message: string, code?: string) =>
  ({ kind: "refused", status: 400, refusal: { code, message } }) as const;

const notFound = refusal("Not Found", "RESOURCE_NOT_FOUND");

const wouldTake = refusal("Order would immediately match and take", "INVALID_ORDER");

function placed(order: WireOrder): Reply<readonly BatchResult[]> {
  return { kind: "ok", value: [{ kind: "placed", order }] };
}

/** News in short: "accepted, fill 3, cancelled". */
function story(news: readonly OrderNews[]): string {
  return news.map((event) => {
    if (event.kind === "fill" || event.kind === "foreignFill") {
      return `${event.kind} ${event.quantity}`;
    }
    if (event.kind === "modified") return `modified ${event.quantity}`;
    return "reason" in event ? `${event.kind} ${event.reason}` : event.kind;
  }).join(", ");
}

type Step = (own: OwnOrders) => readonly OrderNews[];

const accepted: Step = (own) => own.update(message({ kind: "accepted" }, facts()), at(2));
const cancelledAfter = (executed: number): Step => (own) =>
  own.update(message({ kind: "cancelled" }, facts(executed, { status: "cancelled" })), at(9));
const filled = (fillId: number, quantity: number, executed: number): Step => (own) =>
  own.update(fillMessage(fillId, quantity, executed), at(5));
const reply = (order: WireOrder): Step => (own) => own.placed([ID], placed(order), at(6));
const answer = (answered: Reply<readonly BatchResult[]>): Step => (own) =>
  own.placed([ID], answered, at(6));
const cancelAnswer = (
  answered: Parameters<OwnOrders["cancelled"]>[1],
): Step =>
(own) => own.cancelled(ID, answered, at(8));
const expired = (reason: string | undefined, executed = 0): Step => (own) =>
  own.update(message({ kind: "expired", reason }, facts(executed, { status: "expired" })), at(7));

Deno.test("what is said of an order of ours becomes one story", () => {
  const rows: readonly (readonly [string, readonly Step[], string])[] = [
    ["a reply, then the message", [reply(row()), accepted], "accepted"],
    ["the message, then the reply", [accepted, reply(row())], "accepted"],
    ["a fill before anything else", [filled(1, 4, 4), accepted, reply(row(4))], "accepted, fill 4"],
    ["a fill told twice", [accepted, filled(1, 4, 4), filled(1, 4, 4)], "accepted, fill 4"],
    [
      "the same fill in the history",
      [accepted, filled(1, 4, 4), (own) => own.fills([pastFill(1, 4)], at(9))],
      "accepted, fill 4",
    ],
    [
      "filled, by the reply alone: the fills are waited for",
      [reply(row(10)), filled(1, 4, 4), filled(2, 6, 10)],
      "accepted, fill 4, fill 6",
    ],
    [
      "an end before its fills",
      [accepted, cancelledAfter(4), filled(1, 4, 4)],
      "accepted, fill 4, cancelled",
    ],
    [
      "an end whose fills come from the history",
      [accepted, cancelledAfter(4), (own) => own.fills([pastFill(1, 4)], at(9))],
      "accepted, fill 4, cancelled",
    ],
    ["an end told twice", [accepted, cancelledAfter(0), cancelledAfter(0)], "accepted, cancelled"],
    [
      "news after the end",
      [accepted, cancelledAfter(0), accepted, reply(row())],
      "accepted, cancelled",
    ],
    [
      "a fill after the end",
      [accepted, cancelledAfter(0), filled(1, 4, 4)],
      "accepted, cancelled, fill 4",
    ],
    ["a post-only refusal by status", [answer(wouldTake)], "rejected PostOnlyTaker"],
    ["a post-only refusal by message", [expired("PostOnlyTaker")], "rejected PostOnlyTaker"],
    [
      "a post-only refusal by reply and message",
      [reply(row(0, { status: "expired" })), expired("PostOnlyTaker")],
      "rejected PostOnlyTaker",
    ],
    [
      "expired without a reason while resting",
      [accepted, expired(undefined)],
      "accepted, expired Unknown",
    ],
    ["another refusal", [answer(refusal("", "INSUFFICIENT_FUNDS"))], "rejected INSUFFICIENT_FUNDS"],
    ["refused in a batch", [
      answer({
        kind: "ok",
        value: [{ kind: "refused", refusal: { code: "INVALID_PRICE", message: "" } }],
      }),
    ], "rejected INVALID_PRICE"],
    ["held back by the limiter", [answer({ kind: "limited" })], "rejected RateLimited"],
    ["never sent", [answer({ kind: "failed", reason: "unreachable" })], "rejected NotSent"],
    ["an unknown outcome", [answer({ kind: "unknown", reason: "time-out" })], "unknown"],
    [
      "an unknown outcome of an order that was seen",
      [accepted, answer({ kind: "unknown", reason: "time-out" })],
      "accepted",
    ],
    [
      "refused and seen nevertheless",
      [accepted, answer(refusal("", "INVALID_PRICE"))],
      "accepted, unknown",
    ],
    [
      "an answer about another order",
      [reply(row(0, { clientId: 3_000_000_002 }))],
      "unknown",
    ],
    ["an answer without our order", [answer({ kind: "ok", value: [] })], "unknown"],
    [
      "a cancel that was taken",
      [accepted, cancelAnswer({ kind: "ok", value: "accepted" })],
      "accepted",
    ],
    [
      "a cancel that was done",
      [accepted, cancelAnswer({ kind: "ok", value: row(0, { status: "cancelled" }) })],
      "accepted, cancelled",
    ],
    [
      "a cancel answered with an order that still rests, and never done",
      [
        accepted,
        cancelAnswer({ kind: "ok", value: row() }),
        (own) => own.opened([row()], at(5_010), at(5_010)),
      ],
      "accepted, unknown, accepted",
    ],
    [
      "a cancel that came too late",
      [accepted, cancelAnswer(notFound), filled(1, 10, 10)],
      "accepted, cancelRefused RESOURCE_NOT_FOUND, fill 10",
    ],
    [
      "a cancel refused after the end",
      [accepted, cancelledAfter(0), cancelAnswer(notFound)],
      "accepted, cancelled",
    ],
    [
      "a cancel refused while the end waits for fills",
      [accepted, cancelledAfter(4), cancelAnswer(notFound), filled(1, 4, 4)],
      "accepted, fill 4, cancelled",
    ],
    [
      "a cancel nobody answered",
      [accepted, cancelAnswer({ kind: "unknown", reason: "time-out" }), cancelledAfter(0)],
      "accepted, unknown, cancelled",
    ],
    [
      "a cancel that overtook its order",
      [cancelAnswer(notFound), reply(row()), cancelledAfter(0)],
      "cancelRefused RESOURCE_NOT_FOUND, cancelled",
    ],
    [
      "shrunk",
      [accepted, (own) =>
        own.update(
          message({ kind: "modified", quantity: lots(6) }, facts(0, { quantity: lots(6) })),
          at(3),
        )],
      "accepted, modified 6",
    ],
    [
      "shrunk to what had filled",
      [accepted, filled(1, 4, 4), (own) =>
        own.update(
          message({ kind: "modified", quantity: lots(4) }, facts(4, { quantity: lots(4) })),
          at(3),
        ), cancelledAfter(4)],
      "accepted, fill 4, modified 4",
    ],
    [
      "filled at less than it was, the shrinking not told",
      [accepted, filled(1, 6, 6), (own) => own.past([pastRow(6, "filled")], at(9))],
      "accepted, fill 6, modified 6",
    ],
    [
      "found open after an unknown outcome",
      [answer({ kind: "unknown", reason: "" }), (own) => own.opened([row()], at(10), at(11))],
      "unknown, accepted",
    ],
    [
      "found in the history after an unknown outcome",
      [
        answer({ kind: "unknown", reason: "" }),
        (own) => own.past([pastRow(4, "expired")], at(11)),
        (own) => own.fills([pastFill(1, 4)], at(11)),
      ],
      "unknown, accepted, fill 4, expired ImmediateOrCancel",
    ],
    [
      "a list older than the doubt",
      [answer({ kind: "unknown", reason: "" }), (own) => own.opened([row()], at(1), at(11))],
      "unknown",
    ],
    [
      "proven gone",
      [answer({ kind: "unknown", reason: "" }), (own) => own.gone(ID, at(5000))],
      "unknown, rejected NeverArrived",
    ],
    [
      "proven gone, having been there",
      [accepted, (own) => own.opened([], at(10), at(11)), (own) => own.gone(ID, at(5000))],
      "accepted, expired NotFound",
    ],
    ["not gone while nobody doubts it", [accepted, (own) => own.gone(ID, at(5000))], "accepted"],
    [
      "not gone while fills of it are missing",
      [reply(row(4)), (own) => own.opened([], at(10), at(11)), (own) => own.gone(ID, at(5000))],
      "accepted",
    ],
    [
      "a cancel that was taken and never done",
      [
        accepted,
        (own) => own.cancelled(ID, { kind: "ok", value: "accepted" }, at(3)),
        (own) => own.opened([row()], at(5_002), at(5_002)),
        (own) => own.opened([row()], at(5_004), at(5_004)),
      ],
      "accepted, unknown, accepted",
    ],
  ];
  for (const [name, steps, expected] of rows) {
    const { own, calls } = books();
    assert.equal(story(steps.flatMap((step) => step(own))), expected, name);
    assert.deepEqual(calls, [], name);
  }
});

Deno.test("a taker's rest lapses, whoever says so first", () => {
  const ends = "accepted, fill 4, expired ImmediateOrCancel";
  const past = pastFill(1, 4);
  const rows: readonly (readonly Step[])[] = [
    [reply(row(4, { status: "expired" })), filled(1, 4, 4)],
    [filled(1, 4, 4), expired("ImmediateOrCancel", 4)],
    [expired("ImmediateOrCancel", 4), filled(1, 4, 4), reply(row(4, { status: "expired" }))],
    [reply(row(4, { status: "expired" })), (own) => own.fills([past], at(9))],
  ];
  for (const steps of rows) {
    const { own } = books(taker);
    assert.equal(story(steps.flatMap((step) => step(own))), ends);
  }
});

/** A life: its fills, and how it ends. */
const lives = fc.record({
  fills: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
  end: fc.constantFrom("cancelled", "expired"),
});

Deno.test("in whatever order, however often it is said, the books end the same", () => {
  fc.assert(fc.property(
    lives,
    fc.constantFrom("seen", "lost"),
    fc.constantFrom("none", "taken", "done", "late"),
    fc.infiniteStream(fc.nat()),
    ({ fills: sizes, end }, request, cancel, draws) => {
      let executed = 0;
      const fills = sizes.map((quantity) => [quantity, executed += quantity] as const)
        .filter(([, sum]) => sum <= 10);
      executed = fills.at(-1)?.[1] ?? 0;
      const isFilled = executed === 10;
      const last = row(executed, { status: isFilled ? "filled" : end });
      const asReply = [row(), ...fills.map(([, sum]) => row(sum)), last];
      const said: Step[] = [
        accepted,
        ...fills.map(([quantity, sum], i) => filled(i + 1, quantity, sum)),
        ...(isFilled
          ? []
          : [end === "cancelled" ? cancelledAfter(executed) : expired("X", executed)]),
        request === "lost"
          ? answer({ kind: "unknown", reason: "time-out" })
          : reply(asReply[next() % asReply.length] ?? last),
        ...(cancel === "taken" ? [cancelAnswer({ kind: "ok", value: "accepted" })] : []),
        ...(cancel === "done" ? [cancelAnswer({ kind: "ok", value: last })] : []),
        ...(cancel === "late" ? [cancelAnswer(notFound)] : []),
      ];
      const { own } = books();
      const orders = new Orders();
      const ledger = new Ledger(market, cash(1_000_000_000_000), undefined, START);
      orders.command({ kind: "place", ...bid, tag: undefined }, START);
      const doubled = [...said, ...said.filter(() => next() % 3 === 0)];
      const told: OrderNews[] = [];
      while (doubled.length > 0) {
        const [step] = doubled.splice(next() % doubled.length, 1);
        if (step !== undefined) told.push(...step(own));
      }
      for (const event of told) {
        assert.notEqual(event.kind, "foreignFill");
        if (event.kind === "foreignFill") continue;
        orders.apply(event);
        if (event.kind === "fill") assert.notEqual(ledger.fill(event), undefined);
      }
      assert.equal(ledger.position, executed, story(told));
      assert.equal(ledger.fees, 7 * fills.length);
      assert.equal(orders.find(ID)?.state, "done", story(told));
      assert.equal(orders.find(ID)?.filled, executed);
      assert.equal(own.count, 0);
      const ends = told.filter(({ kind }) =>
        kind === "cancelled" || kind === "expired" || kind === "rejected"
      );
      assert.equal(ends.length, isFilled ? 0 : 1, story(told));
      if (!isFilled) assert.equal(told.at(-1), ends[0], story(told));
      assert.ok(told.filter(({ kind }) => kind === "unknown").length <= 2, story(told));

      function next(): number {
        const draw = draws.next();
        return draw.done === true ? 0 : draw.value;
      }
    },
  ));
});

Deno.test("what the stream loses, the looks find", () => {
  fc.assert(fc.property(lives, fc.integer({ min: 0, max: 15 }), ({ fills: sizes, end }, lost) => {
    let executed = 0;
    const fills = sizes.map((quantity) => [quantity, executed += quantity] as const)
      .filter(([, sum]) => sum <= 10);
    executed = fills.at(-1)?.[1] ?? 0;
    const { own } = books();
    const told = [...reply(row())(own)];
    fills.forEach(([quantity, sum], i) => {
      if ((lost >> i) % 2 === 0) told.push(...filled(i + 1, quantity, sum)(own));
    });
    const status = executed === 10 ? "filled" : end;
    told.push(...own.opened([], at(20_000), at(20_010)));
    told.push(...own.past([pastRow(executed, status)], at(20_020)));
    told.push(...own.fills(fills.map(([quantity], i) => pastFill(i + 1, quantity)), at(20_030)));
    const quantities = told.map((event) => event.kind === "fill" ? Number(event.quantity) : 0);
    assert.equal(quantities.reduce((sum, quantity) => sum + quantity, 0), executed);
    assert.equal(own.count, 0, story(told));
    assert.equal(own.lackingSince, undefined);
  }));
});

Deno.test("orders of others are listed, their fills are foreign, and nothing else is told", () => {
  const { own, calls } = books();
  const theirs = facts(0, { orderId: "5", clientId: 12 });
  assert.deepEqual(own.update(message({ kind: "accepted" }, theirs), at(1)), []);
  assert.deepEqual(own.foreign.map(({ orderId }) => orderId), ["5"]);
  const fill = { ...fillMessage(9, 2, 2), orderId: "5", clientId: undefined };
  const [news, ...more] = own.update({ ...fill, origin: "liquidation" }, at(2));
  assert.deepEqual(more, []);
  assert.deepEqual(news, {
    kind: "foreignFill",
    time: at(2),
    fillId: 9,
    side: "bid",
    price: bid.price,
    quantity: lots(2),
    maker: true,
    feeCash: cash(7),
    feeBase: base(0),
    origin: "liquidation",
  });
  assert.deepEqual(own.fills([pastFill(9, 2, { clientId: undefined })], at(3)), []);
  const over = facts(2, { orderId: "5", clientId: 12, status: "cancelled" });
  own.update(message({ kind: "cancelled" }, over), at(4));
  assert.deepEqual(own.foreign, []);
  assert.deepEqual(calls, []);
});

Deno.test("a list of open orders replaces what is known of others", () => {
  const { own } = books();
  own.opened(
    [row(0, { orderId: "5", clientId: 1 }), row(0, { orderId: "6", clientId: 2 })],
    at(1),
    at(1),
  );
  own.opened([row(0, { orderId: "6", clientId: 2 })], at(2), at(2));
  assert.deepEqual(own.foreign.map(({ orderId }) => orderId), ["6"]);
});

Deno.test("a fill that the exchange made itself counts once, though it has no number", () => {
  const { own } = books();
  const rows = [1, 2].map((quantity) =>
    pastFill(undefined, quantity, { clientId: undefined, origin: "deleveraging" })
  );
  assert.equal(story(own.fills(rows, at(1))), "foreignFill 1, foreignFill 2");
  assert.deepEqual(own.fills(rows, at(2)), []);
});

Deno.test("an order with our tag that we never placed is reported once", () => {
  const { own, calls } = books();
  const strange = facts(0, { orderId: "8", clientId: 3_000_000_200 });
  own.update(message({ kind: "accepted" }, strange), at(1));
  own.opened([{ ...strange, reduceOnly: false, createdAt: START }], at(2), at(2));
  assert.deepEqual(calls, ["strange 8"]);
});

Deno.test("an order that is not as we placed it is strange, and is not taken for ours", () => {
  const { own, calls } = books();
  const other = facts(0, { price: ticks(9_999), orderId: "9" });
  assert.deepEqual(own.update(message({ kind: "cancelled" }, other), at(1)), []);
  assert.deepEqual(calls, ["strange 9"]);
  assert.equal(own.count, 1);
});

Deno.test("an id that came round again is not taken for the order of old", () => {
  const { own } = books();
  const old = { createdAt: at(-10_000), time: at(-10_000) };
  assert.deepEqual(own.past([pastRow(10, "filled", old)], at(1)), []);
  assert.equal(own.lackingSince, undefined);
});

Deno.test("an order that rests after its end was told must be cancelled", () => {
  const { own, calls } = books();
  cancelledAfter(0)(own);
  own.opened([row()], at(1_000), at(1_000));
  assert.deepEqual(calls, [], "a list asked for that soon may be late");
  own.opened([row(0, { status: "waiting" })], at(3_000), at(3_000));
  assert.deepEqual(calls, [], "a stop order is not of the book");
  own.opened([row()], at(3_000), at(3_000));
  assert.deepEqual(calls, [`ghost ${ID}`]);
});

Deno.test("a run that goes on is told old fills again, and no order ends by them", () => {
  const { own, calls } = books();
  own.adopt([held({ filled: lots(6), remaining: lots(4), state: "partlyFilled" })]);
  assert.equal(story(own.fills([pastFill(1, 6)], at(4))), "fill 6");
  assert.equal(story(own.opened([row(6)], at(5), at(5))), "");
  assert.equal(own.count, 1);
  assert.equal(own.lackingSince, undefined);
  own.opened([row(8)], at(6), at(6));
  assert.equal(own.lackingSince, at(6));
  assert.equal(story(own.fills([pastFill(1, 6), pastFill(3, 2)], at(7))), "fill 2");
  assert.equal(own.lackingSince, undefined);
  assert.equal(own.oldestAt, START);
  assert.deepEqual(calls, []);
});

Deno.test("an order neither open nor answered yet is not doubted, a lost one is", () => {
  const { own } = books();
  own.opened([], at(10), at(10));
  assert.deepEqual(own.doubts, []);
  accepted(own);
  own.opened([], at(20), at(21));
  assert.deepEqual(own.doubts, [{ id: ID, since: at(20) }]);
});
