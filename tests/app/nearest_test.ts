// The nearest name: rows a person might type, and the laws of a distance.

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { lettersApart, nearest } from "../../lib/app/nearest.ts";

const names = ["grid", "amm", "flow", "points"];
const rows = [
  ["gird", "grid"],
  ["GRID", "grid"],
  ["point", "points"],
  ["slow", "flow"],
  ["mm", "amm"],
] as const;

Deno.test("the nearest name is the one with the fewest letters to change", () => {
  for (const [given, expected] of rows) equal(nearest(given, names), expected);
  equal(nearest("grid", []), undefined);
});

Deno.test("the distance of two words is counted in letters", () => {
  equal(lettersApart("", "abc"), 3);
  equal(lettersApart("kitten", "sitting"), 3);
  equal(lettersApart("spacing", "spacng"), 1);
});

Deno.test("a distance is zero for equal words only, symmetric, and never a detour", () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
  fc.assert(fc.property(word, word, word, (a, b, c) => {
    equal(lettersApart(a, b), lettersApart(b, a));
    equal(lettersApart(a, b) === 0, a === b);
    return lettersApart(a, c) <= lettersApart(a, b) + lettersApart(b, c);
  }));
});
