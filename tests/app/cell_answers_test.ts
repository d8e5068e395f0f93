// What a cell says, value by value: what is taken is exactly what was meant, and the rest is refused.

import { deepEqual, equal, throws } from "node:assert/strict";
import { readDescription, readMemory, readPlanned, readTerms } from "../../lib/app/cell_answers.ts";

const order = { side: "bid", price: 100, quantity: 5, role: "maker" };
const planned = (...orders: unknown[]) => ({ plan: { orders }, memory: {} });
const strategy = {
  api: 1,
  name: "mine",
  summary: "Mine.",
  params: { width: { type: "number", default: 2, min: 1, max: 3, help: "of it" } },
  has: { start: "function", plan: "function" },
};

const nonsense = [
  [undefined, /its answer must be an object/],
  [{ memory: {} }, /its answer\.plan must be an object/],
  [{ plan: { orders: [] } }, /its answer\.memory must be an object/],
  [{ plan: { orders: [] }, memory: [] }, /its answer\.memory must be an object/],
  [{ plan: {}, memory: {} }, /plan\.orders must be a list/],
  [planned(null), /plan\.orders\[0\] must be an object/],
  [planned({ ...order, side: "both" }), /orders\[0\]\.side must be bid, ask/],
  [planned({ ...order, role: "post" }), /role must be maker, taker/],
  [planned({ ...order, price: 1.5 }), /price must be a whole number above zero/],
  [planned({ ...order, price: null }), /price must be a whole number above zero/],
  [planned({ ...order, price: "100" }), /price must be a whole number above zero/],
  [planned({ ...order, price: 0 }), /price must be/],
  [planned({ ...order, quantity: -1 }), /quantity must be/],
  [planned({ ...order, quantity: 2 ** 60 }), /quantity must be/],
  [planned({ ...order, reduceOnly: 1 }), /reduceOnly must be true or false/],
  [planned({ ...order, tag: 1 }), /tag must be a text/],
  [planned(...new Array(1001).fill(order)), /1001 orders in one plan/],
  [{ plan: { orders: [], finish: "now" }, memory: {} }, /finish must be stop, flatten/],
  [{ plan: { orders: [], holds: { below: 2, above: 1 } }, memory: {} }, /holds is not a band/],
  [{ plan: { orders: [], holds: { below: 1 } }, memory: {} }, /above must be a whole number/],
  [{ plan: { orders: [], reason: {} }, memory: {} }, /reason must be a text/],
] as const;

const noStrategy = [
  [{ ...strategy, api: 2 }, /api must be 1/],
  [{ ...strategy, name: "My Own" }, /name must be lower-case/],
  [{ ...strategy, name: "x".repeat(33) }, /name must be lower-case/],
  [{ ...strategy, summary: 1 }, /summary must be a text/],
  [{ ...strategy, has: { start: "function", plan: "undefined" } }, /plan must be a function/],
  [{ ...strategy, params: { "a b": strategy.params.width } }, /params must be named/],
  [{ ...strategy, params: { a: { type: "text", help: "" } } }, /params\.a\.type must be/],
  [{ ...strategy, params: { a: { ...strategy.params.width, max: "3" } } }, /max must be a number/],
  [{ ...strategy, params: { a: { ...strategy.params.width, default: 9 } } }, /between 1 and 3/],
  [
    { ...strategy, params: { a: { type: "choice", default: "x", choices: ["y"], help: "" } } },
    /must be one of y/,
  ],
  [{ ...strategy, params: { a: { type: "flag", default: 1, help: "" } } }, /true or false/],
  [{ ...strategy, capabilities: { files: ["/"] } }, /capabilities must be net and env/],
] as const;

const terms = { observes: ["fill"], limits: {} };
const noTerms = [
  [{ ...terms, observes: ["orders"] }, /observes\[0\] must be book, trade/],
  [{ ...terms, everyMs: 0.5 }, /everyMs must be a whole number above zero/],
  [{ ...terms, everyMs: 1e9 }, /everyMs must be at most 86400000/],
  [{ ...terms, limits: { maxLoss: 1 } }, /limits must be limits there are/],
  [{ ...terms, limits: { maxOpenOrders: null } }, /limits\.maxOpenOrders must be a number/],
  [{ ...terms, limits: { maxOpenOrders: "9" } }, /limits\.maxOpenOrders must be a number/],
  [{ ...terms, limits: { maxOpenOrders: 1e9 } }, /must be between 0 and 1000/],
  [{ ...terms, limits: { drawdownAction: "shrug" } }, /drawdownAction must be one of/],
  [{ ...terms, warmup: { bars: 1 } }, /barSec must be/],
] as const;

Deno.test("a plan is taken as a copy that holds nothing else", () => {
  const { plan, memory } = readPlanned({
    plan: {
      orders: [{ ...order, tag: "rung \u001b[2J3", reduceOnly: true, extra: 1 }],
      reason: "a\nb",
      holds: { below: 1, above: 3, other: 2 },
      finish: "stop",
      more: 1,
    },
    memory: { any: [1] },
  });
  deepEqual(JSON.parse(JSON.stringify(plan)), {
    orders: [{ ...order, tag: "rung  [2J3", reduceOnly: true }],
    reason: "a b",
    holds: { below: 1, above: 3 },
    finish: "stop",
  });
  deepEqual(memory, { any: [1] });
  deepEqual(readMemory({ memory: { any: 1 } }), { any: 1 });
  throws(() => readMemory({ memory: 1 }), /memory must be an object/);
});

Deno.test("texts are cut to a length", () => {
  const { plan } = readPlanned({
    plan: { orders: [{ ...order, tag: "x".repeat(1e6) }], reason: "y".repeat(1e6) },
    memory: {},
  });
  equal(plan.orders[0]?.tag?.length, 64);
  equal(plan.reason?.length, 500);
});

Deno.test("nonsense is refused, and named", () => {
  for (const [value, fault] of nonsense) throws(() => readPlanned(value), fault);
  for (const [value, fault] of noStrategy) throws(() => readDescription(value), fault);
  for (const [value, fault] of noTerms) throws(() => readTerms(value), fault);
});

Deno.test("a strategy and its terms are taken as they are", () => {
  const { has: _, api: __, ...said } = strategy;
  deepEqual(readDescription(strategy), { ...said, capabilities: { net: [], env: [] } });
  const whole = {
    observes: ["fill", "book"],
    everyMs: 500,
    limits: { maxOpenOrders: 9, drawdownAction: "pause" },
    warmup: { bars: 10, barSec: 60 },
  };
  deepEqual(readTerms(whole), whole);
});
