// A local exchange to talk to: SOL spot and perp with a book that stands still, a clock that moves
// when it is told to, and traders who sign. The server listens on loopback; nothing waits for time.

import { keyPair, type Params, Signer } from "../../lib/backpack/sign.ts";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { defineMarket, type Market, type MarketRules } from "../../lib/core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../../lib/core/units.ts";
import { knownMarkets } from "../../lib/data/markets.ts";
import type { Account } from "../../lib/local/account.ts";
import type { Published } from "../../lib/local/published.ts";
import { makeServer, type ServerOptions } from "../../lib/local/server.ts";
import { World } from "../../lib/local/world.ts";
import type { WorldOptions } from "../../lib/local/world_options.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";

export const SPOT = "SOL_USDC";
export const PERP = "SOL_USDC_PERP";
/** Sunday 2026-09-06, 12:00:00 UTC. */
export const NOON = micros(1_788_696_000 * SECOND);
/** Whole coins in 1e-8. */
export const COIN = 100_000_000;

/** A row of a tape: kind, µs after `NOON`, and its columns. */
export type TapeRow = readonly [keyof typeof ROW, number, number, number, number?, number?];

/** A tape of rows. */
export function aTape(rows: readonly TapeRow[]): Tape {
  const tape = emptyTape(rows.length);
  rows.forEach(([kind, at, price, quantity, askPrice = 0, askQuantity = 0], i) => {
    tape.kind[i] = ROW[kind];
    tape.time[i] = NOON + at;
    tape.price[i] = price;
    tape.quantity[i] = quantity;
    tape.askPrice[i] = askPrice;
    tape.askQuantity[i] = askQuantity;
  });
  return tape;
}

/** 10 SOL at 99.95 and 100.00, 20 a tick behind, 30 two ticks behind; one trade of 0.01 at 100. */
export const standing: readonly TapeRow[] = [
  ["reset", 0, 0, 0],
  ["bbo", 0, 9_995, 1_000, 10_000, 1_000],
  ["bidLevel", 0, 9_994, 2_000],
  ["bidLevel", 0, 9_993, 3_000],
  ["askLevel", 0, 0, 0, 10_001, 2_000],
  ["askLevel", 0, 0, 0, 10_002, 3_000],
  ["tradeBid", 1, 10_000, 1],
  ["bbo", 1, 9_995, 1_000, 10_000, 1_000],
];

/** A market known offline, with other rules where a test needs them. */
export function aMarket(symbol: string, rules: Partial<MarketRules> = {}): Market {
  const known = knownMarkets.find((market) => market.symbol === symbol);
  if (known === undefined) throw new Error(`no market ${symbol}`);
  return defineMarket({ ...known, ...rules });
}

/** What a test may change. */
export interface SceneOptions extends ServerOptions {
  readonly rows?: readonly TapeRow[];
  readonly markets?: readonly Market[];
  readonly world?: Partial<WorldOptions>;
}

/** A world with a clock in the test's hand. */
export class Scene {
  readonly world: World;
  readonly published: Published[] = [];
  #now: Micros = NOON;

  constructor({ rows = standing, markets, world }: SceneOptions = {}) {
    const listed = markets ?? [aMarket(SPOT), aMarket(PERP)];
    this.world = new World({
      markets: listed,
      clock: () => this.#now,
      feeds: new Map(listed.map(({ symbol }) => [symbol, tapeFeed(aTape(rows))])),
      start: NOON,
      speedBumpMs: 0,
      ...world,
    });
    // The first marks come with the first whole second.
    this.pass(1_000);
    this.world.listen((event) => this.published.push(event));
  }

  get now(): Micros {
    return this.#now;
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#now = micros(this.#now + ms * MILLISECOND);
    this.world.advance();
  }

  /** An account of a new key with 10,000 USDC and 50 SOL, unless told otherwise. */
  trader(balances: { readonly [asset: string]: number } = {}): Trader {
    const pair = keyPair();
    const all = { USDC: 10_000 * COIN, SOL: 50 * COIN, ...balances };
    return new Trader(this, new Signer(pair.secret), this.world.open(pair.publicKey, all));
  }
}

/** A scene that listens on loopback. */
export class ServedScene extends Scene {
  readonly url: string;
  readonly #server: Deno.HttpServer;

  constructor(options: SceneOptions = {}) {
    super(options);
    const answer = makeServer(this.world, options);
    const listening = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(listening, answer);
    const { addr } = this.#server;
    if (addr.transport !== "tcp") throw new Error("not served over tcp");
    this.url = `http://127.0.0.1:${addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  /** GET without a signature. */
  async get(path: string): Promise<Reply> {
    return await replyOf(await fetch(`${this.url}${path}`));
  }

  /** A signed request; `instruction` and the stamp can be made wrong. */
  async send(trader: Trader, method: string, path: string, ask: Ask): Promise<Reply> {
    const { instruction, params = {}, aheadMs = 0, windowMs = 5_000, headers = {} } = ask;
    const timestampMs = Math.floor(this.now / MILLISECOND) + aheadMs;
    const signed = trader.signer.headers(instruction, params, { timestampMs, windowMs });
    const inQuery = method === "GET" && !Array.isArray(params);
    const entries = Object.entries(params).map(([name, value]) => [name, String(value)]);
    const query = inQuery && entries.length > 0 ? `?${new URLSearchParams(entries)}` : "";
    const response = await fetch(`${this.url}${path}${query}`, {
      method,
      headers: { ...signed, "Content-Type": "application/json", ...headers },
      ...(inQuery ? {} : { body: JSON.stringify(ask.body ?? params) }),
    });
    return await replyOf(response);
  }

  /** POST /order. */
  async place(trader: Trader, order: Params): Promise<Reply> {
    return await this.send(trader, "POST", "/api/v1/order", {
      instruction: "orderExecute",
      params: order,
    });
  }
}

/** What is asked. */
export interface Ask {
  readonly instruction: string;
  readonly params?: Params | readonly Params[];
  /** Sent instead of `params`. */
  readonly body?: unknown;
  readonly aheadMs?: number;
  readonly windowMs?: number;
  readonly headers?: { readonly [name: string]: string };
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body where it is JSON: tests look into it without describing it. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** Somebody with a key. */
export class Trader {
  readonly scene: Scene;
  readonly signer: Signer;
  readonly account: Account;

  constructor(scene: Scene, signer: Signer, account: Account) {
    this.scene = scene;
    this.signer = signer;
    this.account = account;
  }
}

/** A limit order of 1 SOL at 99 on the perp, post-only, with what differs. */
export function anOrder(differs: Params = {}): Params {
  return {
    symbol: PERP,
    side: "Bid",
    orderType: "Limit",
    price: "99",
    quantity: "1",
    timeInForce: "GTC",
    postOnly: true,
    ...differs,
  };
}

/** A market order of 1 SOL on the perp, with what differs. */
export function aMarketOrder(differs: Params = {}): Params {
  return { symbol: PERP, side: "Bid", orderType: "Market", quantity: "1", ...differs };
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  const { status, headers } = response;
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}
