// A paper run with someone watching: opens the console, listens for Ctrl+C, and prints the report
// when it is over. What `run` and `demo` share.

import type { Config } from "./config.ts";
import { openConsole } from "./console.ts";
import { print, type Shell, warn } from "./shell.ts";
import type { PaperOptions } from "./status.ts";
import { listenForStop } from "./stop.ts";
import { version } from "./version.ts";

/** What a command decides beside the merged settings. */
export type PaperFlags =
  & Omit<
    PaperOptions,
    "market" | "strategy" | "params" | "limits" | "capital" | "version" | "stop" | "onStatus"
  >
  & { readonly form: "people" | "json" };

/** Runs on paper until the end, a stop or a risk halt; gives the exit code of the run. */
export async function watchedPaperRun(
  config: Config,
  shell: Shell,
  { form, ...flags }: PaperFlags,
): Promise<number> {
  const { paperRun } = await import("./session.ts");
  const { market, strategy, params, limits, capital } = config;
  const console = openConsole(shell, form);
  using stop = listenForStop(() => {
    console.close();
    warn(shell, "Ended at once by a second signal: own orders were not cancelled");
  });
  try {
    const { report, exitCode } = await paperRun({
      ...flags,
      ...(capital === undefined ? {} : { capital }),
      market,
      strategy,
      params,
      limits,
      version,
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
