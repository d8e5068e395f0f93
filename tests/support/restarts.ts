// Runs that die and begin again in the middle of a simulation, at any event and at any step between
// deciding and sending, from nothing but what a journal would hold. The new process asks the exchange
// and settles; from then on every promise of a run that never died holds for it.

import assert from "node:assert/strict";
import type { Engine } from "../../lib/core/engine.ts";
import type { Command, Event, OrderId } from "../../lib/core/event.ts";
import type { Random } from "../../lib/core/random.ts";
import { settle, type Settled } from "../../lib/core/settle.ts";
import {
  type EngineState,
  type JournalRow,
  readState,
  type Restored,
} from "../../lib/core/state.ts";
import type { Observation } from "../../lib/core/strategy.ts";
import { type Micros, micros, SECOND } from "../../lib/core/units.ts";
import type { Handler, Observer, Venue } from "../../lib/run.ts";
import type { FaultyVenue } from "../../lib/sim/faults.ts";
import type { Coverage } from "./coverage.ts";

/** Where between deciding and sending a process dies. */
export const deathKinds = [
  "before the row",
  "before sending",
  "after half",
  "after sending",
] as const;

/** When a process dies, how, and how long nobody is there. */
export interface Death {
  readonly kind: typeof deathKinds[number];
  readonly at: Micros;
  readonly downSec: number;
}

/** A process that began anew, for a repetition: what it began from and the last order id before. */
export interface Rebirth {
  readonly restored: Restored;
  readonly id: OrderId;
}

/** What a mortal run needs of the one around it. */
export interface Surroundings {
  readonly venue: FaultyVenue;
  readonly deaths: readonly Death[];
  readonly coverage: Coverage;
  /** What the strategy observes. */
  readonly observes: ReadonlySet<Observation["kind"]>;
  /** Rows between two snapshots, at most. */
  readonly rowsKept: number;
  /** The simulated moment. */
  now(): Micros;
  /** Begins anew; whoever watches is told. */
  begin(rebirth: Rebirth): { readonly engine: Engine; readonly handler: Handler };
  before(event: Event): void;
  after(event: Event, commands: readonly Command[]): void;
}

/** Without an event that suits its kind a process dies all the same. */
const PATIENCE = 20 * SECOND;

/** Deaths in a span, by the dice. */
export function drawDeaths(random: Random, from: Micros, until: Micros): Death[] {
  const deaths: Death[] = [];
  const count = random.integer(0, 3);
  for (let i = 0; i < count; i++) {
    const kind = deathKinds[random.integer(0, deathKinds.length - 1)];
    assert.ok(kind !== undefined, "a kind of death");
    const at = micros(random.integer(from, until));
    deaths.push({ kind, at, downSec: random.chance(0.5) ? 0.6 : random.exponential(4) });
  }
  return deaths.sort((a, b) => a.at - b.at);
}

/** One run through all its processes. */
export class Mortal implements Venue, Handler, Observer {
  readonly #around: Surroundings;
  readonly #deaths: Death[];
  #engine: Engine;
  #handler: Handler;
  #journal: Journal;
  /** Orders and funding that the journal names, over all processes. */
  readonly #ids = new Set<OrderId>();
  readonly #funded = new Map<string, number>();
  #lastId: OrderId = 0;
  /** To be told before what the venue says. */
  #owed: Event[] = [];
  #dying: Death | undefined;
  /** What the process that died knew, where its journal had it all. */
  #known: EngineState | undefined;

  constructor(around: Surroundings, first: { readonly engine: Engine; readonly handler: Handler }) {
    this.#around = around;
    this.#deaths = [...around.deaths];
    this.#engine = first.engine;
    this.#handler = first.handler;
    this.#journal = new Journal(first.engine, around.rowsKept);
  }

