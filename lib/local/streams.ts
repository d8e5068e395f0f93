// Who hears what: everything the exchange publishes is printed once and told to the sockets that
// asked for it. There are no snapshots but that of positions, and no acknowledgement; a client that
// hears nothing has to notice by itself (PROTOCOL 8).

import { assert, unreachable } from "../core/assert.ts";
import { type Micros, micros, SECOND } from "../core/units.ts";
import type { AccountId } from "../exchange/report.ts";
import type { Clock, Faults } from "./faults.ts";
import type { PositionFacts, Published } from "./published.ts";
import { Session, type Wire } from "./socket.ts";
import { depthWindowsMs, judgeName } from "./stream_names.ts";
import {
  type OpenInterest,
  printBar,
  printDepth,
  printLiquidation,
  printMark,
  printOpenInterest,
  printTicker,
  printTouch,
  printTrade,
} from "./stream_print.ts";
import {
  type PositionSpelling,
  printBalance,
  printOrder,
  printPosition,
} from "./stream_print_account.ts";
import { DepthWindow } from "./stream_windows.ts";

/** What streams are made of. */
export interface StreamSource {
  /** Tells everything that happens from now on. */
  listen(listener: (event: Published) => void): () => void;
  isMarket(symbol: string): boolean;
  /** Exchange time. */
  now(): Micros;
  /** Whose signature of a subscription this is: key, signature, timestamp, window. */
  accountOf(signature: readonly string[]): AccountId | undefined;
  /** Open positions. */
  positions(account: AccountId): readonly PositionFacts[];
  /** Of every perp market. */
  openInterest(): readonly OpenInterest[];
}

/** Where sources disagree on the JSON type of a member, which one is sent. */
export interface Spelling {
  /** `u` of bookTicker. */
  readonly updateIds: "number" | "string";
  readonly positions: PositionSpelling;
}

/** What was recorded on the wire, where that differs from the documents. */
export const recordedSpelling: Spelling = { updateIds: "number", positions: "strings" };

/** A listening process has this many sockets at most; the next one is refused. */
const MOST_SOCKETS = 500;

const OPEN_INTEREST_EVERY = 60 * SECOND;
/** Deno pings after half of this much silence, which is Backpack's minute, and then waits as long. */
const IDLE_TIMEOUT_SEC = 120;

/** All sockets of an exchange. */
export class Streams {
  readonly #source: StreamSource;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #spelling: Spelling;
  readonly #sessions = new Set<Session>();
  /** Sockets that are still there, each until it is closed. */
  readonly #sockets = new Set<Promise<void>>();
  readonly #watchers = new Map<string, Set<Session>>();
  readonly #windows = new Map<string, DepthWindow>();
  readonly #deafen: () => void;
  #openInterestAt: Micros;

  constructor(
    { source, faults, clock, spelling = recordedSpelling }: {
      readonly source: StreamSource;
      readonly faults: Faults;
      readonly clock: Clock;
      readonly spelling?: Spelling;
    },
  ) {
    this.#source = source;
    this.#faults = faults;
    this.#clock = clock;
    this.#spelling = spelling;
    this.#openInterestAt = micros(source.now() + OPEN_INTEREST_EVERY);
    this.#deafen = source.listen((event) => this.#publish(event));
  }

  /** Takes a WebSocket handshake: a bad one is refused with 400, one beyond the bound with 503. */
  upgrade(request: Request): Response {
    if (this.#sessions.size >= MOST_SOCKETS) {
      return new Response("too many sockets", { status: 503 });
    }
    const upgraded = handshake(request);
    if (upgraded === undefined) return new Response("bad handshake", { status: 400 });
    const { socket, response } = upgraded;
    const session = this.connect(socket);
    const closed = Promise.withResolvers<void>();
    this.#sockets.add(closed.promise);
    const disconnect = () => {
      session.end();
      this.#sessions.delete(session);
      this.#sockets.delete(closed.promise);
      closed.resolve();
    };
    socket.onmessage = ({ data }) => session.hear(typeof data === "string" ? data : "");
    socket.onclose = disconnect;
    // A connection that breaks is a close like any other.
    socket.onerror = (event) => {
      event.preventDefault();
      disconnect();
    };
    return response;
  }

