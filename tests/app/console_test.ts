// Where a run is watched: a redrawn screen on a terminal, seldom lines elsewhere, JSON for programs.

import { deepEqual, equal, match } from "node:assert/strict";
import { openConsole } from "../../lib/app/console.ts";
import { aShell } from "../support/shell.ts";
import { aStatus } from "../support/status.ts";

const size = { columns: 80, rows: 24 };

Deno.test("on a terminal each status is drawn over the last, and the terminal is given back once", () => {
  const shell = aShell({ size });
  const console = openConsole(shell, "people");
  console.show(aStatus());
  console.show(aStatus({ fills: 2 }));
  console.close();
  console.close();
  const { out } = shell.printed;
  equal(out.split("\x1b[?1049h").length, 2);
  equal(out.split("\x1b[?1049l").length, 2);
  equal(out.split("\x1b[H").length, 3);
  match(out, /Fills {6}2/);
  equal(out.endsWith("\x1b[?25h\x1b[?1049l"), true);
});

Deno.test("a console that showed nothing prints nothing", () => {
  const shell = aShell({ size });
  openConsole(shell, "people").close();
  equal(shell.printed.out, "");
});

Deno.test("elsewhere a line comes for news at once, for fills each second, else each minute", () => {
  const shell = aShell();
  let now = 0;
  const console = openConsole(shell, "people", () => now);
  const rows = [
    [0, {}, 1],
    [10, {}, 1],
    [500, { fills: 2 }, 1],
    [1_000, { fills: 2 }, 2],
    [1_100, { state: { name: "HALTED" } }, 3],
    [30_000, { state: { name: "HALTED" }, fills: 2 }, 4],
    [89_999, { state: { name: "HALTED" }, fills: 2 }, 4],
    [90_000, { state: { name: "HALTED" }, fills: 2 }, 5],
  ] as const;
  for (const [at, change, lines] of rows) {
    now = at;
    console.show(aStatus(change));
    equal(shell.printed.out.split("\n").length - 1, lines, `at ${at}`);
  }
  equal(shell.printed.out.includes("\x1b"), false);
});

Deno.test("for a program every line is one JSON object, also on a terminal", () => {
  const shell = aShell({ size });
  const console = openConsole(shell, "json", () => 0);
  console.show(aStatus());
  console.show(aStatus({ state: { name: "HALTED" } }));
  console.close();
  const states = shell.printed.out.trim().split("\n").map((line) => JSON.parse(line).state);
  deepEqual(states, [{ name: "ACTIVE" }, { name: "HALTED" }]);
});
