// The private side of a live venue: our orders as the stream, the replies and the looks tell of them,
// the commands that leave, and the position they add up to. Whatever the stream loses a look finds, and
// whatever nobody can explain pauses the run.

import type { Command, Event, OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { FoundOrder, Whose } from "../core/settle.ts";
import { type Lots, type Micros, micros, MILLISECOND, NEVER, SECOND } from "../core/units.ts";
import { Absence, arrivedBy } from "./absence.ts";
import type { Wall } from "./chores.ts";
import { look, lookOf, type Seen } from "./looks.ts";
import { namedOrders } from "./named_orders.ts";
import type { Notice } from "./notice.ts";
import { compare, foundOrders, insist, type Known, type Opening } from "./opening.ts";
import { type OrderNews, OwnOrders } from "./own_orders.ts";
import { PositionWatch } from "./position_watch.ts";
import type { Reply } from "./reply.ts";
import type { Rest } from "./rest.ts";
import { Sender } from "./sender.ts";
import type { OwnOrderUpdate, WireOrder } from "./wire_order.ts";

/** The requests that are made. */
export type OrderRest = Pick<
  Rest,
  | "openOrders"
  | "orderHistory"
  | "fills"
  | "place"
  | "cancel"
  | "prepareCancel"
  | "sendPrepared"
>;

/** What the desk is made of. */
export interface OrderDeskOptions {
  readonly market: () => Market;
  readonly rest: OrderRest;
  readonly wall: Wall;
  /** The exchange's clock in ms. */
  readonly nowMs: () => number;
  /** The same as a time of receipt, which never goes back. */
  readonly now: () => Micros;
  readonly redeemsLent: () => boolean;
  isOurs(id: OrderId): Whose;
  tell(event: Event): void;
  onNotice(notice: Notice): void;
  /** The stream is up and has kept a fill from us. */
  onLost(reason: string): void;
  /** A bug. */
  fail(error: unknown): void;
}

/** Between two looks while all is well. */
const LOOK_EVERY_MS = 10_000;
/** And while something must be found out, or there is no stream. */
const LOOK_SOON_MS = 1_000;
/** Fills are read again from this long before the last look: the history may lag. */
const OVERLAP = 30 * SECOND;
/** A fill that old which nobody told was lost on its way. */
const LOST_AFTER = 2 * SECOND;
/** How often the exchange is asked for the proof that nothing is left, and how long apart. */
const PROOF_TRIES = 30;
const PROOF_EVERY_MS = 1_000;
/** How often an order that rests though its end was told is cancelled before the answer is given. */
const GHOST_TRIES = 5;

/** The orders of one run. */
export class OrderDesk {
  readonly own: OwnOrders;
  readonly #options: OrderDeskOptions;
  readonly #absence = new Absence();
  readonly #sender: Sender;
  #position: PositionWatch | undefined;
  /** When the last look that was answered began. */
  #lookedAt = NEVER;
  /** All that happened before the stream began has been looked for. */
  #isCompared = false;
  /** How often the stream began. */
  #resumes = 0;
  /** The position says that something is to be found. */
  #isDoubted = false;
  /** The last look was not answered, and that has been said. */
  #isBlind = false;
  /** What was last said to be left. */
  #saidLeft = "";

  constructor(options: OrderDeskOptions) {
    const { isOurs, onNotice, tell, now } = options;
    this.#options = options;
    this.own = new OwnOrders({
      isOurs,
      onStrange: ({ orderId, clientId }) => {
        const text = `Order ${orderId} carries our tag as ${clientId} and is not in the journal: ` +
          "another bot may use this tag. The run is paused";
        onNotice({ level: "error", text });
        tell({ kind: "pause", time: now() });
      },
      onGhost: (id) => {
        onNotice({ level: "error", text: `Order ${id} rests though it had ended: cancelling it` });
        this.#sender.cancel(id);
      },
    });
    this.#sender = new Sender({
      ...options,
      localMs: options.wall.localMs,
      own: this.own,
      tell: (news) => this.#tell(news),
    });
  }

  /** True once everything since the stream began, or began again, has been compared. */
  get isCompared(): boolean {
    return this.#isCompared;
  }

  /** Takes over the orders of a run and finds out what became of them. Throws `OpeningFault`. */
  async open(
    { live, fillsSince }: Known,
    signal: AbortSignal,
  ): Promise<Pick<Opening, "foreign" | "strange">> {
    const { now, isOurs, onNotice, market, rest, wall } = this.#options;
    const orders = [...live];
    const { own } = this;
    // Later looks overlap what is seen here: what is older than the run must be known by then.
    const since = micros(Math.min(fillsSince ?? now(), own.oldestAt ?? now()) - OVERLAP);
    const sought = orders.map((order) => ({ since: order.since, orderId: undefined }));
    const ask = () => look({ market: market(), rest, now, since, sought, signal });
    const seen = await insist("the account's orders", ask, { wall, signal });
    if (!seen.isComplete) {
      const text =
        "The order history is longer than what was read of it: old orders may stay unknown";
      onNotice({ level: "warn", text });
    }
    // All fills of a live order are told: its end would wait for one that is kept back.
    const isOfLive = (id: OrderId | undefined) => id !== undefined && own.isLive(id);
    own.remember(
      seen.fills.filter(({ time, clientId }) =>
        time < (fillsSince ?? NEVER) && !isOfLive(clientId)
      ),
    );
    const { missing, toCancel, strange } = compare(orders, isOurs, seen, now());
    this.#take(seen);
    this.#tell(own.doubt(missing.filter((id) => own.isLive(id)), now()));
    for (const id of toCancel) if (own.isLive(id)) this.#sender.cancel(id);
    this.#lookedAt = seen.askedAt;
    return { foreign: own.foreign, strange };
  }

  /** What the account holds, from which fills are added up. */
  expect(position: Lots): void {
    this.#position = new PositionWatch(position);
  }

  /** Takes a message of the stream. */
  hear(update: OwnOrderUpdate): void {
    this.#tell(this.own.update(update, this.#options.now()));
  }

  send(commands: readonly Command[]): void {
    this.#sender.send(commands);
  }

  /** Sends cancels that were kept, and signs others ahead. */
  beat(): void {
    this.#sender.beat();
  }

  /** The stream began anew: what was said in between is to be found. */
  resumed(): void {
    this.#isCompared = false;
    this.#resumes++;
  }

  /** Ms from one look to the next as things stand. */
  lookEveryMs(stream: "up" | "down"): number {
    const { now } = this.#options;
    this.#absence.watch(this.own.doubts);
    const { lookAt } = this.#absence;
    const { lackingSince } = this.own;
    const isUrgent = stream === "down" || !this.#isCompared || this.#isDoubted ||
      (lookAt !== undefined && lookAt <= now()) ||
      (lackingSince !== undefined && lackingSince + SECOND <= now());
    return isUrgent ? LOOK_SOON_MS : LOOK_EVERY_MS;
  }

  /** Looks, and tells what nobody had told. */
  async look(stream: "up" | "down", signal: AbortSignal): Promise<void> {
    const { market, rest, now, onNotice, onLost } = this.#options;
    const wasCompared = this.#isCompared;
    const resumes = this.#resumes;
    const since = micros(this.#lookedAt - OVERLAP);
    const { unsettled: sought } = this.own;
    const reply = await look({ market: market(), rest, now, since, sought, signal });
    if (signal.aborted) return;
    if (reply.kind !== "ok") {
      const text = `Cannot look at our orders: ${reasonOf(reply)}`;
      if (!this.#isBlind) onNotice({ level: "warn", text });
      this.#isBlind = true;
      return;
    }
    this.#isBlind = false;
    const lost = this.#take(reply.value);
    this.#absence.watch(this.own.doubts);
    for (const id of this.#absence.looked(lookOf(reply.value))) {
      onNotice({ level: "warn", text: `Order ${id} never reached the exchange, or left no trace` });
      this.#tell(this.own.gone(id, now()));
    }
    this.#lookedAt = reply.value.askedAt;
    // A stream that began anew in between has its gap still before it.
    if (stream === "up" && resumes === this.#resumes) this.#isCompared = true;
    if (stream === "up" && wasCompared && lost > 0) onLost(`${lost} fills were not told`);
  }

  /** Holds the position that the exchange names against our fills. */
  checkPosition(actual: Lots): void {
    const found = this.#position?.check(actual);
    const { onNotice, tell, now, market } = this.#options;
    this.#isDoubted = found?.kind === "doubted";
    if (found?.kind !== "wrong") return;
    const text = `The position in ${market().symbol} is ${actual} lots and the fills add up to ` +
      `${found.expected}: nobody said why. The run is paused`;
    onNotice({ level: "error", text });
    tell({ kind: "pause", time: now() });
  }

  /**
   * Our open orders by the exchange's own word, once nothing that was sent can still arrive; undefined
   * where it could not be asked. What rests though its end was told is cancelled, and asked about again.
   */
  async prove(signal: AbortSignal): Promise<readonly FoundOrder[] | undefined> {
    const { market, rest, wall, now } = this.#options;
    const { unansweredSince } = this.own;
    if (unansweredSince !== undefined) {
      const waitMs = Math.ceil((arrivedBy(unansweredSince) - now()) / MILLISECOND);
      if (waitMs > 0) await wall.sleep(waitMs, signal);
    }
    let left: readonly WireOrder[] | undefined;
    for (let i = 0, ghosted = 0; i < PROOF_TRIES && !signal.aborted; i++) {
      if (i > 0) await wall.sleep(PROOF_EVERY_MS, signal);
      const reply = await rest.openOrders(market(), signal);
      if (reply.kind !== "ok") continue;
      left = reply.value.filter((order) => this.#isOwn(order));
      const ghosts = left.flatMap(({ clientId: id }) =>
        id === undefined || this.own.isLive(id) ? [] : [id]
      );
      if (ghosts.length === 0 || ++ghosted > GHOST_TRIES) break;
      for (const id of ghosts) this.#sender.cancel(id);
    }
    if (left !== undefined && left.length > 0) this.#sayLeft(left);
    return left && foundOrders(left);
  }

  /** A stop order that waits for its trigger is the guard's. */
  #isOwn({ clientId: id, status }: WireOrder): boolean {
    if (id === undefined || status === "waiting") return false;
    // Known here without the journal, which may be what has failed.
    return this.own.isLive(id) || this.#options.isOurs(id) === "ours";
  }

  #sayLeft(left: readonly WireOrder[]): void {
    const { market, onNotice } = this.#options;
    const text = `Own orders rest at the exchange: ${namedOrders(market(), left)}`;
    if (text !== this.#saidLeft) onNotice({ level: "warn", text });
    this.#saidLeft = text;
  }

  /** Tells what a look found, and gives the number of fills that a stream would have told by then. */
  #take({ askedAt, open, past, fills }: Seen): number {
    const { now } = this.#options;
    const isOld = (time: Micros) => time < askedAt - LOST_AFTER;
    const late = this.own.fills(fills.filter(({ time }) => isOld(time)), now());
    this.#tell(late);
    this.#tell(this.own.fills(fills.filter(({ time }) => !isOld(time)), now()));
    this.#tell(this.own.opened(open, askedAt, now()));
    this.#tell(this.own.past(past, now()));
    return late.filter(({ kind }) => kind === "fill" || kind === "foreignFill").length;
  }

  #tell(news: readonly OrderNews[]): void {
    for (const event of news) {
      if (event.kind === "fill" || event.kind === "foreignFill") {
        this.#position?.fill(event.side, event.quantity);
      }
      this.#options.tell(event);
    }
  }
}

function reasonOf(reply: Exclude<Reply<unknown>, { kind: "ok" }>): string {
  switch (reply.kind) {
    case "refused":
      return reply.refusal.message;
    case "limited":
      return "the request limit is reached";
    case "unknown":
    case "failed":
      return reply.reason;
  }
}
