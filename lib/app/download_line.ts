// How far a download is, as one line that is drawn over on a terminal. Elsewhere only what a person
// must know is written, once: that it waits, and why.

import type { Micros } from "../core/units.ts";
import { showTime } from "./duration.ts";
import { plain } from "./errors.ts";
import { fit } from "./screen.ts";
import { type Shell, warn } from "./shell.ts";

/** The line of one download. */
export interface DownloadLine extends Disposable {
  tell(progress: { readonly fraction: number; readonly time: Micros }): void;
  /** The download waits. */
  wait(reason: string): void;
}

/** Opens the line of what is called `name`. Disposing takes it away. */
export function openDownloadLine(shell: Shell, name: string): DownloadLine {
  const said = new Set<string>();
  let drawn = false;
  const draw = (text: string) => {
    const columns = shell.errSize()?.columns;
    if (columns === undefined) return false;
    // The last column stays empty: a letter there makes some terminals wrap.
    shell.err(`\r\x1b[K${fit(text, columns - 1)}`);
    return drawn = true;
  };
  return {
    tell({ fraction, time }) {
      const percent = Math.floor(Math.min(1, Math.max(0, fraction)) * 100);
      draw(`${name} ${String(percent).padStart(3)} % to ${showTime(time).slice(0, 16)}`);
    },
    wait(reason) {
      const text = `Waiting: ${plain(reason)}`;
      if (draw(text) || said.has(text)) return;
      said.add(text);
      warn(shell, text);
    },
    [Symbol.dispose]() {
      if (drawn) shell.err("\r\x1b[K");
      drawn = false;
    },
  };
}