  /** Begins a session on a socket. */
  connect(wire: Wire): Session {
    const session = new Session(wire, {
      faults: this.#faults,
      clock: this.#clock,
      judge: (name) => judgeName(name, (symbol) => this.#source.isMarket(symbol)),
      accountOf: (signature) => this.#source.accountOf(signature),
      joined: (one, name) => this.#joined(one, name),
      left: (one, name) => this.#left(one, name),
    });
    this.#sessions.add(session);
    return session;
  }

  /** Tells what is due by exchange time alone. */
  beat(): void {
    const now = this.#source.now();
    for (const [name, window] of this.#windows) {
      const gathered = window.take(now);
      if (gathered !== undefined) this.#tell(name, printDepth(gathered, now));
    }
    if (now < this.#openInterestAt) return;
    this.#openInterestAt = micros(now + OPEN_INTEREST_EVERY);
    for (const open of this.#source.openInterest()) {
      this.#tell(`openInterest.${open.market.symbol}`, printOpenInterest(open, now));
    }
  }

  /** A second of wall time has passed: sockets may fail. */
  second(): void {
    for (const session of this.#sessions) session.second();
  }

  /** Ends every socket as a server does that goes down; settled once all are closed. */
  async close(): Promise<void> {
    this.#deafen();
    for (const session of this.#sessions) session.close(1001, "");
    this.#sessions.clear();
    await Promise.all(this.#sockets);
  }

  #joined(session: Session, name: string): void {
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers.add(session));
    if (name.startsWith("account.positionUpdate")) this.#tellPositions(session, name);
    const window = depthWindowsMs.find((ms) => name.startsWith(`depth.${ms}ms.`));
    if (window !== undefined && !this.#windows.has(name)) {
      this.#windows.set(name, new DepthWindow(window));
    }
  }

  #left(session: Session, name: string): void {
    const watchers = this.#watchers.get(name);
    watchers?.delete(session);
    if (watchers?.size !== 0) return;
    this.#watchers.delete(name);
    this.#windows.delete(name);
  }

  #tellPositions(session: Session, name: string): void {
    const account = session.accountIn(name);
    assert(account !== undefined, `${name} without an account`);
    const time = this.#source.now();
    for (const position of this.#source.positions(account)) {
      const isMeant = name === "account.positionUpdate" ||
        name === `account.positionUpdate.${position.market.symbol}`;
      if (!isMeant) continue;
      const told = { position, change: "snapshot", time } as const;
      session.tell(name, frame(name, printPosition(told, time, this.#spelling.positions)));
    }
  }

  #publish(event: Published): void {
    const now = this.#source.now();
    switch (event.kind) {
      case "touch":
        return this.#tell(
          `bookTicker.${event.market.symbol}`,
          printTouch(event, now, this.#spelling.updateIds),
        );
      case "depth":
        this.#gather(event, now);
        return this.#tell(`depth.${event.market.symbol}`, printDepth(event, now));
      case "trade":
        return this.#tell(`trade.${event.market.symbol}`, printTrade(event, now));
      case "mark":
        return this.#tell(`markPrice.${event.market.symbol}`, printMark(event, now));
      case "bar":
        return this.#tell(`kline.${event.interval}.${event.market.symbol}`, printBar(event, now));
      case "ticker":
        return this.#tell(`ticker.${event.market.symbol}`, printTicker(event, now));
      case "liquidation": {
        const data = printLiquidation(event, now);
        this.#tell("liquidation", data);
        return this.#tell(`liquidation.${event.market.symbol}`, data);
      }
      case "order": {
        const data = printOrder(event, now);
        this.#tell("account.orderUpdate", data, event.account);
        const { symbol } = event.order.market;
        return this.#tell(`account.orderUpdate.${symbol}`, data, event.account);
      }
      case "position": {
        const data = printPosition(event, now, this.#spelling.positions);
        this.#tell("account.positionUpdate", data, event.account);
        const { symbol } = event.position.market;
        return this.#tell(`account.positionUpdate.${symbol}`, data, event.account);
      }
      case "balance":
        return this.#tell("account.balanceUpdate", printBalance(event, now), event.account);
      default:
        return unreachable(event);
    }
  }

  #gather(event: Extract<Published, { kind: "depth" }>, now: Micros): void {
    for (const ms of depthWindowsMs) {
      const name = `depth.${ms}ms.${event.market.symbol}`;
      const gathered = this.#windows.get(name)?.add(event);
      if (gathered !== undefined) this.#tell(name, printDepth(gathered, now));
    }
  }

  /** Public streams are everybody's, private ones of one account. */
  #tell(name: string, data: object, account?: AccountId): void {
    const watchers = this.#watchers.get(name);
    if (watchers === undefined) return;
    const text = frame(name, data);
    for (const session of watchers) {
      if (session.accountIn(name) === account) session.tell(name, text);
    }
  }
}

function frame(name: string, data: object): string {
  return JSON.stringify({ data, stream: name });
}

function handshake(request: Request): Deno.WebSocketUpgrade | undefined {
  try {
    return Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_SEC });
  } catch (error) {
    // What Deno throws for headers that are missing or wrong.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
