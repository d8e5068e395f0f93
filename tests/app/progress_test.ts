// The progress bar: on a terminal only, never wider than it, gone when it is closed.

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { openProgress, progressLine } from "../../lib/app/progress.ts";
import { micros } from "../../lib/core/units.ts";
import { aShell } from "../support/shell.ts";

const time = micros(1_735_689_600_000_000);

Deno.test("the bar shows how far it is and where in the data", () => {
  equal(progressLine(0.25, time, 50), "backtest  25 % [####............] 2025-01-01 00:00");
  equal(progressLine(0, time, 200).includes("."), true);
  equal(progressLine(1, time, 200).includes("."), false);
  equal(progressLine(0.5, time, 20), "backtest  50 %");
});

Deno.test("the bar fits any terminal, whatever the fraction", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 300 }), (part, columns) => {
      return progressLine(part, time, columns).length <= columns;
    }),
  );
});

Deno.test("without a terminal nothing is drawn, with one the line is cleaned up", () => {
  const silent = aShell();
  const quiet = openProgress(silent);
  quiet.tell({ fraction: 0.5, time });
  quiet.close();
  equal(silent.printed.err, "");
  const shell = aShell({ size: { columns: 60, rows: 20 } });
  const bar = openProgress(shell);
  bar.tell({ fraction: 0.5, time });
  bar.close();
  bar.close();
  equal(shell.printed.err.endsWith("\r\x1b[K"), true);
  equal(shell.printed.err.split("\r\x1b[K").length, 3);
  equal(shell.printed.out, "");
});
