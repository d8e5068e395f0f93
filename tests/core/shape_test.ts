import assert from "node:assert/strict";
import {
  type Check,
  count,
  flag,
  list,
  number,
  oneOf,
  optional,
  pair,
  plain,
  positive,
  record,
  text,
  whole,
} from "../../lib/core/shape.ts";

const rows: readonly (readonly [string, Check, readonly unknown[], readonly unknown[]])[] = [
  ["whole", whole, [0, -3, 2 ** 53 - 1], [0.5, 2 ** 53, "1", null, undefined, NaN]],
  ["count", count, [0, 7], [-1, 1.5, "0", undefined]],
  ["positive", positive, [1], [0, -1, 0.1, "1"]],
  ["number", number, [0.5, -1e9], [NaN, Infinity, "1", null]],
  ["text", text, ["", "a"], [1, undefined]],
  ["flag", flag, [true, false], [0, "true", undefined]],
  ["plain", plain, [{}, { a: 1 }], [[], null, "x", undefined]],
  ["oneOf", oneOf("a", 1), ["a", 1], ["b", "1", undefined]],
  ["optional", optional(text), [undefined, "a"], [null, 1]],
  ["list", list(whole), [[], [1, 2]], [[1, "2"], {}, "12"]],
  ["pair", pair(text, whole), [["a", 1]], [["a"], ["a", "b"], ["a", 1, 2], {}]],
  ["record", record<{ a: number }>({ a: whole }), [{ a: 1 }, { a: 1, b: 2 }], [{}, [], null]],
];

for (const [name, check, good, bad] of rows) {
  Deno.test(`${name} passes what fits and refuses the rest`, () => {
    for (const value of good) check(value, "it");
    for (const value of bad) {
      assert.throws(() => check(value, "it"), { name: "RangeError", message: /^it\S* must be / });
    }
  });
}

Deno.test("a refusal names the path to what does not fit", () => {
  const check = record<{ a: unknown }>({ a: list(record<{ b: unknown }>({ b: whole })) });
  assert.throws(() => check({ a: [{ b: 1 }, { b: "2" }] }, "state"), {
    message: "state.a[1].b must be a whole number: current value is 2",
  });
});
