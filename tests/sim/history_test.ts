import assert from "node:assert/strict";
import { cash } from "../../lib/core/units.ts";
import { History } from "../../lib/sim/history.ts";
import { aFill, after, START, told } from "../support/core.ts";

Deno.test("what was said of an account can be asked for later", () => {
  const history = new History();
  const { id: _, ...foreign } = aFill({ fillId: 3 });
  const funding = { kind: "funding", time: START, payment: cash(-5), rate: 0.1 } as const;
  history.note(told("accepted", 1));
  history.note(aFill({ id: 1, fillId: 1 }));
  history.note(aFill({ id: 2, fillId: 2 }));
  history.note({ ...foreign, kind: "foreignFill", origin: "LiquidatePositionOnBook" });
  history.note(told("cancelled", 2));
  history.note(told("expired", 4));
  history.note(told("rejected", 5));
  history.note(funding);
  const { time, open, fills, ended } = history.found([], after(9));
  assert.deepEqual([time, open], [after(9), []]);
  assert.deepEqual(fills.map(({ id, fillId, origin }) => [id, fillId, origin]), [
    [1, 1, "USER"],
    [2, 2, "USER"],
    [undefined, 3, "LiquidatePositionOnBook"],
  ]);
  const ends = [...ended].sort(([a], [b]) => a - b);
  assert.deepEqual(ends, [[1, "filled"], [2, "cancelled"], [4, "expired"], [5, "rejected"]]);
  assert.deepEqual(history.fundings, [funding]);
});
