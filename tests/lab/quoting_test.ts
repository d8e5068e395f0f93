// What quoting was worth, by hand: fills and quotes at known moments, sums that fit on a line.

import assert from "node:assert/strict";
import { cash, lots, NEVER, ticks } from "../../lib/core/units.ts";
import { type Marked, Quoting } from "../../lib/lab/quoting.ts";
import { after } from "../support/core.ts";

function aFillAt(ms: number, given: Partial<Marked> = {}): Marked {
  const fill = { side: "bid", price: ticks(10_000), quantity: lots(4), maker: true } as const;
  return { ...fill, time: after(ms), worth: cash(400_000_000), ...given };
}

const none = { after1s: null, after5s: null, after30s: null };

Deno.test("a markout is the way of mid since the fill, for the side that filled", () => {
  for (const [side, sign] of [["bid", 1], ["ask", -1]] as const) {
    const quoting = new Quoting();
    quoting.filled(aFillAt(0, { side }));
    assert.equal(quoting.nextDue, after(1000));
    // Before it is due a quote tells nothing; the first from then on does.
    quoting.quote(after(999), 1);
    quoting.quote(after(1000), 10_010.5);
    quoting.quote(after(1100), 1);
    assert.equal(quoting.nextDue, after(5000));
    quoting.quote(after(5100), 9990);
    quoting.quote(after(30_000), 10_000);
    assert.equal(quoting.nextDue, NEVER);
    const { markoutBps } = quoting.facts(after(40_000));
    const expected = { after1s: sign * 10.5, after5s: sign * -10, after30s: 0 };
    for (const [span, bps] of Object.entries(expected)) {
      const found = Object.entries(markoutBps[side]).find(([name]) => name === span)?.[1];
      assert.ok(found !== null && found !== undefined && Math.abs(found - bps) < 1e-9, span);
    }
    assert.deepEqual(markoutBps[side === "bid" ? "ask" : "bid"], none);
  }
});

Deno.test("markouts weigh by what was filled, and fills that wait are measured in their turn", () => {
  const quoting = new Quoting();
  quoting.filled(aFillAt(0, { quantity: lots(3) }));
  quoting.filled(aFillAt(500, { quantity: lots(1), maker: false }));
  quoting.quote(after(1000), 10_010);
  assert.equal(quoting.nextDue, after(1500));
  quoting.quote(after(1600), 9990);
  assert.equal(quoting.facts(after(2000)).markoutBps.bid.after1s, (3 * 10 - 10) / 4);
});

Deno.test("a quote that comes much too late is no markout, nor is none", () => {
  const quoting = new Quoting();
  quoting.filled(aFillAt(0));
  quoting.quote(after(9900), 10_010);
  const { markoutBps } = quoting.facts(after(9900));
  assert.deepEqual(markoutBps.bid, { ...none, after5s: 10 });
});

Deno.test("the fill ratio is of lots sent as maker, and so is the volume", () => {
  const quoting = new Quoting();
  assert.equal(quoting.facts(after(0)).fillRatioPct, null);
  quoting.sent(lots(10));
  quoting.sent(lots(30));
  assert.equal(quoting.facts(after(0)).fillRatioPct, 0);
  quoting.filled(aFillAt(1));
  quoting.filled(aFillAt(2, { maker: false }));
  const { fillRatioPct, makerVolume } = quoting.facts(after(9));
  assert.deepEqual([fillRatioPct, makerVolume], [10, "4"]);
});

Deno.test("a side is quoted from its first order to the end of its last", () => {
  const quoting = new Quoting();
  quoting.stands(after(0), new Set());
  quoting.stands(after(1000), new Set(["bid"]));
  quoting.stands(after(2000), new Set(["bid", "ask"]));
  quoting.stands(after(4000), new Set(["ask"]));
  quoting.stands(after(5000), new Set(["bid", "ask"]));
  assert.deepEqual(quoting.facts(after(7000)).quotedSec, { bid: 5, ask: 5 });
});
