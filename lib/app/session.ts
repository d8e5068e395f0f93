// A run in wall time, on paper or live: the loop, the eye kept on it, and how it ends. It ends when
// its time is over, when a person or the strategy wants it to, or when a loss limit halts it; and
// exit code 0 says that the exchange itself has named no order of ours that is left.

import { closable } from "../core/closing.ts";
import type { Engine } from "../core/engine.ts";
import { riskSpecs } from "../core/limits.ts";
import { type Cash, cash, type Micros, MILLISECOND, NEVER, SECOND } from "../core/units.ts";
import { openOrders } from "../core/view.ts";
import type { Record } from "../lab/record.ts";
import { type Observer, run, type Venue } from "../run.ts";
import { ExitCode } from "./errors.ts";
import type { Request } from "./paced.ts";
import type { Status } from "./status.ts";

/** Wall time between two looks at a run. */
const STATUS_MS = 250;
/** Fills that a status shows. */
const LAST_FILLS = 5;
/** Market time a stop may take before the run says that orders may remain. */
const STOP_WITHIN = 30 * SECOND;

/** A venue that a person can speak through, and that ends when told to. */
export interface RunVenue extends Venue {
  /** Puts a person's command into the loop. */
  ask(request: Request): void;
  /** No more events from now on. */
  end(): void;
}

/** What a run is made of, whoever it trades with. */
export interface Running {
  readonly engine: Engine;
  readonly record: Record;
  readonly capital: Cash;
  readonly venue: RunVenue;
  /** See every event before its commands are sent, after the record. */
  readonly observers: readonly Observer[];
  /** Why the strategy was stopped: then nothing of ours stays, whatever was asked for the end. */
  stopped?(): string | undefined;
  /** How many orders of ours the exchange says it holds; undefined: it could not be asked. */
  left(): Promise<number | undefined>;
}

/** How long a run goes on, and who watches it. */
export interface Watch {
  readonly mode: Status["mode"];
  /** The name of the strategy. */
  readonly strategy: string;
  /** Market seconds until the run ends by itself; 0 = for ever. */
  readonly durationSec: number;
  /** Wall time at which the run ends; absent = never. */
  readonly until?: Micros;
  /** What becomes of resting orders and the position. Default cancel. */
  readonly onStop?: "keep" | "cancel" | "flatten";
  /** Aborted when a person asks to stop: cancel everything, report, end. */
  readonly stop: AbortSignal;
  /** Called at most a few times per second of the wall clock, and at the end. */
  onStatus(status: Status): void;
}

/** Runs to the end and gives the exit code. */
export async function session(running: Running, watch: Watch): Promise<number> {
  const { engine, record, venue, observers } = running;
  const keeper = new Keeper(running, watch);
  const stop = () => keeper.stop();
  watch.stop.addEventListener("abort", stop, { once: true });
  if (watch.stop.aborted) stop();
  const timer = setInterval(() => {
    if (watch.until !== undefined && Date.now() * MILLISECOND >= watch.until) keeper.stop();
    watch.onStatus(statusOf(running, watch));
  }, STATUS_MS);
  try {
    await run(engine, venue, [record, ...observers, keeper]);
  } finally {
    clearInterval(timer);
    watch.stop.removeEventListener("abort", stop);
  }
  return await keeper.exitCode();
}

/** Ends the run at the right moment and knows how it ended. */
class Keeper implements Observer {
  readonly #running: Running;
  readonly #watch: Watch;
  #endAt: number | undefined;
  #stopAt: Micros | undefined;
  /** A limit ended the run. */
  #halted = false;
  /** The position is closed first; the stop follows. */
  #closing = false;

  constructor(running: Running, watch: Watch) {
    this.#running = running;
    this.#watch = watch;
  }

  /** Orders left over weigh more than a risk halt, and that more than a position: each has its own code. */
  async exitCode(): Promise<number> {
    const left = await this.#running.left();
    const stopped = this.#running.stopped?.() !== undefined;
    const mayStay = this.#watch.onStop === "keep" && !this.#halted && !stopped;
    if (left === undefined || (left > 0 && !mayStay)) return ExitCode.ordersMayRemain;
    if (stopped) return ExitCode.pluginStopped;
    if (this.#halted) return ExitCode.riskHalt;
    return this.#isStillOpen ? ExitCode.timeOut : ExitCode.done;
  }

  /** The position was to be closed, and nobody took it in time. */
  get #isStillOpen(): boolean {
    const { facts: { market, ledger } } = this.#running.engine;
    const wasAsked = this.#stopAt !== undefined && this.#watch.onStop === "flatten";
    return wasAsked && closable(market, ledger.position) !== 0;
  }

  /** A person, or the clock, ends the run. */
  stop(): void {
    if (this.#stopAt !== undefined) return;
    const { venue } = this.#running;
    const { onStop = "cancel" } = this.#watch;
    this.#stopAt = this.#running.engine.facts.time;
    if (onStop === "keep") venue.end();
    else venue.ask(onStop === "flatten" ? "flatten" : "stop");
    this.#closing = onStop === "flatten";
  }

  seen(): void {
    const { engine, venue } = this.#running;
    const { facts: { time }, riskState } = engine;
    const { durationSec } = this.#watch;
    this.#endAt ??= durationSec === 0 ? NEVER : time + durationSec * SECOND;
    if (this.#stopAt === undefined && this.#running.stopped?.() !== undefined) {
      this.#stopAt = time;
      venue.ask("stop");
    }
    if (this.#stopAt === undefined && isHaltedForGood(engine)) {
      this.#halted = true;
      this.#stopAt = time;
      venue.ask("stop");
    }
    if (this.#closing && riskState.name === "HALTED") {
      this.#closing = false;
      venue.ask("stop");
    }
    if (time >= this.#endAt) this.stop();
    const late = this.#stopAt !== undefined && time > this.#stopAt + STOP_WITHIN;
    if (engine.stage === "stopped" || late) venue.end();
  }
}

/** A limit stopped trading and will not let it begin again by itself. */
function isHaltedForGood({ riskState }: Engine): boolean {
  const { name, rule, until } = riskState;
  return name === "HALTED" && until === undefined && rule !== undefined && rule !== "staleMs" &&
    (rule in riskSpecs || rule === "halt");
}

/** The moment of a run, for the console. */
export function statusOf(
  { engine, record, capital }: Pick<Running, "engine" | "record" | "capital">,
  { mode, strategy }: Pick<Watch, "mode" | "strategy">,
): Status {
  const { facts, plan, approved, riskState } = engine;
  const { ledger, touch } = facts;
  const { realised, fees, funding, position } = ledger;
  return {
    time: facts.time,
    mode,
    market: facts.market,
    strategy,
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
