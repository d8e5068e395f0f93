import assert from "node:assert/strict";
import { emptyTape, ROW, sliceTape } from "../../lib/core/columns.ts";

Deno.test("the kinds of row are told apart", () => {
  const kinds = Object.values(ROW);
  assert.equal(new Set(kinds).size, kinds.length);
  for (const kind of kinds) assert.ok(kind >= 0 && kind < 256);
});

Deno.test("an empty tape has room in every column", () => {
  const { length, ...columns } = emptyTape(3);
  assert.equal(length, 3);
  assert.deepEqual(Object.keys(columns).sort(), [
    "askPrice",
    "askQuantity",
    "kind",
    "price",
    "quantity",
    "time",
  ]);
  for (const column of Object.values(columns)) assert.deepEqual([...column], [0, 0, 0]);
});

Deno.test("the time column holds a microsecond of today exactly", () => {
  const tape = emptyTape(1);
  tape.time[0] = 1_700_000_000_000_001;
  assert.equal(tape.time[0], 1_700_000_000_000_001);
});

Deno.test("a slice is the same rows in the same memory, in every column", () => {
  const tape = emptyTape(5);
  const columns = ["kind", "time", "price", "quantity", "askPrice", "askQuantity"] as const;
  columns.forEach((name, c) => {
    for (let row = 0; row < 5; row++) tape[name][row] = 10 * c + row;
  });
  const slice = sliceTape(tape, 1, 4);
  assert.equal(slice.length, 3);
  columns.forEach((name, c) => {
    assert.deepEqual([...slice[name]], [10 * c + 1, 10 * c + 2, 10 * c + 3], name);
  });
  tape.price[2] = 99;
  assert.equal(slice.price[1], 99);
  assert.equal(sliceTape(tape, 2, 2).length, 0);
});
