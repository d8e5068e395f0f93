// Where a run is watched: a screen redrawn in place when stdout is a terminal, a line now and then
// when it is not, JSON lines when a program reads. Uses the terminal's second screen and always
// gives the first one back, so what was there before the run is there after it.

import { screen, statusJson, statusLine } from "./screen.ts";
import { print, type Shell } from "./shell.ts";
import type { Status } from "./status.ts";

/** Plain lines come at most this often while nothing but prices changes. */
const QUIET_MS = 60_000;
/** And at most this often while there are fills. */
const BUSY_MS = 1_000;

const enter = "\x1b[?1049h\x1b[?25l";
const leave = "\x1b[?25h\x1b[?1049l";

/** Shows a run. */
export interface Console {
  show(status: Status): void;
  /** Gives the terminal back; may be called twice. */
  close(): void;
}

/** Opens the console that suits stdout. `clock` gives milliseconds. */
export function openConsole(
  shell: Shell,
  form: "people" | "json",
  clock: () => number = () => performance.now(),
): Console {
  if (form === "json") return lines(shell, clock, (status) => JSON.stringify(statusJson(status)));
  return shell.outSize() === undefined ? lines(shell, clock, statusLine) : live(shell);
}

function live(shell: Shell): Console {
  let open = false;
  return {
    show(status) {
      const size = shell.outSize();
      if (size === undefined) return;
      // Each line is cleared to its end before it is written: nothing of the last one shines through.
      const drawn = screen(status, size).map((line) => `\x1b[K${line}`).join("\r\n");
      shell.out(`${open ? "" : enter}\x1b[H${drawn}\x1b[J`);
      open = true;
    },
    close() {
      if (open) shell.out(leave);
      open = false;
    },
  };
}

function lines(shell: Shell, clock: () => number, text: (status: Status) => string): Console {
  let last: { at: number; state: string; fills: number } | undefined;
  return {
    show(status) {
      const at = clock();
      const state = status.state.name;
      const fills = status.fills;
      const due = last === undefined || state !== last.state || at - last.at >= QUIET_MS ||
        (fills !== last.fills && at - last.at >= BUSY_MS);
      if (!due) return;
      last = { at, state, fills };
      print(shell, text(status));
    },
    close() {},
  };
}
