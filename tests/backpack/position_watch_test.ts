// A difference is believed when it is there twice and no fill came in between.

import assert from "node:assert/strict";
import { lots } from "../../lib/core/units.ts";
import { PositionWatch } from "../../lib/backpack/position_watch.ts";

type Step = number | { readonly bid: number } | { readonly ask: number };

Deno.test("positions against fills", () => {
  const rows: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
    ["nothing happens", [0, 0], ["same", "same"]],
    ["fills explain it", [{ bid: 3 }, { ask: 1 }, 2], ["same"]],
    ["a fill on its way", [3, { bid: 3 }, 3], ["doubted", "same"]],
    ["nothing explains it", [3, 3], ["doubted", "wrong"]],
    ["told once", [3, 3, 3, 3], ["doubted", "wrong", "same", "same"]],
    ["another difference", [3, 4, 4], ["doubted", "doubted", "wrong"]],
    ["a fill in between", [3, { bid: 1 }, 4], ["doubted", "doubted"]],
    ["a difference that went away", [3, 0, 3], ["doubted", "same", "doubted"]],
  ];
  for (const [name, steps, expected] of rows) {
    const watch = new PositionWatch(lots(0));
    const found: string[] = [];
    for (const step of steps) {
      if (typeof step === "number") found.push(watch.check(lots(step)).kind);
      else if ("bid" in step) watch.fill("bid", lots(step.bid));
      else watch.fill("ask", lots(step.ask));
    }
    assert.deepEqual(found, expected, name);
  }
});
