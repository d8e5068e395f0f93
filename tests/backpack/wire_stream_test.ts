// Frames of the public streams, with the shapes on which the sources disagree.

import assert from "node:assert/strict";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { markets, plain } from "./examples.ts";
import { depth, mark, type Message, touch, trade } from "./samples.ts";

const frame = (stream: string, data: Message) =>
  plain(parseFrame(JSON.stringify({ stream, data }), markets));

const bothSides = {
  kind: "touch",
  market: "SOL_USDC",
  time: 1_788_367_430_246_081,
  lastId: 4_330_360_995,
  bid: { price: 9_896, quantity: 28_877 },
  ask: { price: 9_897, quantity: 2_239 },
};

Deno.test("the touch, with a side that is empty and an id that is text", () => {
  const { bid: _bid, ...asksOnly } = bothSides;
  const { ask: _ask, ...bidsOnly } = bothSides;
  const cases: readonly (readonly [Message, unknown])[] = [
    [{}, bothSides],
    [{ u: "4330360995" }, bothSides],
    [{ b: null, B: null }, asksOnly],
    [{ a: null, A: null }, bidsOnly],
    [{ a: undefined, A: undefined }, bidsOnly],
  ];
  for (const [change, event] of cases) {
    assert.deepEqual(frame("bookTicker.SOL_USDC", { ...touch, ...change }), event);
  }
});

Deno.test("half a side is a fault, and so is a touch of nothing", () => {
  for (const change of [{ B: null }, { A: null }, { B: "0" }, { A: "-1" }, { a: "0" }]) {
    const text = JSON.stringify({ stream: "bookTicker.SOL_USDC", data: { ...touch, ...change } });
    assert(parseFrame(text, markets) instanceof WireFault, text);
  }
});

Deno.test("every depth stream has the same frames", () => {
  for (const stream of ["depth.SOL_USDC", "depth.200ms.SOL_USDC", "depth.1000ms.SOL_USDC"]) {
    assert.deepEqual(frame(stream, depth), {
      kind: "depth",
      market: "SOL_USDC",
      time: 1_788_367_430_246_081,
      firstId: 4_330_360_995,
      lastId: 4_330_360_997,
      bids: [{ price: 9_896, quantity: 110 }],
      asks: [{ price: 9_897, quantity: 2_239 }, { price: 9_900, quantity: 0 }],
    });
  }
  const fault = parseFrame(
    JSON.stringify({ stream: "depth.SOL_USDC", data: { ...depth, u: 4_330_360_994 } }),
    markets,
  );
  assert(fault instanceof WireFault);
  assert.equal(fault.field, "u");
});

Deno.test("a trade has the side of its taker", () => {
  const sold = {
    kind: "trade",
    market: "SOL_USDC",
    time: 1_788_367_430_246_081,
    tradeId: 10_782_547,
    price: 9_896,
    quantity: 25,
    aggressor: "ask",
  };
  assert.deepEqual(frame("trade.SOL_USDC", trade), sold);
  assert.deepEqual(frame("trade.SOL_USDC", { ...trade, m: false }), { ...sold, aggressor: "bid" });
});

Deno.test("a mark price with funding, and one of a market without", () => {
  const perp = {
    kind: "mark",
    time: 1_788_367_430_421_396,
    market: "SOL_USDC_PERP",
    price: 9_894,
    indexPrice: 9_895,
    fundingRate: 0.0000120665067208220919909789,
    nextFundingAt: 1_788_368_400_000_000,
  };
  assert.deepEqual(frame("markPrice.SOL_USDC_PERP", mark), perp);
  const bare = { ...mark, i: undefined, f: undefined, n: undefined };
  assert.deepEqual(frame("markPrice.SOL_USDC_PERP", bare), {
    ...{ kind: "mark", time: perp.time, market: perp.market, price: perp.price },
  });
});
