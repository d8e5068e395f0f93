// Ctrl+C and SIGTERM. The first asks the run to stop in order; the second ends the process at once
// with the code that says orders may remain.

import { ExitCode } from "./errors.ts";

/** The wish to stop, as long as it is listened for. */
export interface StopSignal extends Disposable {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
}

/** Listens for SIGINT and SIGTERM. `atOnce` is called before a second one ends the process. */
export function listenForStop(atOnce: () => void): StopSignal {
  const controller = new AbortController();
  const heard = () => {
    if (!controller.signal.aborted) return controller.abort();
    atOnce();
    Deno.exit(ExitCode.ordersMayRemain);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, heard);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, heard);
    },
  };
}
