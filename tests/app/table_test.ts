// Columns as wide as their widest cell.

import { equal } from "node:assert/strict";
import { table } from "../../lib/app/table.ts";

Deno.test("cells of a column stand under each other, and lines end with their text", () => {
  equal(table([["a", "bb", ""], ["ccc", "d", "e"], ["f"]]), "a    bb\nccc  d   e\nf");
  equal(table([]), "");
});
