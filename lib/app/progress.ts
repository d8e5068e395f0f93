// The progress bar of a long backtest: on stderr and only if that is a terminal, so that neither a
// log nor a JSON document ever holds one.

import type { Micros } from "../core/units.ts";
import { showTime } from "./duration.ts";
import { fit } from "./screen.ts";
import type { Shell } from "./shell.ts";

/** Draws how far a backtest is. */
export interface Progress {
  tell(progress: { readonly fraction: number; readonly time: Micros }): void;
  /** Takes the bar away. */
  close(): void;
}

/** Opens a progress bar on stderr, or one that does nothing. */
export function openProgress(shell: Shell): Progress {
  let drawn = false;
  return {
    tell({ fraction, time }) {
      const columns = shell.errSize()?.columns;
      if (columns === undefined) return;
      // The last column stays empty: a letter there makes some terminals wrap.
      shell.err(`\r\x1b[K${progressLine(fraction, time, columns - 1)}`);
      drawn = true;
    },
    close() {
      if (drawn) shell.err("\r\x1b[K");
      drawn = false;
    },
  };
}

/** The bar as one line of at most `columns` cells. */
export function progressLine(fraction: number, time: Micros, columns: number): string {
  const part = Math.min(1, Math.max(0, fraction));
  const head = `backtest ${String(Math.floor(part * 100)).padStart(3)} %`;
  const tail = showTime(time).slice(0, 16);
  const room = Math.min(40, columns - head.length - tail.length - 4);
  if (room < 5) return fit(head, columns);
  const full = Math.round(part * room);
  return `${head} [${"#".repeat(full)}${".".repeat(room - full)}] ${tail}`;
}
