// The line of a download: drawn over on a terminal, and elsewhere silent but for why it waits.

import { equal } from "node:assert/strict";
import { openDownloadLine } from "../../lib/app/download_line.ts";
import { micros } from "../../lib/core/units.ts";
import { aShell } from "../support/shell.ts";

const time = micros(1_700_000_000_000_000);

Deno.test("on a terminal there is one line, and none when it is done", () => {
  const shell = aShell({ size: { columns: 30, rows: 9 } });
  const line = openDownloadLine(shell, "SOL_USDC-1m");
  line.tell({ fraction: 0.421, time });
  line.wait("no room\nfor a line");
  line[Symbol.dispose]();
  line[Symbol.dispose]();
  const [first, second, third, ...rest] = shell.printed.err.split("\r\x1b[K").slice(1);
  equal(first, "SOL_USDC-1m  42 % to 2023-11-");
  equal(second, "Waiting: no room for a line");
  equal(third, "");
  equal(rest.length, 0);
  equal(shell.printed.out, "");
});

Deno.test("elsewhere each reason to wait is said once", () => {
  const shell = aShell();
  using line = openDownloadLine(shell, "SOL_USDC-1m");
  line.tell({ fraction: 0.5, time });
  line.wait("one");
  line.wait("two");
  line.wait("one");
  equal(shell.printed.err, "Waiting: one\nWaiting: two\n");
});
