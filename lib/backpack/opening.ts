// What a run is told before its first event: how the account stands, whose orders rest, and what
// happened to its own orders while nobody listened. Where the exchange does not answer there is no
// opening, since a run must not start on guesses.

import type { Event, OrderId } from "../core/event.ts";
import type { OwnOrder } from "../core/orders.ts";
import { type Found, type FoundOrder, settle, type Settled, type Whose } from "../core/settle.ts";
import type { Lots, Micros } from "../core/units.ts";
import type { Holdings } from "./account_news.ts";
import type { Wall } from "./chores.ts";
import { numberOf } from "./order_news.ts";
import type { Reply } from "./reply.ts";
import type { Seen } from "./looks.ts";
import type { OrderFacts } from "./wire_order.ts";

/** What is known of a run before it starts. */
export interface Known {
  /** Orders that were not proven gone. */
  readonly live: Iterable<OwnOrder>;
  /** Fills from then on are told, ones journaled before once more. Absent = a new run, told of none yet. */
  readonly fillsSince?: Micros;
  /** When the last funding was journaled, or the run began; payments after it are told. */
  readonly fundingSince?: Micros;
}

/** What the exchange says as a run starts. */
export interface Opening {
  /** On the exchange's clock. */
  readonly time: Micros;
  /** Undefined where only public data is heard. */
  readonly holdings: Holdings | undefined;
  /** What the account holds in this market, whoever's it is. */
  readonly position: Lots | undefined;
  /** Open orders that are not ours. */
  readonly foreign: readonly OrderFacts[];
  /** Open orders with our tag that we never placed, or not so. */
  readonly strange: readonly FoundOrder[];
  /**
   * What happened to our orders; to be fed to the engine before any other event. All fills of live
   * orders are among them, those that the run has booked before too: the ledger knows them.
   */
  readonly events: readonly Event[];
}

/** Why there is no opening. keys: the exchange does not take them; the rest is about getting there. */
export class OpeningFault extends Error {
  override readonly name = "OpeningFault";
  readonly kind: "keys" | "unreachable" | "refused";

  constructor(kind: OpeningFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Codes by which Backpack refuses a key or its signature. */
const keyCodes: readonly (string | undefined)[] = [
  "UNAUTHORIZED",
  "FORBIDDEN",
  "INVALID_SIGNATURE",
];

/** A question at the start is asked so often, and so far apart: one lost reply must not end a restart. */
const TRIES = 5;
const TRY_EVERY_MS = 1_000;

/** Asks until there is an answer. Throws `OpeningFault` naming what was asked for. */
export async function insist<T>(
  what: string,
  ask: () => Promise<Reply<T>>,
  { wall, signal }: { readonly wall: Wall; readonly signal: AbortSignal },
): Promise<T> {
  for (let left = TRIES - 1;; left--) {
    const reply = await ask();
    // A refusal is an answer: asking again would be refused again.
    const isAnswer = reply.kind === "ok" || reply.kind === "refused";
    if (isAnswer || left === 0 || signal.aborted) return orFault(reply, what);
    await wall.sleep(TRY_EVERY_MS, signal);
  }
}

/** The value of a reply. Throws `OpeningFault` naming what was asked for. */
function orFault<T>(reply: Reply<T>, what: string): T {
  switch (reply.kind) {
    case "ok":
      return reply.value;
    case "refused": {
      const { status, refusal: { code, message } } = reply;
      // A bad signature comes as INVALID_CLIENT_REQUEST, known by its text only.
      const isKeys = status === 401 || status === 403 || keyCodes.includes(code) ||
        /signature|api.?key/i.test(message);
      const said = `${code ?? `HTTP ${status}`} ${message}`;
      throw new OpeningFault(isKeys ? "keys" : "refused", `Cannot load ${what}: ${said}`);
    }
    case "limited":
      throw new OpeningFault("refused", `Cannot load ${what}: the request limit is reached`);
    case "unknown":
    case "failed":
      throw new OpeningFault("unreachable", `Cannot load ${what}: ${reply.reason}`);
  }
}

/** What a look says of the orders of a run, compared with what it holds. */
export function compare(
  live: Iterable<OwnOrder>,
  isOurs: (id: OrderId) => Whose,
  seen: Seen,
  time: Micros,
): Settled {
  const ended = new Map<OrderId, "filled" | "cancelled" | "expired">();
  for (const { clientId, status } of seen.past) {
    const isOver = status === "filled" || status === "cancelled" || status === "expired";
    if (clientId !== undefined && isOver) ended.set(clientId, status);
  }
  const fills: Found["fills"] = seen.fills.toSorted((a, b) => a.time - b.time)
    .map((fill) => ({ ...fill, id: fill.clientId, fillId: fill.fillId ?? numberOf(fill) }));
  return settle(live, isOurs, { time, open: foundOrders(seen.open), fills, ended });
}

/** Limit orders as the core knows them; an order without price or quantity is never ours. */
export function foundOrders(
  orders: readonly (OrderFacts & { readonly reduceOnly: boolean })[],
): readonly FoundOrder[] {
  return orders.flatMap(({ clientId, orderId, side, price, quantity, executed, reduceOnly }) =>
    price === undefined || quantity === undefined
      ? []
      : [{ id: clientId, orderId, side, price, quantity, filled: executed, reduceOnly }]
  );
}
