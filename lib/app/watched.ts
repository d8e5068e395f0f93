// A run with someone watching: opens the console, listens for Ctrl+C, and prints the report when it
// is over. What every command that runs something shares, on paper and live.

import type { Report } from "../lab/report.ts";
import { openConsole } from "./console.ts";
import { print, type Shell, warn } from "./shell.ts";
import type { Status } from "./status.ts";
import { listenForStop } from "./stop.ts";

/** How a run ended. */
export interface RunResult {
  readonly report: Report;
  readonly exitCode: number;
}

/** What a watched run is given. */
export interface Eyes {
  /** Aborted when a person asks to stop. */
  readonly stop: AbortSignal;
  onStatus(status: Status): void;
}

/** Plays to the end, a stop or a halt; prints the report and gives the exit code. */
export async function watched(
  shell: Shell,
  form: "people" | "json",
  play: (eyes: Eyes) => Promise<RunResult>,
): Promise<number> {
  const console = openConsole(shell, form);
  using stop = listenForStop(() => {
    console.close();
    warn(shell, "Ended at once by a second signal: own orders were not cancelled");
  });
  try {
    const { report, exitCode } = await play({
      stop: stop.signal,
      onStatus: (status) => console.show(status),
    });
    console.close();
    if (form === "json") {
      print(shell, JSON.stringify({ kind: "report", ...report }));
    } else {
      const { reportText } = await import("../lab/report_text.ts");
      print(shell, reportText(report, { width: shell.outSize()?.columns ?? 80 }));
    }
    return exitCode;
  } finally {
    console.close();
  }
}
