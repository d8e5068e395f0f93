// Tests lib/data/events.ts: every event and command comes back from JSON as it was, and anything else
// is refused by its field.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import { base, cash, lots, micros, ticks } from "../../lib/core/units.ts";
import { readCommands, readEvent } from "../../lib/data/events.ts";
import { sol } from "./files.ts";

const time = micros(5);
const fillOf = {
  time,
  fillId: 7,
  side: "ask",
  price: ticks(3),
  quantity: lots(4),
  maker: false,
  feeCash: cash(-1),
  feeBase: base(2),
} as const;
const level = { price: ticks(3), quantity: lots(0) };

/** One of each kind, with every field it may have. */
const events: { readonly [Kind in Event["kind"]]: Extract<Event, { kind: Kind }> } = {
  depth: { kind: "depth", time, bids: [level], asks: [], snapshot: true },
  trade: { kind: "trade", time, price: ticks(3), quantity: lots(4), aggressor: "bid" },
  mark: { kind: "mark", time, price: ticks(3), indexPrice: ticks(4), fundingRate: -0.00001 },
  bar: {
    ...{ kind: "bar", time, barSec: 60, open: ticks(1), high: ticks(4), low: ticks(1) },
    ...{ close: ticks(2), volume: lots(0) },
  },
  state: { kind: "state", time, state: "PostOnly" },
  rules: { kind: "rules", time, market: JSON.parse(JSON.stringify(sol)) },
  accepted: { kind: "accepted", time, id: 9 },
  rejected: { kind: "rejected", time, id: 9, reason: "PostOnlyTaker" },
  cancelled: { kind: "cancelled", time, id: 9 },
  expired: { kind: "expired", time, id: 9, reason: "x" },
  modified: { kind: "modified", time, id: 9, quantity: lots(1) },
  fill: { kind: "fill", id: 9, ...fillOf },
  unknown: { kind: "unknown", time, id: 9 },
  cancelRefused: { kind: "cancelRefused", time, id: 9, reason: "gone" },
  funding: { kind: "funding", time, payment: cash(-5), rate: 0.0001 },
  foreignFill: { kind: "foreignFill", ...fillOf, origin: "USER" },
  account: {
    ...{ kind: "account", time, netEquity: cash(9), available: cash(8), marginFraction: 0.5 },
    ...{ maintenance: 0.1, liquidationPrice: ticks(1), positionOfAccount: lots(-3) },
    free: { quote: cash(1), base: base(2) },
    others: { exposure: cash(3), lossToday: cash(-4) },
  },
  timer: { kind: "timer", time },
  pause: { kind: "pause", time },
  resume: { kind: "resume", time },
  flatten: { kind: "flatten", time },
  stop: { kind: "stop", time },
  planned: {
    ...{ kind: "planned", time, memory: { a: [1] } },
    plan: {
      orders: [{ side: "bid", role: "maker", ...level, quantity: lots(1), tag: "rung 1" }],
      ...{ reason: "why", holds: { below: ticks(1), above: ticks(9) }, finish: "stop" },
    },
  },
};

for (const event of Object.values(events)) {
  Deno.test(`an event "${event.kind}" comes back as it was, and not without any of its fields`, () => {
    const text = JSON.stringify(event);
    assert.deepEqual(readEvent(JSON.parse(text)), event);
    const optional = ["indexPrice", "fundingRate", "marginFraction", "maintenance"]
      .concat("liquidationPrice", "others");
    for (const field of Object.keys(event)) {
      const rest = Object.entries(event).filter(([name]) => name !== field);
      const without = JSON.parse(JSON.stringify(Object.fromEntries(rest)));
      if (optional.includes(field)) assert.deepEqual(readEvent(without), without);
      else assert.throws(() => readEvent(without), new RegExp(`event\\.${field} must be`));
    }
  });
}

const commands: readonly Command[] = [
  {
    ...{ kind: "place", id: 1, side: "bid", price: ticks(3), quantity: lots(4), role: "taker" },
    ...{ reduceOnly: true, tag: "rung 1" },
  },
  {
    ...{ kind: "place", id: 2, side: "ask", price: ticks(3), quantity: lots(4), role: "maker" },
    ...{ reduceOnly: false, tag: undefined },
  },
  { kind: "cancel", id: 1 },
];

Deno.test("commands come back as they were, an absent tag included", () => {
  assert.deepStrictEqual(readCommands(JSON.parse(JSON.stringify(commands))), commands);
  assert.deepEqual(readCommands([]), []);
});

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{ ...events.trade, price: 1.5 }, /event\.price must be a whole number: current value is 1\.5/],
  [{ ...events.trade, quantity: -1 }, /event\.quantity must be a count/],
  [{ ...events.trade, aggressor: "buy" }, /event\.aggressor must be bid, ask/],
  [{ ...events.fill, quantity: 0 }, /event\.quantity must be a whole number above zero/],
  [{ ...events.depth, bids: [{ price: 1 }] }, /event\.bids\[0\]\.quantity must be a count/],
  [{ ...events.planned, plan: { orders: [{}] } }, /event\.plan\.orders\[0\]\./],
  [{ kind: "toString", time }, /event\.kind must be a kind of event: current value is toString/],
  ["trade", /event\.kind must be a kind of event/],
  [null, /event\.kind must be a kind of event/],
];
Deno.test("what is no event is refused by its field", () => {
  for (const [value, rule] of wrong) assert.throws(() => readEvent(value), rule);
});

Deno.test("what is no command is refused by its place and field", () => {
  const [place] = commands;
  const rows: readonly (readonly [unknown, RegExp])[] = [
    [{}, /commands must be a list/],
    [[{ kind: "pay" }], /commands\[0\]\.kind must be place or cancel/],
    [[place, { kind: "cancel" }], /commands\[1\]\.id must be a count/],
    [[{ ...place, price: 0 }], /commands\[0\]\.price must be a whole number above zero/],
  ];
  for (const [value, rule] of rows) assert.throws(() => readCommands(value), rule);
});
