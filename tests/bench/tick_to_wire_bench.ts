// From the socket message being readable to the last byte of the signed order at the exchange: the
// whole bot (parse, book, strategy, risk, reconcile, sign, send) against a bare script that only
// parses, signs and posts, on one exchange in this process which holds both ends of the watch. In
// turns of a few seconds, as a machine is never equally quiet for long.

import { sign } from "node:crypto";
import { createPrivateKey } from "node:crypto";
import { Buffer } from "node:buffer";
import { Limiter } from "../../lib/backpack/limiter.ts";
import { Rest } from "../../lib/backpack/rest.ts";
import { ServerClock } from "../../lib/backpack/server_clock.ts";
import { keyPair, Signer } from "../../lib/backpack/sign.ts";
import { Stream } from "../../lib/backpack/stream.ts";
import { LiveVenue } from "../../lib/backpack/venue.ts";
import { Engine } from "../../lib/core/engine.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { inProcess } from "../../lib/core/planner.ts";
import { defineStrategy, lots, ticks } from "../../lib/core/strategy.ts";
import { cash, micros, MILLISECOND } from "../../lib/core/units.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { JournalKeeper, momentOf } from "../../lib/app/journaled.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { run } from "../../lib/run.ts";
import { shown } from "./show.ts";

const SYMBOL = "SOL_USDC_PERP";
/** Ticks in a second: each costs one of the 30 requests a second there are. */
const RATE = Number(Deno.args[0] ?? 20);
const ROUNDS = Number(Deno.args[1] ?? 8);
const ROUND_MS = 5_000;
/** Where the best bid is when it is low, in ticks. */
const LOW = 15_000;
const found = findMarket(SYMBOL);
if (found === undefined) throw new Error(SYMBOL);
const market = found;
const pair = keyPair();

