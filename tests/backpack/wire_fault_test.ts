// A fault is for a log: one line, short, whatever the outside world had put into it.

import assert from "node:assert/strict";
import { shorten, WireFault } from "../../lib/backpack/wire_fault.ts";

Deno.test("a fault is one line that names place, field, rule and value", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ["x", '"x"'],
    ["", '""'],
    ["a\nb\u001b[31m", '"a?b?[31m"'],
    ["y".repeat(1_000), `"${"y".repeat(60)}…"`],
    [1.5, "1.5"],
    [null, "null"],
    [undefined, "absent"],
    [true, "true"],
    [[1, 2], "a list of 2"],
    [{ toString: null }, "an object"],
  ];
  for (const [value, shown] of cases) {
    const fault = new WireFault({ place: "here", field: "p", rule: "must be good", value });
    assert.equal(fault.message, `Cannot read here as p must be good: current value is ${shown}`);
    assert.deepEqual(
      [fault.name, fault.place, fault.field, fault.rule, fault.value],
      ["WireFault", "here", "p", "must be good", shown],
    );
    assert(fault instanceof Error);
  }
});

Deno.test("text is cut without being read to its end", () => {
  assert.equal(shorten("abc", 3), "abc");
  assert.equal(shorten("abcd", 3), "abc…");
});
