// The planner of a strategy that lives in a cell: asked for a plan it posts the question and goes on;
// the answer comes back as a `planned` event, with the memory after it and the number of observations
// that memory has taken. So a journal can tell, whenever the process died, which ones it has not.

import type { Planner } from "../core/planner.ts";
import { count, list, optional, plain as anObject, record } from "../core/shape.ts";
import type { Observation, Plan, Setup, View } from "../core/strategy.ts";
import type { Granted } from "./capabilities.ts";
import { type Cell, PluginFault } from "./cell.ts";
import { readMemory, readPlanned, readTerms } from "./cell_answers.ts";
import type { Beginning, SeenView } from "./cell_protocol.ts";
import { UserError } from "./errors.ts";

/** What a planner in a cell is made of. */
export interface CellPlannerOptions {
  readonly cell: Cell;
  readonly name: string;
  readonly setup: Setup;
  /** What was granted, which the setup has in the cell. */
  readonly granted: Granted;
  readonly seed: number;
  /** How long one plan may take. */
  readonly planTimeoutMs: number;
  /** Takes an answer, to be put into the loop as a `planned` event. */
  answers(answer: Answered): void;
}

/** An answer on its way into the loop: the parts of a `planned` event without its time. */
export interface Answered {
  readonly plan: Plan;
  readonly memory: object;
}

/** The first plan may take longer: the machine sees the code for the first time. */
export const FIRST_MS = 5000;
/** How long the answer to a question of the setup may take. */
export const TERMS_MS = 1000;
/** Observations sent ahead of the next plan, so that a plan that holds does not pile them up. */
const BATCH = 1000;
/** Observations a strategy may be behind by; beyond that it will never catch up. */
const MOST_WAITING = 100_000;

/** The memory as a journal keeps it: with what it has not taken yet. */
interface Kept {
  /** Observations the memory has taken, counted from the start of the run. */
  readonly taken: number;
  /** Absent before the first answer. */
  readonly memory?: object;
  readonly start?: SeenView;
  /** Those after `taken`; absent with an answer. */
  readonly waiting?: readonly Observation[];
}

/** Begins to plan in `cell`. Throws what `Cell.askNow` throws, or `RangeError` on terms that are nonsense. */
export function cellPlanner(options: CellPlannerOptions): Planner {
  const { cell, granted } = options;
  const setup = { ...options.setup, granted };
  const { observes } = readTerms(cell.askNow({ kind: "terms", setup }, TERMS_MS));
  return new CellPlanner(options, new Set(observes));
}

class CellPlanner implements Planner {
  readonly name: string;
  readonly observes: ReadonlySet<Observation["kind"]>;
  readonly #options: CellPlannerOptions;
  /** What the latest memory has not taken, oldest first. */
  #waiting: Observation[] = [];
  /** How many the latest memory has taken. */
  #taken = 0;
  /** How many of `#waiting` the cell has been told. */
  #told = 0;
  #memory: object | undefined;
  #start: SeenView | undefined;
  #setup: Setup;
  /** The cell does not have the memory, or is to go on with other settings. */
  #begins = true;
  /** The question that is out; none is asked beside it. */
  #out: "plan" | "batch" | undefined;
  /** A plan on its way through the loop. */
  #expected: object | undefined;
  /** A plan was asked for meanwhile, at this view. */
  #wanted: SeenView | undefined;

  constructor(options: CellPlannerOptions, observes: ReadonlySet<Observation["kind"]>) {
    this.#options = options;
    this.#setup = options.setup;
    this.name = options.name;
    this.observes = observes;
  }

