// Goes through a run once more: the journaled events in their order, and every command the engine
// answers with against the one that was written down. The first that differs is the finding; what
// follows from it is not one more.

import type { Command, Event, OrderId } from "../core/event.ts";
import type { Micros } from "../core/units.ts";
import { DataFault } from "../data/fault.ts";
import type { Handler, Observer } from "../run.ts";
import { JournalFault } from "./fault.ts";
import type { ReplayStep } from "./replay_source.ts";
import type { SettingChange } from "./replay_terms.ts";

/** Where a replay first differs from its journal. */
export interface Difference {
  readonly n: number;
  readonly event: Event;
  readonly recorded: readonly Command[];
  /** What this program answers, or why it does not. */
  readonly replayed: readonly Command[] | string;
  /** The reason of the plan then, as it was journaled. */
  readonly reason: string | undefined;
}

/** What came of a replay. */
export interface Replayed {
  /** Compared, the first that differs included. */
  readonly events: number;
  readonly commands: number;
  /** The time of the last event. */
  readonly until: Micros | undefined;
  readonly difference: Difference | undefined;
  /** Why it ended before the run did. */
  readonly lost: { readonly text: string; readonly hides: "commands" | "nothing" } | undefined;
}

/** What is replayed, and on what. */
export interface ReplayParts {
  readonly source: { steps(): AsyncIterable<ReplayStep>; readonly lost: string | undefined };
  readonly engine: Handler;
  readonly ids: ReplayIds;
  readonly changes: ReadonlyMap<number, readonly SettingChange[]>;
  /** Carries out a changed setting; a text says why that cannot be. */
  change(change: SettingChange): string | undefined;
  /** See each event with the commands that were journaled. */
  readonly observers: readonly Observer[];
  /** What a first difference does. go on: the rest of the events are played all the same. */
  readonly onDifference: "stop" | "go on";
}

/** No id of a run is as high: Backpack's client ids are uint32. */
const FIRST_STRANGE = 2 ** 32;

/** Gives an engine the order numbers it had. */
export class ReplayIds {
  #next: OrderId[] = [];
  #strange = FIRST_STRANGE;
  readonly #isTaken: (id: OrderId) => boolean;

  /** `isTaken` tells of an order the engine knows: a journal that was changed may name one twice. */
  constructor(isTaken: (id: OrderId) => boolean) {
    this.#isTaken = isTaken;
  }

  /** These commands are to come. */
  expect(commands: readonly Command[]): void {
    this.#next = commands.filter(({ kind }) => kind === "place").map(({ id }) => id);
  }

  /** The number of the next order; one that no run has where the journal knows of none. */
  next(): OrderId {
    const id = this.#next.shift();
    return id === undefined || this.#isTaken(id) ? this.#strange++ : id;
  }
}

/** Replays a run up to its end, its first difference or the place where its journal is torn. */
export async function replay(parts: ReplayParts): Promise<Replayed> {
  const player = new Player(parts);
  try {
    player.changeAfter(0);
    for await (const step of parts.source.steps()) {
      if (player.play(step) === "end") return player.result(undefined);
    }
  } catch (error) {
    if (!(error instanceof JournalFault) && !(error instanceof DataFault)) throw error;
    return player.result({ text: error.message, hides: "commands" });
  }
  const { lost } = parts.source;
  return player.result(lost === undefined ? undefined : { text: lost, hides: "nothing" });
}

class Player {
  readonly #parts: ReplayParts;
  #events = 0;
  #commands = 0;
  #until: Micros | undefined;
  #difference: Difference | undefined;
  /** A changed setting that cannot be carried out. */
  #stuck: string | undefined;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  result(lost: Replayed["lost"]): Replayed {
    return {
      events: this.#events,
      commands: this.#commands,
      until: this.#until,
      difference: this.#difference,
      lost: this.#stuck === undefined ? lost : { text: this.#stuck, hides: "commands" },
    };
  }

  play(step: ReplayStep): "on" | "end" {
    if (this.#stuck !== undefined) return "end";
    const { n, event, commands, reason } = step;
    const { ids, observers, onDifference } = this.#parts;
    this.#events++;
    this.#commands += commands.length;
    this.#until = event.time;
    ids.expect(commands);
    const replayed = this.#answer(event);
    const differs = typeof replayed === "string" || textOf(replayed) !== textOf(commands);
    if (differs) this.#difference ??= { n, event, recorded: commands, replayed, reason };
    if (typeof replayed === "string" || (differs && onDifference === "stop")) return "end";
    for (const observer of observers) observer.seen(event, commands);
    this.changeAfter(n);
    return "on";
  }

  /** Carries out what a person changed between this event and the next. */
  changeAfter(n: number): void {
    for (const change of this.#parts.changes.get(n) ?? []) {
      this.#stuck ??= this.#parts.change(change);
    }
  }

  /** An engine that throws has found a contradiction: with what it was given, or in itself. */
  #answer(event: Event): readonly Command[] | string {
    try {
      return this.#parts.engine.handle(event);
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
}

/** Commands as text, each field of each. Equal texts are equal commands. */
export function textOf(commands: readonly Command[]): string {
  return commands.map((command) => {
    if (command.kind === "cancel") return `cancel ${command.id}`;
    const { id, side, price, quantity, role, reduceOnly, tag } = command;
    const terms = [side, quantity, price, role, reduceOnly ? "reduce-only" : "", tag ?? ""];
    return `place ${id} ${terms.join(" ")}`;
  }).join("\n");
}
