import assert from "node:assert/strict";
import { assert as hold, Bug, unreachable } from "../../lib/core/assert.ts";

Deno.test("a condition that holds is silent", () => {
  hold(true, "never shown");
});

Deno.test("a broken invariant is a Bug with its text", () => {
  assert.throws(
    () => hold(false, "two orders with one id"),
    (error) =>
      error instanceof Bug && error instanceof Error && error.name === "Bug" &&
      error.message === "two orders with one id",
  );
});

Deno.test("the end of an exhaustive switch names what fell through, and the compiler guards it", () => {
  // @ts-expect-error a value that is still possible must not compile
  assert.throws(() => unreachable("sideways"), { name: "Bug", message: "unreachable: sideways" });
});