  get memory(): object | undefined {
    if (this.#memory === undefined && this.#start === undefined) return undefined;
    const kept: Kept = {
      taken: this.#taken,
      waiting: [...this.#waiting],
      ...(this.#memory === undefined ? {} : { memory: this.#memory }),
      ...(this.#start === undefined ? {} : { start: this.#start }),
    };
    return kept;
  }

  start(view: View): void {
    this.#start = seen(view);
  }

  observe(event: Observation): void {
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) {
      this.#options.cell.stop(`it is ${MOST_WAITING} observations behind`);
    } else if (this.#waiting.length - this.#told >= BATCH) this.#ask(undefined);
  }

  plan(view: View): undefined {
    this.#wanted = seen(view);
    this.#ask(this.#wanted);
  }

  restore(memory: object): void {
    const { taken, memory: of, start, waiting } = readKept(memory);
    if (memory === this.#expected) {
      this.#expected = undefined;
      this.#keep(taken, of);
      this.#askWanted();
      return;
    }
    // From a journal: the cell is told everything from here.
    if (waiting !== undefined) this.#waiting = [...waiting];
    else this.#waiting.splice(0, taken - this.#taken);
    [this.#taken, this.#memory, this.#start] = [taken, of, start];
    [this.#told, this.#begins] = [0, true];
  }

  change(setup: Setup): void {
    this.#setup = setup;
    this.#begins = true;
  }

  /** Asks unless a question is out; without a view only hands over what happened. */
  #ask(view: SeenView | undefined): void {
    const { cell, planTimeoutMs, seed, granted } = this.#options;
    if (this.#out !== undefined || this.#expected !== undefined || cell.reason !== undefined) {
      return;
    }
    const begins = this.#begins;
    if (begins && view === undefined) return;
    const beginning: Beginning = {
      ...{ setup: { ...this.#setup, ...{ granted } }, seed },
      ...(this.#memory === undefined ? {} : { memory: this.#memory }),
    };
    const start = this.#start ?? view;
    // A cell that begins has the memory and nothing after it.
    const observations = this.#waiting.slice(begins ? 0 : this.#told);
    this.#out = view === undefined ? "batch" : "plan";
    this.#wanted = undefined;
    this.#begins = false;
    this.#told = this.#waiting.length;
    const until = this.#taken + this.#told;
    const ms = begins ? Math.max(planTimeoutMs, FIRST_MS) : planTimeoutMs;
    const question = {
      kind: "plan" as const,
      ...(begins ? { begin: beginning } : {}),
      ...(begins && this.#memory === undefined && start !== undefined ? { start } : {}),
      ...(view === undefined ? {} : { view }),
      observations,
    };
    cell.ask(question, { ms }).then(
      (answer) => this.#answered(answer, until),
      (error: unknown) => this.#failed(error),
    );
  }

  #answered(answer: unknown, taken: number): void {
    const asked = this.#out;
    this.#out = undefined;
    try {
      if (asked === "batch") {
        this.#keep(taken, readMemory(answer));
        this.#askWanted();
        return;
      }
      const { plan, memory } = readPlanned(answer);
      const kept: Kept = { taken, memory };
      this.#expected = kept;
      this.#options.answers({ plan, memory: kept });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#options.cell.stop(error.message);
    }
  }

  /** The cell was stopped already, or what it threw is a reason to. */
  #failed(error: unknown): void {
    if (error instanceof PluginFault) this.#options.cell.stop(`it failed: ${error.fault}`);
    else if (!(error instanceof UserError)) throw error;
  }

  #keep(taken: number, memory: object | undefined): void {
    this.#waiting.splice(0, taken - this.#taken);
    this.#told -= taken - this.#taken;
    [this.#taken, this.#memory, this.#start] = [taken, memory, undefined];
  }

  #askWanted(): void {
    if (this.#wanted !== undefined) this.#ask(this.#wanted);
    else if (this.#waiting.length - this.#told >= BATCH) this.#ask(undefined);
  }
}

/** The memory that came with an answer or out of a journal. Throws `RangeError` where it is none. */
function readKept(memory: object): Kept;
function readKept(memory: object): object {
  record<Kept>({
    taken: count,
    memory: optional(anObject),
    start: optional(anObject),
    waiting: optional(list(anObject)),
  })(memory, "memory of the plugin");
  return memory;
}

/** The view as data: read now, as it is valid until the next event. */
export function seen(view: View): SeenView {
  const { time, bestBid, bestAsk, midTicks, bids, asks, position, sellable, equity } = view;
  const { mark, entryTicks, oldestAt, openOrders } = view;
  return {
    ...{ time, bestBid, bestAsk, midTicks, bids, asks, position, sellable, equity, openOrders },
    ...(mark === undefined ? {} : { mark }),
    ...(entryTicks === undefined ? {} : { entryTicks }),
    ...(oldestAt === undefined ? {} : { oldestAt }),
  };
}
