// What goes wrong without an error: news that stops coming, a loop that does not turn, memory that
// only grows. Each is told once when it begins and once when it is over. Memory beyond its bound ends
// the run in order, while there is still memory to do it with.

import type { Notice } from "../backpack/notice.ts";
import type { Clock } from "./paced.ts";
import type { StreamAge } from "./status.ts";

/** What is looked at, at one moment. */
export interface Vitals {
  /** Since the loop last took an event. */
  readonly loopAgeMs: number;
  /** Memory of the process that is in the machine's. */
  readonly rssBytes: number;
  readonly streams: readonly StreamAge[];
}

/** What a look came to. */
export interface Verdict {
  readonly notices: readonly Notice[];
  /** Why the run has to end; undefined: it need not. */
  readonly stop: string | undefined;
}

/** Between two looks. */
const LOOK_MS = 1_000;
/** A look that comes later than this was held up by something that did not let go of the processor. */
const MOST_LAG_MS = 2_000;
/** A live venue puts a timer into the loop each second. */
const MOST_LOOP_AGE_MS = 15_000;
/** Memory is compared over this much time, and not before the run has settled. */
const WINDOW_MS = 30 * 60_000;
const SETTLED_AFTER_MS = 10 * 60_000;
const SAMPLE_MS = 60_000;
/** Growth that would reach the bound within days. */
const MOST_GROWTH_MB_PER_HOUR = 64;
/** The bound of a run that was given none. */
export const MOST_RSS_MB = 1024;
const MB = 2 ** 20;

/** Judges looks at a run. Memory: one sample a minute of the last half hour. */
export class Watchdog {
  readonly #mostRssMb: number;
  readonly #began: number;
  readonly #samples: { readonly at: number; readonly megabytes: number }[] = [];
  readonly #open = new Set<string>();
  #lookedAt: number;
  #stopped = false;

  /** `nowMs` is when it begins to look. */
  constructor(nowMs: number, { mostRssMb = MOST_RSS_MB }: { readonly mostRssMb?: number } = {}) {
    this.#mostRssMb = mostRssMb;
    this.#began = nowMs;
    this.#lookedAt = nowMs;
  }

  /** Looks once; `nowMs` is by the clock it began with. */
  look(nowMs: number, { loopAgeMs, rssBytes, streams }: Vitals): Verdict {
    const lagMs = nowMs - this.#lookedAt - LOOK_MS;
    this.#lookedAt = nowMs;
    const growth = this.#growth(nowMs, rssBytes / MB);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const notices = [
      // Over as soon as it is noticed: there is no end to be told.
      ...(lagMs > MOST_LAG_MS ? [warning(`The program stood still for ${seconds(lagMs)}`)] : []),
      ...this.#told("loop", loopAgeMs > MOST_LOOP_AGE_MS, {
        begin: `The loop has taken nothing for ${seconds(loopAgeMs)}`,
        end: "The loop turns again",
      }),
      ...streams.flatMap(({ name, ageMs, state }) =>
        this.#told(name, state === "stale", {
          begin: `Nothing was heard of the ${name} for ${seconds(ageMs)}`,
          end: `The ${name} is heard again`,
        })
      ),
      ...this.#told("memory", growth > MOST_GROWTH_MB_PER_HOUR, {
        begin: `Memory grows by ${growth.toFixed(0)} MB an hour`,
        end: "Memory no longer grows",
      }),
    ];
    return { notices, stop: this.#stop(rssBytes / MB) };
  }

  #stop(megabytes: number): string | undefined {
    if (this.#stopped || megabytes <= this.#mostRssMb) return undefined;
    this.#stopped = true;
    return `memory is ${megabytes.toFixed(0)} MB, limit ${this.#mostRssMb} MB`;
  }

  /** News of a condition: what begins, or what is over. */
  #told(
    name: string,
    isSo: boolean,
    { begin, end }: { readonly begin: string; readonly end: string },
  ): readonly Notice[] {
    if (isSo === this.#open.has(name)) return [];
    if (isSo) this.#open.add(name);
    else this.#open.delete(name);
    return [isSo ? warning(begin) : { level: "info", text: end }];
  }

  /** In MB an hour, as the line through the samples rises; 0 until they span the window. */
  #growth(at: number, megabytes: number): number {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (at - this.#began >= SETTLED_AFTER_MS && (last === undefined || at - last.at >= SAMPLE_MS)) {
      samples.push({ at, megabytes });
    }
    while (samples.length > 2 && at - (samples[1]?.at ?? at) >= WINDOW_MS) samples.shift();
    if (at - (samples[0]?.at ?? at) < WINDOW_MS) return 0;
    const mean = (of: (sample: { at: number; megabytes: number }) => number) =>
      samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
    const [middle, level] = [mean((one) => one.at), mean((one) => one.megabytes)];
    const spread = mean((one) => (one.at - middle) ** 2);
    return mean((one) => (one.at - middle) * (one.megabytes - level)) / spread * 3_600_000;
  }
}

/** Looks until `signal` is aborted. `onStop` is called at most once. */
export async function keepWatch({ clock, signal, watchdog, vitals, onNotice, onStop }: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly watchdog: Watchdog;
  vitals(): Vitals;
  onNotice(notice: Notice): void;
  onStop(why: string): void;
}): Promise<void> {
  for (;;) {
    await clock.sleep(LOOK_MS, signal);
    if (signal.aborted) return;
    const { notices, stop } = watchdog.look(clock.now(), vitals());
    for (const notice of notices) onNotice(notice);
    if (stop !== undefined) onStop(stop);
  }
}

function warning(text: string): Notice {
  return { level: "warn", text };
}