/** An exchange that answers what a start asks for and takes every order; its market moves when told to. */
class Wire {
  /** When the last tick was written, and what became of it. */
  tickAt = 0;
  readonly took: number[] = [];
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #socket: WebSocket | undefined;
  #streams: readonly string[] = [];
  #id = 1000;
  #orders = 0;
  readonly #open = new Map<unknown, object>();
  #bid = LOW;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.url = `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The best bid moves up or down by two ticks, and mid by one. */
  tick(): void {
    const up = this.#id % 2 === 0;
    const [gone, now] = up ? [this.#bid, this.#bid + 2] : [this.#bid, this.#bid - 2];
    this.#bid = now;
    const time = Date.now() * 1000;
    const id = ++this.#id;
    const data = {
      ...{ e: "depth", E: time, T: time, s: SYMBOL, U: id, u: id, a: [] },
      b: [[price(gone), up ? "5.00" : "0.00"], [price(now), "5.00"]],
    };
    const text = JSON.stringify({ stream: `depth.${SYMBOL}`, data });
    this.tickAt = performance.now();
    this.#socket?.send(text);
  }

  /** Sent each second, so that a socket is alive. */
  mark(): void {
    const time = Date.now() * 1000;
    const data = { e: "markPrice", E: time, T: time, s: SYMBOL, p: "150.00", i: "150.00" };
    for (const stream of this.#streams.filter((name) => name.startsWith("markPrice"))) {
      const rest = { f: "0.00001", n: Date.now() + 3_600_000 };
      this.#socket?.send(JSON.stringify({ stream, data: { ...data, ...rest } }));
    }
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") === "websocket") return this.#upgrade(request);
    const { pathname } = new URL(request.url);
    const key = `${request.method} ${pathname.replace("/api/v1", "")}`;
    if (request.method === "POST") {
      const body = await request.text();
      // The order is here, to its last byte.
      this.took.push(performance.now() - this.tickAt);
      return Response.json(this.#accepted(JSON.parse(body)));
    }
    if (request.method === "DELETE") {
      const { clientId } = JSON.parse(await request.text());
      const order = this.#open.get(clientId);
      this.#open.delete(clientId);
      return Response.json({ ...order, status: "Cancelled" });
    }
    const reply = this.#replies[key];
    if (reply === undefined) return Response.json([]);
    const said = reply();
    return typeof said === "string" ? new Response(said) : Response.json(said);
  }

  readonly #replies: { readonly [key: string]: () => unknown } = {
    "GET /orders": () => [...this.#open.values()],
    "GET /ping": () => "pong",
    "GET /time": () => String(Date.now()),
    "GET /account": () => ({
      ...{ autoBorrowSettlements: false, autoLend: false, autoRealizePnl: true },
      ...{ autoRepayBorrows: false, liquidating: false, borrowLimit: "0", leverageLimit: "10" },
      ...{ positionLimit: "0", futuresMakerFee: "2", futuresTakerFee: "5", spotMakerFee: "8" },
      ...{ spotTakerFee: "10", limitOrders: 0, triggerOrders: 0 },
    }),
    "GET /capital": () => ({ USDC: { available: "10000", locked: "0", staked: "0" } }),
    "GET /capital/collateral": () => ({
      ...{ assetsValue: "10000", borrowLiability: "0", liabilitiesValue: "0", netEquity: "10000" },
      ...{ netEquityAvailable: "10000", netEquityLocked: "0", netExposureFutures: "0" },
      ...{ pnlUnrealized: "0", unsettledEquity: "0", imf: "0.1", mmf: "0.05" },
      ...{ marginFraction: null, collateral: [] },
    }),
    "GET /depth": () => ({
      asks: [["150.50", "5"]],
      bids: [[price(this.#bid - 1), "5"], [price(this.#bid), "5"]],
      ...{ lastUpdateId: String(this.#id), timestamp: Date.now() * 1000 },
    }),
  };

  #accepted(given: { readonly [name: string]: unknown }) {
    const order = {
      ...{ id: String(++this.#orders), status: "New", createdAt: Date.now() },
      ...{ executedQuantity: "0", executedQuoteQuantity: "0", selfTradePrevention: "RejectTaker" },
      ...{ postOnly: true, reduceOnly: false, relatedOrderId: null, strategyId: null },
      ...{ triggerBy: null, triggerPrice: null, triggerQuantity: null, triggeredAt: null },
      ...given,
    };
    this.#open.set(given["clientId"], order);
    return order;
  }

  #upgrade(request: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(request);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const frame: unknown = JSON.parse(String(data));
      if (typeof frame === "object" && frame !== null && "params" in frame) {
        this.#streams = [...this.#streams, ...String(frame.params).split(",")];
      }
    };
    return response;
  }
}

function price(inTicks: number): string {
  return (inTicks / 100).toFixed(2);
}

/** A bid when the market goes up, none when it comes down: an order every other tick, as the script sends. */
const chaser = defineStrategy({
  api: 1,
  name: "chaser",
  summary: "A bid when the market goes up.",
  params: {},
  start: () => ({}),
  plan: (_, { bestBid, midTicks }) => ({
    orders: bestBid > LOW
      ? [{ side: "bid", role: "maker", price: ticks(bestBid - 2), quantity: lots(10) }]
      : [],
    holds: { below: ticks(Math.floor(midTicks)), above: ticks(Math.ceil(midTicks)) },
  }),
});

/** The whole bot, as `run --live` wires it, journal and all. */
async function bot(wire: Wire, ended: AbortSignal): Promise<void> {
  const signer = new Signer(pair.secret);
  const clock = new ServerClock();
  const rest = new Rest({
    ...{ url: `http://${wire.url}`, signer, clock, limiter: new Limiter() },
    markets: () => new Map([[SYMBOL, market]]),
  });
  const setup = { market, params: {}, fees: { maker: 2, taker: 5 }, capital: cash(1e12) };
  let id = 1_000_000;
  const engine = new Engine({
    ...{ market, limits: { ...defaultLimits, maxPositionUsd: 1e6 }, capital: cash(1e12), seed: 1 },
    ...{ planner: inProcess(chaser, setup), everyMs: 1000, nextId: () => ++id },
    time: micros(Date.now() * MILLISECOND),
  });
  const venue = new LiveVenue({
    ...{ market, rest, clock, signed: true, observes: new Set(), staleMs: 60_000, timerMs: 1000 },
    localMs: () => performance.now(),
    signal: ended,
    isOurs: (id) => id >= 1_000_000 ? "ours" : "other",
    stream: (terms) =>
      new Stream({
        ...{ ...terms, url: `ws://${wire.url}`, signer, random: Math.random },
        localMs: () => performance.now(),
      }),
    onNotice: ({ text }) => console.error(text),
    onFault: (fault) => console.error(fault.message),
  });
  await venue.start();
  const folder = Deno.makeTempDirSync();
  const journal = Journal.open({ folder, mode: "live", access: "write" });
  const started = micros(Date.now() * MILLISECOND);
  const written = journal.begin({
    ...{ account: "bench", market: SYMBOL, tag: 200, started, strategy: "chaser", config: {} },
    ...{ version: "bench", seed: 1 },
  }, momentOf(engine));
  using keeper = new JournalKeeper(engine, written);
  await run(engine, venue, [keeper]);
  rest.close();
  await journal.close();
  Deno.removeSync(folder, { recursive: true });
}

/** Nothing but what any script must do: parse, sign, post. */
function bare(wire: Wire, ended: AbortSignal): void {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const seed = Buffer.from(pair.secret, "base64");
  const key = createPrivateKey({
    ...{ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" },
  });
  const socket = new WebSocket(`ws://${wire.url}`);
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.data.e !== "depth") return;
    const best = frame.data.b[1][0];
    if (Number(best) <= LOW / 100) return;
    const at = Date.now();
    const body = {
      ...{ symbol: SYMBOL, side: "Bid", orderType: "Limit", price: best, quantity: "0.1" },
      ...{ timeInForce: "GTC", postOnly: true, clientId: at % 2 ** 32 },
    };
    const text =
      `instruction=orderExecute&clientId=${body.clientId}&orderType=Limit&postOnly=true` +
      `&price=${best}&quantity=0.1&side=Bid&symbol=${SYMBOL}&timeInForce=GTC` +
      `&timestamp=${at}&window=5000`;
    fetch(`http://${wire.url}/api/v1/order`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-API-Key": pair.publicKey,
        "X-Signature": sign(null, Buffer.from(text), key).toString("base64"),
        "X-Timestamp": String(at),
        "X-Window": "5000",
      },
      body: JSON.stringify(body),
    }).then((reply) => reply.text());
  };
  ended.addEventListener("abort", () => socket.close(), { once: true });
}

/** Ticks for one round; gives the ms of each, the first second left out. */
async function round(start: (wire: Wire, ended: AbortSignal) => unknown): Promise<number[]> {
  const wire = new Wire();
  const ended = new AbortController();
  const over = start(wire, ended.signal);
  await pause(700);
  for (let i = 0; i < ROUND_MS / 1000 * RATE; i++) {
    if (i % RATE === 0) wire.mark();
    wire.tick();
    await pause(1000 / RATE);
  }
  ended.abort();
  await over;
  await wire.close();
  return wire.took.slice(RATE / 2);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return 1000 * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN);
}

const times = { bare: new Array<number>(), bot: new Array<number>() };
for (let i = 0; i < ROUNDS; i++) {
  times.bare.push(...await round(bare));
  times.bot.push(...await round(bot));
}
for (const [name, values] of Object.entries(times)) {
  shown(`${name} p50`, at(values, 0.5), "µs");
  shown(`${name} p99`, at(values, 0.99), "µs");
  shown(`${name} orders`, values.length, "");
}
shown("ratio p50", at(times.bot, 0.5) / at(times.bare, 0.5), "");
shown("ratio p99", at(times.bot, 0.99) / at(times.bare, 0.99), "");
Deno.exit(0);
