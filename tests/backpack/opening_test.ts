// What the comparison says at the start leads the core to where the books of orders lead it, and what
// the exchange answers instead of the account ends the start with the right word.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Orders } from "../../lib/core/orders.ts";
import { lots } from "../../lib/core/units.ts";
import { compare, insist, OpeningFault } from "../../lib/backpack/opening.ts";
import type { OrderNews } from "../../lib/backpack/own_orders.ts";
import type { Event } from "../../lib/core/event.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import { START } from "../support/core.ts";
import { ManualWall } from "./scripted.ts";
import { at, bid, books, held, ID, isOurs, pastFill, pastRow, row } from "./orders.ts";

Deno.test("replies that are no answer end the start, a refusal at once", async () => {
  const refused = (status: number, code: string | undefined, message: string): Reply<never> => ({
    kind: "refused",
    status,
    refusal: { code, message },
  });
  const rows: readonly (readonly [Reply<never>, OpeningFault["kind"], number])[] = [
    [{ kind: "failed", reason: "cannot connect" }, "unreachable", 5],
    [{ kind: "unknown", reason: "no answer" }, "unreachable", 5],
    [{ kind: "limited" }, "refused", 5],
    [refused(400, "INVALID_CLIENT_REQUEST", "Invalid signature"), "keys", 1],
    [refused(400, "INVALID_CLIENT_REQUEST", "Invalid X-API-Key header"), "keys", 1],
    [refused(403, undefined, "no"), "keys", 1],
    [refused(400, "UNAUTHORIZED", ""), "keys", 1],
    [refused(400, "INVALID_CLIENT_REQUEST", "Request has expired"), "refused", 1],
  ];
  for (const [reply, kind, tries] of rows) {
    const wall = new ManualWall();
    let asked = 0;
    const ask = () => {
      asked++;
      return Promise.resolve(reply);
    };
    const { signal } = new AbortController();
    const found = assert.rejects(insist("the account", ask, { wall, signal }), (error) => {
      assert.ok(error instanceof OpeningFault);
      assert.match(error.message, /^Cannot load the account: ./);
      assert.equal(error.kind, kind);
      return true;
    });
    await wall.advance(10_000);
    await found;
    assert.equal(asked, tries);
  }
});

Deno.test("one lost reply does not end the start", async () => {
  const wall = new ManualWall();
  const replies: Reply<number>[] = [{ kind: "limited" }, { kind: "ok", value: 7 }];
  const ask = () => Promise.resolve(replies.shift() ?? { kind: "limited" } as const);
  const { signal } = new AbortController();
  const asked = insist("the account", ask, { wall, signal });
  await wall.advance(1_000);
  assert.equal(await asked, 7);
});

Deno.test("the comparison and the books of orders lead to the same orders", () => {
  const situation = fc.record({
    state: fc.constantFrom("sent", "open", "unknown", "cancelling"),
    fills: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    there: fc.constantFrom("open", "cancelled", "expired", "nowhere"),
  });
  fc.assert(fc.property(situation, ({ state, fills: sizes, there }) => {
    const executed = sizes.reduce((sum, quantity) => sum + quantity, 0);
    fc.pre(executed < 10 && (there !== "nowhere" || executed === 0));
    const order = held({ state });
    const seen = {
      askedAt: at(10),
      open: there === "open" ? [row(executed)] : [],
      past: there === "cancelled" || there === "expired" ? [pastRow(executed, there)] : [],
      fills: sizes.map((quantity, i) => pastFill(i + 1, quantity)),
      isComplete: true,
    };
    const { own } = books();
    own.adopt([order]);
    const told: OrderNews[] = [
      ...own.fills(seen.fills, at(11)),
      ...own.opened(seen.open, seen.askedAt, at(11)),
      ...own.past(seen.past, at(11)),
    ];
    const settled = compare([order], isOurs, seen, at(11));
    const left = after(state, settled.events);
    assert.deepEqual(after(state, told), left);
    assert.deepEqual(settled.missing, there === "nowhere" ? [ID] : []);
  }));
});

/** Order 1 in that state, after these events. */
function after(state: "sent" | "open" | "unknown" | "cancelling", events: readonly Event[]) {
  const orders = new Orders();
  orders.command({ kind: "place", ...bid, quantity: lots(10), tag: undefined }, START);
  if (state === "unknown") orders.apply({ kind: "unknown", time: START, id: ID });
  if (state === "open" || state === "cancelling") {
    orders.apply({ kind: "accepted", time: START, id: ID });
  }
  if (state === "cancelling") orders.command({ kind: "cancel", id: ID }, START);
  for (const event of events) {
    if (event.kind !== "foreignFill" && "id" in event) orders.apply(event);
  }
  const order = orders.find(ID);
  return { state: order?.state, filled: order?.filled, remaining: order?.remaining };
}
