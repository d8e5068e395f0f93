// A connection that carries, loses and misorders as it is told to, and what is left of it when another
// one begins.

import assert from "node:assert/strict";
import type { Event } from "../../lib/core/event.ts";
import { micros, SECOND } from "../../lib/core/units.ts";
import { Exchange } from "../../lib/exchange/exchange.ts";
import { noFaults } from "../../lib/sim/fault_rates.ts";
import { Line } from "../../lib/sim/line.ts";
import { Mishaps } from "../../lib/sim/mishaps.ts";
import { after, perpMarket, START, told } from "../support/core.ts";

function aLine() {
  const market = perpMarket();
  const exchange = new Exchange({ markets: [market], fillModel: "queue" });
  const mishaps = new Mishaps({ rates: noFaults, seed: 1, until: START }, START);
  const line = new Line({ mishaps, exchange, symbol: market.symbol });
  return { line, mishaps };
}

function drained(line: Line): string {
  const kinds: string[] = [];
  for (let event = line.next(); event !== undefined; event = line.next()) kinds.push(event.kind);
  return kinds.join(", ");
}

const depth: Event = { kind: "depth", time: START, bids: [], asks: [], snapshot: false };

Deno.test("what arrives is told with the time of the clock that stamps it", () => {
  const { line, mishaps } = aLine();
  line.clockShift = -5 * SECOND;
  mishaps.advance(after(1_000));
  line.arrive(told("accepted", 1));
  assert.equal(line.next()?.time, after(-4_000));
  assert.equal(line.time, after(-4_000));
  assert.ok(line.isQuiet);
});

Deno.test("an event that lets the next one pass comes after it, or by itself", () => {
  const { line, mishaps } = aLine();
  line.reorder(told("accepted", 1));
  assert.equal(line.canReorder, false);
  line.arrive(told("cancelled", 2));
  assert.equal(drained(line), "cancelled, accepted");
  line.reorder(told("accepted", 1));
  mishaps.advance(micros(START + 9 * SECOND));
  assert.equal(drained(line), "accepted");
});

Deno.test("what is lost is found at the next resynchronisation, and depth behind a gap is of no use", () => {
  const { line, mishaps } = aLine();
  line.lose(told("accepted", 1));
  line.lose(depth);
  line.arrive(depth);
  assert.equal(drained(line), "");
  assert.equal(line.isQuiet, false);
  mishaps.advance(micros(START + 6 * SECOND));
  assert.equal(drained(line), "state, depth, accepted");
  assert.ok(line.isQuiet);
});

Deno.test("without a connection own events wait and market data is gone", () => {
  const { line, mishaps } = aLine();
  assert.equal(line.disconnect(), true);
  assert.equal(line.disconnect(), false);
  line.arrive(depth);
  line.arrive(told("accepted", 1));
  assert.equal(drained(line), "");
  mishaps.advance(micros(START + 9 * SECOND));
  assert.equal(drained(line), "state, depth, accepted");
});

Deno.test("a new connection begins with the book, and nothing of the old one is told on it", () => {
  const { line, mishaps } = aLine();
  line.tell(told("accepted", 1));
  line.lose(told("accepted", 2));
  line.reorder(told("accepted", 3));
  line.later([1, 2], () => line.tell(told("accepted", 4)));
  line.disconnect();
  line.arrive(told("accepted", 5));
  line.connectAnew();
  mishaps.advance(micros(START + 60 * SECOND));
  assert.equal(drained(line), "state, depth");
  assert.ok(line.isQuiet);
});
