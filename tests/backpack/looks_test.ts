// A look asks in the order in which nothing can slip through, and no further back than it must.

import assert from "node:assert/strict";
import { look, lookOf } from "../../lib/backpack/looks.ts";
import { at, ID, market, pastFill, pastRow, row } from "./orders.ts";
import { lostReply, ManualWall, ScriptedExchange } from "./scripted.ts";

function scripted() {
  const wall = new ManualWall();
  const exchange = new ScriptedExchange(wall);
  const { signal } = new AbortController();
  const usual = { market, rest: exchange.rest, now: wall.now, since: at(0), signal };
  return { exchange, usual };
}

Deno.test("open orders, then the history, then fills; the history only of what is sought", async () => {
  const rows = [
    ["nothing sought", [], ["openOrders", "fills"]],
    ["by name", [{ since: at(0), orderId: "77" }], [
      "openOrders",
      "orderHistory",
      "fills",
      "fills",
    ]],
    ["by time", [{ since: at(0), orderId: undefined }], ["openOrders", "orderHistory", "fills"]],
    [
      "too many to ask for one by one",
      Array.from({ length: 30 }, () => ({ since: at(0), orderId: "77" })),
      [
        "openOrders",
        ...Array.from({ length: 11 }, () => "orderHistory"),
        ...Array.from({ length: 11 }, () => "fills"),
      ],
    ],
  ] as const;
  for (const [name, sought, calls] of rows) {
    const { exchange, usual } = scripted();
    await look({ ...usual, sought });
    assert.deepEqual(exchange.calls, calls, name);
  }
});

Deno.test("every id that any list names is known", async () => {
  const { exchange, usual } = scripted();
  exchange.open = [row()];
  exchange.past = [pastRow(0, "cancelled", { clientId: ID + 1, orderId: "2" })];
  exchange.fills = [pastFill(1, 1, { clientId: ID + 2, orderId: "3" })];
  const reply = await look({ ...usual, sought: [{ since: at(0), orderId: undefined }] });
  assert.ok(reply.kind === "ok");
  const { known, isComplete, askedAt } = lookOf(reply.value);
  assert.deepEqual([...known], [ID, ID + 1, ID + 2]);
  assert.equal(isComplete, true);
  assert.equal(askedAt, at(0));
});

Deno.test("a request that is not answered is no look", async () => {
  for (const request of ["openOrders", "orderHistory", "fills"]) {
    const { exchange, usual } = scripted();
    exchange.answers.set(request, () => lostReply);
    const reply = await look({ ...usual, sought: [{ since: at(0), orderId: undefined }] });
    assert.equal(reply.kind, "unknown", request);
  }
});

Deno.test("rows a little older than our own stamp are looked at too", async () => {
  const { exchange, usual } = scripted();
  exchange.fills = [pastFill(1, 1, { time: at(-1_900) }), pastFill(2, 1, { time: at(-2_100) })];
  const reply = await look({ ...usual, sought: [] });
  assert.deepEqual(reply.kind === "ok" && reply.value.fills.map(({ fillId }) => fillId), [1]);
});
