// Refusals arrive as JSON, plain text or somebody's web page, and reading one never fails.

import assert from "node:assert/strict";
import fc from "fast-check";
import { readRefusal, reasonOf } from "../../lib/backpack/wire_refusal.ts";

Deno.test("a refusal is read whatever its body is", () => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ['{"code":"INVALID_PRICE","message":"Too far"}', "INVALID_PRICE", "Too far"],
    ['{"code":"NEW_CODE","message":"Surprise"}', "NEW_CODE", "Surprise"],
    ["not found", undefined, "not found"],
    ["  failed to parse \n", undefined, "failed to parse"],
    ["", undefined, ""],
    ["<html>\n<body>502</body>", undefined, "<html>?<body>502</body>"],
    ['{"code":5,"message":"x"}', undefined, '{"code":5,"message":"x"}'],
    ['{"code":"X"}', undefined, '{"code":"X"}'],
    ["[]", undefined, "[]"],
    ["x".repeat(1_000), undefined, `${"x".repeat(200)}…`],
  ];
  for (const [text, code, message] of cases) {
    assert.deepEqual(readRefusal(text), { code, message }, text.slice(0, 40));
  }
});

Deno.test("no body of a refusal throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    const { message } = readRefusal(text);
    assert(message.length <= 201 && !message.includes("\n"));
  }));
});

Deno.test("the reason is an expiry reason where one says the same, else the code, else the text", () => {
  const cases = [
    ["INVALID_ORDER", "Order would immediately match and take", "PostOnlyTaker"],
    [undefined, "order would immediately match and take.", "PostOnlyTaker"],
    ["INVALID_ORDER", "Reduce only order not reduced", "ReduceOnlyNotReduced"],
    ["INVALID_ORDER", "Something else", "INVALID_ORDER"],
    ["INSUFFICIENT_FUNDS", "Insufficient funds", "INSUFFICIENT_FUNDS"],
    [undefined, "not found", "not found"],
  ] as const;
  for (const [code, message, reason] of cases) {
    assert.equal(reasonOf({ code, message }), reason, message);
  }
});
