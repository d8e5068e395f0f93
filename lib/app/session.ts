// A paper run in wall time: the engine, the risk gate and the strategy of a live run, on the embedded
// exchange with a synthetic market. It ends when its time is over, when a person or the strategy
// wants it to, or when a loss limit halts it; and it ends only when the exchange holds no order of ours.

import type { Engine } from "../core/engine.ts";
import { riskSpecs } from "../core/limits.ts";
import { type Market, priceTicks } from "../core/market.ts";
import { type Micros, micros, MILLISECOND, NEVER, SECOND } from "../core/units.ts";
import { cash } from "../core/units.ts";
import { openOrders } from "../core/view.ts";
import { reportOf } from "../lab/account_for.ts";
import { isoTime } from "../lab/metrics.ts";
import type { Report } from "../lab/report.ts";
import { type Rig, rig } from "../lab/rig.ts";
import { type Observer, run } from "../run.ts";
import { SynthMarket } from "../sim/synth.ts";
import { synthDefaults, usualStart } from "../sim/synth_options.ts";
import { TapeFeed } from "../sim/tape_feed.ts";
import { ExitCode } from "./errors.ts";
import { type Clock, PacedVenue } from "./paced.ts";
import type { PaperOptions, Status } from "./status.ts";

/** Wall time between two looks at a run. */
const STATUS_MS = 250;
/** Fills that a status shows. */
const LAST_FILLS = 5;
/** Market time a stop may take before the run says that orders may remain. */
const STOP_WITHIN = 10 * SECOND;

/** How a run ended. */
export interface PaperResult {
  readonly report: Report;
  readonly exitCode: number;
}

/** The price a synthetic market starts at, in quote currency. */
export function synthPrice(market: Market): number {
  return { ...synthDefaults, ...usualStart(market) }.startPrice;
}

/** Runs on paper. Throws `RangeError` where strategy or balances make no sense. */
export async function paperRun(options: PaperOptions): Promise<PaperResult> {
  const started = performance.now();
  const parts = paperRig(options);
  const venue = new PacedVenue(parts.venue, wallClock, options.speed);
  const keeper = new Keeper(parts, venue, options);
  const stop = () => keeper.stop();
  options.stop.addEventListener("abort", stop, { once: true });
  if (options.stop.aborted) stop();
  const timer = setInterval(() => {
    if (options.until !== undefined && Date.now() * MILLISECOND >= options.until) keeper.stop();
    options.onStatus(statusOf(parts, options));
  }, STATUS_MS);
  try {
    await run(parts.engine, venue, [parts.record, keeper]);
  } finally {
    clearInterval(timer);
    options.stop.removeEventListener("abort", stop);
  }
  const { exitCode } = keeper;
  // What the exchange has already said still counts.
  parts.venue.close();
  await run(parts.engine, parts.venue, [parts.record]);
  parts.record.sample();
  options.onStatus(statusOf(parts, options));
  const report = reportOf(parts, {
    feed: "sim",
    seconds: (performance.now() - started) / 1000,
    run: { ...options, fillModel: "queue", data: dataOf(parts) },
    notes: ["Paper run on a synthetic market: no real order was sent."],
  });
  return { report, exitCode };
}

function paperRig(options: PaperOptions): Rig {
  const { market, seed } = options;
  const time = micros(Date.now() * MILLISECOND);
  const startPrice = synthPrice(market);
  const synth = new SynthMarket(market, { seed, start: time, startPrice });
  return rig({
    ...options,
    fillModel: "queue",
    quickLane: "off",
    feed: new TapeFeed(() => synth.chunk()),
    price: priceTicks(market, startPrice, "down"),
    time,
  });
}

/** Ends the run at the right moment and knows how it ended. */
class Keeper implements Observer {
  readonly #parts: Rig;
  readonly #venue: PacedVenue;
  readonly #endAt: Micros;
  #stopAt: Micros | undefined;
  #halted = false;

  constructor(parts: Rig, venue: PacedVenue, { durationSec }: PaperOptions) {
    this.#parts = parts;
    this.#venue = venue;
    this.#endAt = durationSec === 0 ? NEVER : micros(parts.venue.now + durationSec * SECOND);
  }

  /** A risk halt is told by its own code; orders left over by another, and that one weighs more. */
  get exitCode(): number {
    const { exchange, account } = this.#parts;
    if (exchange.openOrders(account).length > 0) return ExitCode.ordersMayRemain;
    return this.#halted ? ExitCode.riskHalt : ExitCode.done;
  }

  stop(): void {
    if (this.#stopAt !== undefined) return;
    this.#stopAt = this.#parts.engine.facts.time;
    this.#venue.ask("stop");
  }

  seen(): void {
    const { engine } = this.#parts;
    const { time } = engine.facts;
    if (isHaltedForGood(engine)) {
      this.#halted = true;
      this.stop();
    }
    if (time >= this.#endAt) this.stop();
    const late = this.#stopAt !== undefined && time > this.#stopAt + STOP_WITHIN;
    if (engine.stage === "stopped" || late) this.#venue.end();
  }
}

/** A limit stopped trading and will not let it begin again by itself. */
function isHaltedForGood({ riskState }: Engine): boolean {
  const { name, rule, until } = riskState;
  return name === "HALTED" && until === undefined && rule !== undefined && rule !== "staleMs" &&
    (rule in riskSpecs || rule === "halt");
}

function dataOf({ record }: Rig): Report["data"] {
  const from = record.samples[0]?.time;
  const to = record.samples.at(-1)?.time;
  return {
    files: [],
    rows: record.events,
    from: from === undefined ? null : isoTime(from),
    to: to === undefined ? null : isoTime(to),
    skipped: 0,
    rounded: 0,
    gaps: 0,
  };
}

/** The moment of a run, for the console. */
export function statusOf({ engine, record, capital }: Rig, options: PaperOptions): Status {
  const { facts, plan, approved, riskState } = engine;
  const { ledger, touch } = facts;
  const { realised, fees, funding, position } = ledger;
  return {
    time: facts.time,
    mode: "paper",
    market: facts.market,
    strategy: options.strategy.name,
    state: {
      name: riskState.name,
      ...(riskState.text === undefined ? {} : { text: riskState.text }),
    },
    position,
    equity: touch === undefined ? capital : ledger.equity(touch.mark),
    pnl: {
      realised,
      unrealised: touch === undefined ? cash(0) : ledger.unrealised(touch.mark),
      fees,
      funding,
    },
    ...(touch === undefined ? {} : { bestBid: touch.bestBid, bestAsk: touch.bestAsk }),
    openOrders: openOrders(facts.orders),
    plan: {
      orders: approved?.orders ?? [],
      ...(plan.reason === undefined ? {} : { reason: plan.reason }),
      refused: (approved?.refused ?? []).map(({ rule, limit, order }) => ({
        rule,
        limit,
        side: order.side,
        price: order.price,
      })),
    },
    fills: record.fills.length,
    lastFills: record.fills.slice(-LAST_FILLS).reverse(),
  };
}

const wallClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        wake.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake.addEventListener("abort", done, { once: true });
      if (wake.aborted) done();
    }),
};
