import assert from "node:assert/strict";
import { sweep, type SweepOptions } from "../../lib/backpack/sweep.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { WireOrder } from "../../lib/backpack/wire_order.ts";
import { cash, lots, micros, ticks } from "../../lib/core/units.ts";
import { perpMarket } from "../support/core.ts";

const market = perpMarket();

function anOrder(orderId: string, clientId: number | undefined): WireOrder {
  return {
    ...{ market, orderId, clientId, side: "bid", type: "limit", status: "open", executed: lots(0) },
    ...{ timeInForce: "GTC", price: ticks(100), quantity: lots(1), executedQuote: cash(0) },
    ...{ postOnly: true, reduceOnly: false, createdAt: micros(0) },
  };
}

/** An exchange of a few orders; `arrives` comes late, and a cancel takes effect from its second on. */
function exchange(open: WireOrder[], arrives?: { readonly ms: number; readonly order: WireOrder }) {
  const asked: string[] = [];
  let now = 0;
  let late = arrives;
  const options: SweepOptions = {
    market,
    isOurs: (id) => id < 10,
    localMs: () => now,
    sleep: (ms) => {
      now += ms;
      if (late !== undefined && now >= late.ms) {
        open.push(late.order);
        late = undefined;
      }
      return Promise.resolve();
    },
    signal: new AbortController().signal,
    rest: {
      openOrders: () => answer([...open]),
      cancel: (_, which) => {
        const id = "orderId" in which ? which.orderId : "";
        if (asked.includes(id)) {
          const at = open.findIndex(({ orderId }) => orderId === id);
          if (at >= 0) open.splice(at, 1);
        }
        asked.push(id);
        return answer<WireOrder | "accepted">("accepted");
      },
    },
  };
  return { options, asked, open, passed: () => now };
}

function answer<T>(value: T): Promise<Reply<T>> {
  return Promise.resolve({ kind: "ok", value });
}

Deno.test("our orders go, a person's stay, and a cancel that did nothing is sent again", async () => {
  const { options, asked, open } = exchange([
    anOrder("a", 1),
    anOrder("b", 2),
    anOrder("theirs", 77),
    anOrder("a person's", undefined),
  ]);
  assert.deepEqual(await sweep(options), []);
  assert.deepEqual(asked, ["a", "b", "a", "b"]);
  assert.deepEqual(open.map(({ orderId }) => orderId), ["theirs", "a person's"]);
});

Deno.test("an order that was still on its way is taken away too", async () => {
  const { options, open, passed } = exchange([], { ms: 2_000, order: anOrder("late", 3) });
  assert.deepEqual(await sweep(options), []);
  assert.deepEqual(open, []);
  assert(passed() > 2_000);
});

Deno.test("what will not go is told, and so is an exchange that never answers", async () => {
  const { options } = exchange([anOrder("stuck", 1)]);
  const cancel = () => Promise.resolve({ kind: "limited" } as const);
  const stuck = await sweep({ ...options, rest: { ...options.rest, cancel } });
  assert.deepEqual(stuck?.map(({ orderId }) => orderId), ["stuck"]);
  const silent = exchange([]).options;
  const openOrders = () => Promise.resolve({ kind: "unknown", reason: "no answer" } as const);
  assert.equal(await sweep({ ...silent, rest: { ...silent.rest, openOrders } }), undefined);
});
