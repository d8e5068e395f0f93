// Tests lib/lab/compare_orders.ts: when each order came to the book, filled and left it, whatever order
// the news of it came in.

import assert from "node:assert/strict";
import type { Event } from "../../lib/core/event.ts";
import { OrderLives } from "../../lib/lab/compare_orders.ts";
import { aFill, after, ask, bid, place, START, told } from "../support/core.ts";

const sent: Event = { kind: "timer", time: START };

function livesOf(events: readonly Event[], backMs = 0) {
  const lives = new OrderLives({ backMs });
  lives.seen(sent, [place(1, bid(9_990, 10)), place(2, ask(10_010, 5, { role: "taker" }))]);
  for (const event of events) lives.seen(event, []);
  const ms = (time: number | undefined) => time === undefined ? undefined : (time - START) / 1000;
  return {
    lives: [...lives.all].map((life) => [ms(life.restedAt), ms(life.endedAt), life.filled]),
    refused: [...lives.all].map(({ refused }) => refused),
    changes: lives.changes.map(({ time, price, change }) => `${ms(time)}: ${price} ${change}`),
    takings: lives.takings.map(({ time, price, quantity }) => `${ms(time)}: ${price} ${quantity}`),
  };
}

const fill = (fillId: number, quantity: number, ms: number, more: object = {}) =>
  aFill({ fillId, quantity, price: 9_990, time: after(ms), ...more });

const rows:
  readonly (readonly [string, readonly Event[], readonly unknown[], readonly string[]])[] = [
    [
      "placed, filled in two parts",
      [
        ...[told("accepted", 1, after(1)), fill(1, 4, 2), fill(2, 6, 3)],
      ],
      [1, 3, 10],
      ["1: 9990 10", "2: 9990 -4", "3: 9990 -6"],
    ],
    ["a fill that is heard first", [fill(1, 4, 2), told("accepted", 1, after(3))], [
      ...[2, undefined, 4],
    ], ["2: 9990 10", "2: 9990 -4"]],
    ["a fill told twice", [told("accepted", 1, after(1)), fill(1, 4, 2), fill(1, 4, 5)], [
      ...[1, undefined, 4],
    ], ["1: 9990 10", "2: 9990 -4"]],
    [
      "cancelled with a part left",
      [
        ...[told("accepted", 1, after(1)), fill(1, 4, 2), told("cancelled", 1, after(9))],
      ],
      [1, 9, 4],
      ["1: 9990 10", "2: 9990 -4", "9: 9990 -6"],
    ],
    ["refused", [told("rejected", 1, after(1))], [undefined, 1, 0], []],
  ];

Deno.test("the life of an order is what was heard of it", () => {
  for (const [what, events, life, changes] of rows) {
    const found = livesOf(events);
    assert.deepEqual(found.lives[0], life, what);
    assert.deepEqual(found.changes, changes, what);
  }
  assert.deepEqual(livesOf([told("rejected", 1, after(1))]).refused, ["of a test", undefined]);
});

Deno.test("an order that the exchange shrank shows less", () => {
  const modified = {
    kind: "modified",
    time: after(2),
    id: 1,
    quantity: fill(1, 7, 0).quantity,
  } as const;
  const { changes } = livesOf([told("accepted", 1, after(1)), modified]);
  assert.deepEqual(changes, ["1: 9990 10", "2: 9990 -3"]);
});

Deno.test("a taker stands nowhere, and what it took is known", () => {
  const took = fill(1, 5, 3, { id: 2, side: "ask", maker: false, price: 10_010 });
  const { changes, takings, lives } = livesOf([told("accepted", 2, after(2)), took]);
  assert.deepEqual([changes, takings, lives[1]], [[], ["3: 10010 5"], [2, 3, 5]]);
});

Deno.test("reports that took their time tell of what was earlier", () => {
  const { changes, lives } = livesOf([told("accepted", 1, after(80)), fill(1, 10, 250)], 50);
  assert.deepEqual([lives[0], changes], [[30, 200, 10], ["30: 9990 10", "200: 9990 -10"]]);
});
