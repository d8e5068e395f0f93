// Keeps the stop of one run at the exchange as `guard.ts` decides: places, cancels, and looks. A stop
// is written down before it leaves, and is never sent again while nobody knows what became of it. No
// clock of its own: whoever sees the run's events calls `watch`, and everything follows from there.

import type { OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Whose } from "../core/settle.ts";
import type { Micros } from "../core/units.ts";
import type { Wall } from "./chores.ts";
import { type Best, decide, follow, type GuardLimits, type Held } from "./guard.ts";
import {
  type GuardStop,
  GuardStops,
  type NotedStop,
  soughtOf,
  type StopEnd,
} from "./guard_stops.ts";
import { look } from "./looks.ts";
import type { Notice } from "./notice.ts";
import type { Reply } from "./reply.ts";
import type { Rest } from "./rest.ts";
import type { WireOrder } from "./wire_order.ts";
import type { Trigger } from "./wire_trigger.ts";

/** The requests that are made. */
export type GuardRest = Pick<
  Rest,
  "placeTrigger" | "cancel" | "openOrders" | "orderHistory" | "fills"
>;

/** What the desk is made of. */
export interface GuardDeskOptions {
  readonly market: () => Market;
  readonly rest: GuardRest;
  readonly wall: Wall;
  /** The exchange's clock, never set back. */
  readonly now: () => Micros;
  readonly signal: AbortSignal;
  /** An id no order of the run has. Throws where none can be had. */
  nextId(): OrderId;
  isOurs(id: OrderId): Whose;
  /** Writes a stop down; it leaves once this returns. Throws where it cannot. */
  onPlace(stop: NotedStop): void;
  onNotice(notice: Notice): void;
  /** A bug. */
  fail(error: unknown): void;
}

/** Between two changes; the first stop of a position does not wait. */
const CHANGE_MS = 1_000;
/** After a refusal, and after a stop that ended by itself, while its fills are on their way. */
const AGAIN_MS = 2_000;
/** A cancel that has not been confirmed is sent again after this. */
const RETRY_CANCEL_MS = 2_000;
/** Between two looks while all is well, and while something must be found out. */
const LOOK_EVERY_MS = 10_000;
const LOOK_SOON_MS = 1_000;
/** At the end: looks until none is left, and how long apart. */
const END_TRIES = 40;
const END_EVERY_MS = 500;

/** The stop of one run. */
export class GuardDesk {
  readonly #options: GuardDeskOptions;
  readonly #stops: GuardStops;
  #best: Best | undefined;
  /** In local ms: the next change, the next placing, the last look. */
  #changeAt = -Infinity;
  #placeAt = -Infinity;
  #lookedAt = -Infinity;
  #isLooking = false;
  #said: string | undefined;

