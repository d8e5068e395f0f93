// `replay`: what this program would have done in a journaled run, event by event, against what was
// done. Equal to the last command, or the first that differs with all that is known of the reason.

import type { Command } from "../../core/event.ts";
import { formatPrice, formatQuantity, type Market } from "../../core/market.ts";
import type { Micros } from "../../core/units.ts";
import type { Difference, Replayed } from "../../journal/replay.ts";
import { isoTime } from "../../lab/metrics.ts";
import { ExitCode } from "../errors.ts";
import { type KeptRun, rerunOf, withRun } from "../replay_run.ts";
import { print, type Shell, warn } from "../shell.ts";
import { version } from "../version.ts";

/** Flags of `replay`. */
export interface ReplayFlags {
  readonly dataDir: string;
  readonly json?: true;
}

/** Replays the run; 0 = every command that was journaled is given again. */
export async function replayCommand(id: string, flags: ReplayFlags, shell: Shell): Promise<number> {
  return await withRun({ dataDir: flags.dataDir, id }, async (kept) => {
    const { engine, play } = rerunOf(kept);
    const replayed = await play({ onDifference: "stop", observers: [] });
    const { difference, lost } = replayed;
    const told = { ...replayed, reasons: reasonsOf(kept, replayed, engine) };
    if (flags.json) print(shell, JSON.stringify(document(kept, told)));
    else for (const line of lines(kept, told)) print(shell, line);
    if (lost !== undefined) warn(shell, `The journal ends before the run: ${lost.text}`);
    const whole = difference === undefined && lost?.hides !== "commands";
    return whole ? ExitCode.done : ExitCode.failure;
  });
}

interface Told extends Replayed {
  /** What is known of why it differs. */
  readonly reasons: readonly string[];
}

function lines({ terms, run }: KeptRun, { events, commands, difference, reasons }: Told) {
  const counts = `${events} events, ${commands} commands`;
  if (difference === undefined) {
    const where = events === 0 ? "nothing to compare" : "identical";
    return [`Run ${run.id}: ${counts}: ${where}`];
  }
  const { n, event, recorded, replayed } = difference;
  return [
    `Run ${run.id}: ${counts}, then different`,
    `  event      ${n}, ${event.kind} at ${isoTime(event.time)}`,
    ...labelled("journaled", shown(terms.market, recorded)),
    ...labelled("replayed", shown(terms.market, replayed)),
    ...labelled("because", reasons),
  ];
}

function document({ run }: KeptRun, { events, commands, difference, reasons, lost }: Told): object {
  return {
    run: run.id,
    events,
    commands,
    identical: difference === undefined && lost?.hides !== "commands",
    difference: difference === undefined ? null : { ...difference, because: reasons },
    lost: lost?.text ?? null,
  };
}

/** Everything that could make two programs answer differently, as far as it shows. */
function reasonsOf(
  { journal, run, unsaid }: KeptRun,
  { difference }: Replayed,
  engine: {
    readonly facts: { readonly time: Micros };
    readonly plan: { readonly reason?: string };
  },
): readonly string[] {
  if (difference === undefined) return [];
  const reasons: string[] = [];
  if (run.version !== version) {
    reasons.push(`version: journaled by bpx-bot ${run.version}, replayed by ${version}`);
  }
  if (unsaid.length > 0) {
    reasons.push(`config: the run did not have ${unsaid.join(", ")}; defaults are used`);
  }
  const then = timeOf(journal.rows(run.id), difference);
  if (then !== undefined && then !== engine.facts.time) {
    reasons.push(
      `clock: the run's time was ${isoTime(then)}, is ${isoTime(engine.facts.time)}`,
    );
  }
  const now = engine.plan.reason;
  if (difference.reason !== undefined && difference.reason !== now) {
    reasons.push(`plan: then "${difference.reason}", now "${now ?? "no reason"}"`);
  }
  if (reasons.length > 0) return reasons;
  return ["version, settings and clock are the same: the journal or the program was changed"];
}

/** The run's own time after that event, where a row says it. */
function timeOf(
  rows: Iterable<{ readonly n: number; readonly time: Micros; readonly note: unknown }>,
  { n }: Difference,
): Micros | undefined {
  for (const row of rows) if (row.n === n && row.note === undefined) return row.time;
  return undefined;
}

function shown(market: Market, commands: Difference["replayed"]): readonly string[] {
  if (typeof commands === "string") return [commands];
  if (commands.length === 0) return ["nothing"];
  return commands.map((command) => shownOne(market, command));
}

function shownOne(market: Market, command: Command): string {
  if (command.kind === "cancel") return `cancel ${command.id}`;
  const { id, side, price, quantity, role, reduceOnly, tag } = command;
  const what = `${side} ${formatQuantity(market, quantity)} @ ${formatPrice(market, price)}`;
  const more = [role, ...(reduceOnly ? ["reduce-only"] : []), ...(tag === undefined ? [] : [tag])];
  return `place ${id}: ${what} ${more.join(", ")}`;
}

function labelled(label: string, texts: readonly string[]): readonly string[] {
  return texts.map((text, i) => `  ${(i === 0 ? label : "").padEnd(11)}${text}`);
}