  next(): Event | undefined {
    if (this.#dying !== undefined) this.#beginAnew(this.#dying);
    return this.#owed.shift() ?? this.#around.venue.next();
  }

  handle(event: Event): readonly Command[] {
    this.#around.before(event);
    const commands = this.#handler.handle(event);
    for (const { id } of commands) this.#lastId = Math.max(this.#lastId, id);
    return commands;
  }

  seen(event: Event, commands: readonly Command[]): void {
    this.#dying = this.#deathNow(commands);
    if (this.#dying?.kind === "before the row") return;
    this.#journal.write(event, commands);
    if (event.kind === "funding") {
      const key = keyOf(event);
      this.#funded.set(key, (this.#funded.get(key) ?? 0) + 1);
    }
    for (const { kind, id } of commands) if (kind === "place") this.#ids.add(id);
    this.#around.after(event, commands);
    if (this.#dying !== undefined) this.#known = this.#engine.snapshot();
  }

  send(commands: readonly Command[]): void {
    const sent = this.#dying === undefined ? commands : commands.slice(
      0,
      {
        "before the row": 0,
        "before sending": 0,
        "after half": Math.floor(commands.length / 2),
        "after sending": commands.length,
      }[this.#dying.kind],
    );
    if (sent.length > 0) this.#around.venue.send(sent);
  }

  #deathNow(commands: readonly Command[]): Death | undefined {
    const [death] = this.#deaths;
    const now = this.#around.now();
    if (death === undefined || now < death.at) return undefined;
    const least = { "before the row": 0, "before sending": 1, "after half": 2, "after sending": 0 };
    if (commands.length < least[death.kind] && now < death.at + PATIENCE) return undefined;
    this.#deaths.shift();
    return death;
  }

  #beginAnew({ kind, downSec }: Death): void {
    const { venue, coverage } = this.#around;
    this.#dying = undefined;
    coverage.add("restart", kind);
    const waiting = [...this.#owed.filter(isAsked), ...this.#sleep(downSec)];
    const found = venue.restart();
    const rebirth = { restored: this.#journal.read(), id: this.#lastId };
    const { engine, handler } = this.#around.begin(rebirth);
    if (this.#known !== undefined) goesOn(engine.snapshot(), this.#known, this.#around.observes);
    this.#known = undefined;
    this.#engine = engine;
    this.#handler = handler;
    this.#journal = new Journal(engine, this.#around.rowsKept);
    const settled = settle(
      engine.facts.orders.live,
      (id) => this.#ids.has(id) ? "ours" : "strange",
      found,
    );
    this.#note(settled);
    for (const id of settled.missing) venue.prove(id);
    venue.send(settled.toCancel.map((id) => ({ kind: "cancel", id })));
    const { time } = found;
    this.#owed = [...settled.events, ...this.#unheardFunding(), ...waiting]
      .map((event) => ({ ...event, time }));
  }

  /** Nobody is there; what a person asks meanwhile is asked again afterwards. */
  #sleep(seconds: number): Event[] {
    const { venue, now } = this.#around;
    const until = now() + seconds * SECOND;
    const waiting: Event[] = [];
    while (now() < until) {
      const event = venue.next();
      if (event === undefined) break;
      if (isAsked(event)) waiting.push(event);
    }
    return waiting;
  }

  #note({ events, foreign, strange, missing, toCancel, lagging }: Settled): void {
    assert.deepEqual(foreign, [], "nobody else trades on the account");
    assert.deepEqual(strange, [], "every order found is one that the journal names");
    const { coverage } = this.#around;
    const { ledger } = this.#engine.facts;
    const seen = new Set(ledger.snapshot().seen);
    for (const event of events) {
      const isNew = event.kind !== "fill" || !seen.has(event.fillId);
      coverage.add("settled", isNew ? event.kind : "fill known before");
    }
    if (missing.length > 0) coverage.add("settled", "missing", missing.length);
    if (toCancel.length > 0) coverage.add("settled", "to cancel again", toCancel.length);
    if (lagging.length > 0) coverage.add("settled", "lagging", lagging.length);
  }

  /** Funding has no number: of equal payments as many are told as the journal lacks. */
  #unheardFunding(): Event[] {
    const left = new Map(this.#funded);
    return this.#around.venue.fundings.filter((funding) => {
      const key = keyOf(funding);
      const told = left.get(key) ?? 0;
      left.set(key, told - 1);
      return told <= 0;
    });
  }
}

/** What a disk would hold: the last state and what came after it. */
class Journal {
  readonly #engine: Engine;
  readonly #rowsKept: number;
  #state: EngineState;
  #turn: string;
  #rows: JournalRow[] = [];

  constructor(engine: Engine, rowsKept: number) {
    this.#engine = engine;
    this.#rowsKept = rowsKept;
    this.#state = engine.snapshot();
    this.#turn = engine.turn;
  }

  write(event: Event, commands: readonly Command[]): void {
    const { turn, facts: { time } } = this.#engine;
    if (!["depth", "timer"].includes(event.kind)) this.#rows.push({ event, time });
    if (commands.length > 0) this.#rows.push({ commands, time });
    if (turn === this.#turn && this.#rows.length < this.#rowsKept) return;
    this.#turn = turn;
    this.#state = this.#engine.snapshot();
    this.#rows = [];
  }

  read(): Restored {
    const since: JournalRow[] = JSON.parse(JSON.stringify(this.#rows));
    return { state: readState(JSON.parse(JSON.stringify(this.#state))), since };
  }
}

/** What a person asks of a run. */
function isAsked({ kind }: Event): boolean {
  return kind === "pause" || kind === "resume" || kind === "flatten" || kind === "stop";
}

/** The new process knows what the old one knew. */
function goesOn(
  now: EngineState,
  then: EngineState,
  observes: ReadonlySet<Observation["kind"]>,
): void {
  assert.deepEqual(JSON.parse(JSON.stringify(then)), then, "a state is plain data");
  const goingOn = ({ stage, finish, facts: { orders, ledger } }: EngineState) => {
    return { stage, finish, orders, ledger };
  };
  assert.deepEqual(goingOn(now), goingOn(then), "a new process goes on where the old one ended");
  const { holds, runBase, day } = now.breakers;
  const rules = (held: typeof holds) => held.map(({ rule, name }) => `${name} by ${rule}`);
  assert.deepEqual(rules(holds), rules(then.breakers.holds), "the same holds");
  const isWritten = (kind: Observation["kind"]) => !["book", "timer"].includes(kind);
  if ([...observes].every(isWritten)) assert.deepEqual(now.memory, then.memory, "the same memory");
  assert.deepEqual({ runBase, day }, { runBase: then.breakers.runBase, day: then.breakers.day });
}

function keyOf({ payment, rate }: { readonly payment: number; readonly rate: number }): string {
  return `${payment} ${rate}`;
}
