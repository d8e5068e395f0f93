// `report`: what a journaled run came to, in the form of every other report. The run is gone through
// once more, so that each figure comes from its own events.

import { type Strategy, STRATEGY_API } from "../../core/strategy.ts";
import { reportOf } from "../../lab/account_for.ts";
import { isoTime } from "../../lab/metrics.ts";
import { costPerPoint } from "../../lab/points_week.ts";
import { Record } from "../../lab/record.ts";
import { type Report, reportJson } from "../../lab/report.ts";
import { reportText } from "../../lab/report_text.ts";
import type { Replayed } from "../../journal/replay.ts";
import { ExitCode, UserError } from "../errors.ts";
import { numberFlag } from "../flags.ts";
import { type KeptRun, rerunOf, withRun } from "../replay_run.ts";
import { print, type Shell } from "../shell.ts";

/** Flags of `report`. */
export interface ReportFlags {
  readonly dataDir: string;
  /** Points received for the run's volume: the exchange names them a day after the week. */
  readonly points?: string;
  readonly json?: true;
}

/** Prints the report of the run. */
export async function reportCommand(id: string, flags: ReportFlags, shell: Shell): Promise<number> {
  const points = pointsFlag(flags.points);
  return await withRun({ dataDir: flags.dataDir, id }, async (kept) => {
    const report = await reportOfRun(kept);
    const perPoint = points === undefined ? undefined : costPerPoint(report.points.weeks, points);
    if (flags.json) {
      const costs = perPoint === undefined ? {} : { costPerPoint: perPoint };
      shell.out(`${JSON.stringify({ ...JSON.parse(reportJson(report)), ...costs }, null, 2)}\n`);
      return ExitCode.done;
    }
    print(shell, reportText(report, { width: shell.outSize()?.columns ?? 80 }));
    if (perPoint !== undefined) {
      const { quote } = report.market;
      print(shell, `Cost per point: ${perPoint.toFixed(4)} ${quote} (fees less realised profit)`);
    }
    return ExitCode.done;
  });
}

/** The report of a run as far as its journal goes. */
export async function reportOfRun(kept: KeptRun): Promise<Report> {
  const { run, terms: { inventory, paper }, setup } = kept;
  const started = performance.now();
  const { engine, play } = rerunOf(kept);
  const record = new Record(engine, spanOf(kept));
  const replayed = await play({ onDifference: "go on", observers: [record] });
  if (replayed.events === 0) {
    const why = replayed.lost?.text ?? "nothing happened in it";
    throw new UserError(`Cannot report run ${run.id}: ${why}`, ExitCode.failure);
  }
  record.sample();
  const { market, params, fees, capital } = setup;
  const [from, to] = [record.samples[0]?.time, record.samples.at(-1)?.time];
  const report = reportOf({ engine, record, capital, venue: { played: record.events } }, {
    feed: run.mode === "live" ? "backpack" : "paper",
    seconds: (performance.now() - started) / 1000,
    run: {
      ...{ market, params, fees, seed: run.seed, version: run.version, fillModel: "queue" },
      strategy: kept.strategy ?? elsewhere(run.strategy),
      latencyMs: paper?.latencyMs ?? 0,
      ...(inventory === undefined ? {} : { position: inventory.position }),
      data: {
        ...{ files: [], rows: record.events, skipped: 0, rounded: 0, gaps: 0 },
        from: from === undefined ? null : isoTime(from),
        to: to === undefined ? null : isoTime(to),
      },
    },
    notes: notesOf(kept, replayed),
  });
  return { ...report, run: { ...report.run, id: run.id } };
}

/** Stands for a strategy that ran in a cell: a report asks for its name alone. */
function elsewhere(name: string): Strategy {
  const plan = () => ({ orders: [] });
  return { api: STRATEGY_API, name, summary: "", params: {}, start: () => ({}), plan };
}

/** What a reader must know to judge the figures. */
function notesOf({ run }: KeptRun, { difference, lost }: Replayed): readonly string[] {
  const { continues, end, mode } = run;
  return [
    mode === "live"
      ? "Live run: these are the exchange's fills."
      : "Paper run: no real order was sent.",
    ...(continues === undefined
      ? []
      : [`Goes on with run ${continues}: the books are those of both.`]),
    ...(end === undefined ? ["The run has not ended, or its process was killed."] : []),
    ...(lost === undefined ? [] : [`The journal ends before the run: ${lost.text}.`]),
    ...(difference === undefined ? [] : [
      `This program decides otherwise from event ${difference.n} on (see: replay): fills and money ` +
      "are the run's, orders placed and refused are not.",
    ]),
  ];
}

/** How long the run lasted by the wall clock, for the spacing of equity samples. */
function spanOf({ run }: KeptRun): number | undefined {
  return run.end === undefined ? undefined : run.end.time - run.started;
}

function pointsFlag(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return numberFlag("--points", text, { type: "number", min: 0.0001, max: 1e12 });
}
