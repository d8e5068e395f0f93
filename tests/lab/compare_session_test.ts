// Tests lib/lab/compare_session.ts: what a session met, in the form a simulation repeats it in.

import assert from "node:assert/strict";
import type { Event } from "../../lib/core/event.ts";
import { base, cash, lots, MILLISECOND, ticks } from "../../lib/core/units.ts";
import type { FillRow } from "../../lib/lab/metrics.ts";
import type { OrderLife } from "../../lib/lab/compare_orders.ts";
import {
  readSession,
  recordedDelays,
  recordedRefusals,
  runFills,
} from "../../lib/lab/compare_session.ts";
import { after, bid, level, perpMarket, place, told } from "../support/core.ts";

function life(sentMs: number, more: { restedMs?: number; refused?: string } = {}): OrderLife {
  return {
    ...{ id: sentMs, side: "bid", price: ticks(100), role: "maker", quantity: 5, filled: 0 },
    sentAt: after(sentMs),
    ...(more.restedMs === undefined ? {} : { restedAt: after(more.restedMs) }),
    ...(more.refused === undefined ? {} : { refused: more.refused }),
  };
}

Deno.test("a command takes as long as the recorded order sent nearest to it", () => {
  const orders = [life(100, { restedMs: 130 }), life(500), life(900, { restedMs: 1400 })];
  const out = recordedDelays(orders, { assumed: 7 });
  const at = [0, 100, 499, 501, 900, 5000].map((ms) => out(after(ms)) / MILLISECOND);
  assert.deepEqual(at, [30, 30, 30, 500, 500, 500]);
  assert.equal(recordedDelays([life(500)], { assumed: 7 })(after(500)), 7);
});

Deno.test("what was refused is refused once, where and when it was", () => {
  const refusal = recordedRefusals([life(100), life(2000, { refused: "PostOnlyTaker" })]);
  const order = place(1, bid(100, 5));
  assert.equal(refusal(place(1, bid(101, 5)), after(2000)), undefined);
  assert.equal(refusal(order, after(900)), undefined);
  assert.equal(refusal(order, after(2500)), "PostOnlyTaker");
  assert.equal(refusal(order, after(2500)), undefined);
});

Deno.test("fills are at the time of the exchange, with the fee in quote currency", () => {
  const row: FillRow = {
    ...{ time: after(80), side: "bid", price: ticks(10_000), quantity: lots(5), maker: true },
    ...{ fee: cash(0), feeBase: base(0), positionAfter: lots(5), realised: cash(0) },
  };
  const [fill] = runFills(perpMarket(), [row], { backMs: 50 });
  assert.deepEqual([fill?.time, fill?.quantity, fill?.fee], [after(30), 5, 0]);
});

Deno.test("a session is the market with and without the run, and what a person did", async () => {
  const depth = (ms: number, quantity: number): Event => ({
    ...{ kind: "depth", time: after(ms), snapshot: false },
    ...{ bids: [level(100, quantity)], asks: [level(110, 5)] },
  });
  const events: readonly Event[] = [
    ...[depth(0, 20), depth(30, 25), told("accepted", 1, after(60))],
    { kind: "pause", time: after(70) },
    depth(9000, 26),
  ];
  const session = await readSession((observer) => {
    return Promise.resolve(
      events.forEach((event, i) => observer.seen(event, i === 0 ? [place(1, bid(100, 5))] : [])),
    );
  }, { backMs: 30, staleMs: 5000 });
  const bids = (tape: { quantity: Int32Array; kind: Uint8Array; length: number }) =>
    [...tape.quantity].slice(0, tape.length).filter((_, row) => tape.kind[row] === 3);
  assert.deepEqual([bids(session.others), bids(session.shown)], [[20, 21], [20, 25, 26]]);
  assert.deepEqual(session.person, [{ kind: "pause", time: after(70) }]);
  assert.deepEqual(session.gaps.map(({ why }) => why), ["silence"]);
  assert.deepEqual([session.orders[0]?.restedAt, session.trades], [after(30), 0]);
});