  constructor(options: GuardDeskOptions) {
    this.#options = options;
    this.#stops = new GuardStops({
      isOurs: (id) => options.isOurs(id),
      onEvent: (stop, what) => this.#ended(stop, what),
    });
  }

  /** The stop that guards the position now. */
  get resting(): Trigger | undefined {
    return this.#stops.list.findLast(({ state }) => state === "resting");
  }

  /** When the oldest stop was sent that may be there; undefined where there is none. */
  get oldestAt(): Micros | undefined {
    return this.#stops.oldestAt;
  }

  /** Whether this is the id of a stop that may be there. */
  has(id: OrderId): boolean {
    return this.#stops.find(id) !== undefined;
  }

  /** Takes over a stop of an earlier process: found waiting, or sent so late that it may yet arrive. */
  adopt(stop: NotedStop, found: "resting" | "unknown"): void {
    this.#stops.add(stop, found);
    this.#best = { side: stop.side, price: stop.best };
  }

  /** A fill of that order has been told: if it is a stop, it has gone off. */
  filled(id: OrderId): void {
    const stop = this.#stops.find(id);
    if (stop !== undefined) this.#stops.fire(stop);
  }

  /** Does what is to be done for a position. Throws what `nextId` and `onPlace` throw. */
  watch(held: Held, limits: GuardLimits): void {
    if (held.position === 0 && this.#stops.count === 0) {
      this.#best = undefined;
      return;
    }
    const { wall: { localMs }, now, market } = this.#options;
    const [at, time] = [localMs(), now()];
    this.#best = follow(this.#best, held);
    this.#stops.marked(held.mark, time);
    const stops = this.#stops.list;
    for (const stop of stops) {
      if (stop.state === "leaving" && at >= stop.cancelAt) this.#cancel(stop);
    }
    const { minQuantity } = market();
    const step = decide({ ...held, best: this.#best, limits, minQuantity, stops, time });
    const mayChange = at >= this.#changeAt || step.kind === "place" && stops.length === 0;
    if (step.kind === "remove" && mayChange) step.ids.forEach((id) => this.#remove(id, at));
    if (step.kind === "place" && mayChange && at >= this.#placeAt) this.#place(step.stop, at);
    this.#lookIfDue(at);
  }

  /**
   * The end of the run: cancels every stop, or all but the one that guards the position, until the
   * exchange lists no other. Gives how many others it still lists; undefined: no answer.
   */
  async end(then: "keep" | "remove"): Promise<number | undefined> {
    if (this.#stops.count === 0) return 0;
    const { market, rest, wall, now, signal } = this.#options;
    let left: number | undefined;
    for (let i = 0; i < END_TRIES && !signal.aborted; i++) {
      if (i > 0) await wall.sleep(END_EVERY_MS, signal);
      const open = await rest.openOrders(market(), signal);
      if (open.kind !== "ok") continue;
      const strays = this.#stops.listed(open.value);
      const kept = then === "keep" ? this.resting?.id : undefined;
      const own = open.value.flatMap(({ clientId: id }) =>
        id !== undefined && id !== kept && (this.has(id) || strays.includes(id)) ? [id] : []
      );
      left = own.length;
      if (left === 0 && now() >= this.#stops.arrivedBy) {
        for (const stop of this.#stops.list) if (stop.id !== kept) this.#stops.remove(stop);
        return 0;
      }
      // A cancel told twice is one cancel, and each answer is only the next look's business.
      await Promise.all(own.map((id) => rest.cancel(market(), { id }, signal)));
    }
    return left;
  }

  #place(wanted: Omit<Trigger, "id">, at: number): void {
    const { rest, market, now, nextId, onPlace, signal, fail } = this.#options;
    const { price: best = wanted.price } = this.#best ?? {};
    const noted: NotedStop = { id: nextId(), ...wanted, best, since: now() };
    onPlace(noted);
    const stop = this.#stops.add(noted, "sent");
    this.#changeAt = at + CHANGE_MS;
    rest.placeTrigger(market(), noted, signal)
      .then((reply) => this.#placed(stop, reply)).catch(fail);
  }

  #placed(stop: GuardStop, reply: Reply<WireOrder>): void {
    switch (reply.kind) {
      case "ok":
        stop.orderId = reply.value.orderId;
        // It may have gone off since, and a fill have said so first.
        if (stop.state === "sent") stop.state = "resting";
        this.#said = undefined;
        return this.#stops.stands(stop, reply.value.status);
      case "unknown":
        if (stop.state !== "sent") return;
        stop.state = "unknown";
        stop.doubtAt = this.#options.now();
        return this.#say("warn", `Nobody knows whether the guard's stop rests: ${reply.reason}`);
      case "refused":
        return this.#unplaced(stop, reply.refusal.message);
      case "limited":
        return this.#unplaced(stop, "the request limit is reached");
      case "failed":
        return this.#unplaced(stop, reply.reason);
    }
  }

  #unplaced(stop: GuardStop, reason: string): void {
    this.#stops.remove(stop);
    this.#placeAt = this.#options.wall.localMs() + AGAIN_MS;
    this.#say("error", `Cannot place the guard's stop, trying again: ${reason}`);
  }

  #remove(id: OrderId, at: number): void {
    const stop = this.#stops.find(id);
    if (stop === undefined) return;
    this.#changeAt = at + CHANGE_MS;
    stop.state = "leaving";
    this.#cancel(stop);
  }

  /** What the reply does not confirm, the next look finds out. */
  #cancel(stop: GuardStop): void {
    const { rest, market, wall, signal, fail } = this.#options;
    stop.cancelAt = wall.localMs() + RETRY_CANCEL_MS;
    rest.cancel(market(), { id: stop.id }, signal).then((reply) => {
      if (reply.kind !== "ok" || reply.value === "accepted") return;
      this.#stops.stands(stop, reply.value.status);
    }).catch(fail);
  }

  #ended({ id }: GuardStop, what: "fired" | StopEnd): void {
    this.#placeAt = this.#options.wall.localMs() + AGAIN_MS;
    switch (what) {
      case "filled":
        return;
      case "fired":
        return this.#say("warn", `The guard's stop ${id} has gone off`);
      case "gone":
        return this.#say("warn", `The guard's stop ${id} never arrived, or left no trace`);
      case "cancelled":
      case "expired":
      case "triggerFailed":
        return this.#say("warn", `The guard's stop ${id} has ended at the exchange: ${what}`);
    }
  }

  #lookIfDue(at: number): void {
    const everyMs = this.#stops.isUnsettled ? LOOK_SOON_MS : LOOK_EVERY_MS;
    if (this.#stops.count === 0 || this.#isLooking || at - this.#lookedAt < everyMs) return;
    this.#lookedAt = at;
    this.#isLooking = true;
    this.#look().catch(this.#options.fail).finally(() => this.#isLooking = false);
  }

  async #look(): Promise<void> {
    const { rest, market, now, signal } = this.#options;
    const askedAt = now();
    const open = await rest.openOrders(market(), signal);
    if (open.kind !== "ok") return;
    for (const id of this.#stops.listed(open.value)) await rest.cancel(market(), { id }, signal);
    const missing = this.#stops.missing(open.value, askedAt);
    if (missing.length === 0) return;
    const seen = await look({ market: market(), rest, now, ...soughtOf(missing), signal });
    if (seen.kind === "ok") this.#stops.sought(missing, seen.value);
  }

  #say(level: Notice["level"], text: string): void {
    if (text !== this.#said) this.#options.onNotice({ level, text });
    this.#said = text;
  }
}
