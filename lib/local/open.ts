// The local exchange as one thing that can be opened and shut: a world, the markets that play in it,
// its REST and its sockets on one port of loopback, and the loop that keeps it up to its clock.

import type { Tape } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../core/units.ts";
import type { Feed } from "../sim/feed.ts";
import { SynthMarket } from "../sim/synth.ts";
import type { SynthOptions } from "../sim/synth_options.ts";
import { TapeFeed, tapeFeed } from "../sim/tape_feed.ts";
import { makeAdmin } from "./admin.ts";
import { subscriber } from "./auth.ts";
import { CommandLog, relive } from "./command_log.ts";
import { type Clock, type FaultRates, Faults } from "./faults.ts";
import { makeServer } from "./server.ts";
import { type Spelling, Streams } from "./streams.ts";
import { World } from "./world.ts";

/** What an account begins with, in 1e-8 by asset. */
export interface Opening {
  readonly publicKey: string;
  readonly balances: { readonly [asset: string]: number };
}

/** How an exchange is to be. */
export interface ExchangeSettings {
  readonly markets: readonly Market[];
  /** Draws the markets and the faults. */
  readonly seed: number;
  /** Played in the first market instead of a synthetic one, from now on; the name is to know it by. */
  readonly tape?: { readonly name: string; readonly rows: Tape };
  /** What differs from an ordinary synthetic market. */
  readonly synth?: Partial<SynthOptions>;
  /** The past that a synthetic market is born with, so that there are candles to ask for; default 1 h. */
  readonly pastSec?: number;
  readonly accounts: readonly Opening[];
  readonly faults: FaultRates;
  readonly postOnlyReply: "error" | "expired";
  readonly limits: "on" | "off";
  readonly spelling?: Spelling;
  /** Seconds of the markets per second of the exchange, whose clock is that of this machine. */
  readonly speed: number;
  /** An existing folder in which the exchange survives a restart; without one it is forgotten. */
  readonly dataDir?: string;
  /** 0 picks one. */
  readonly port: number;
  /** Opens the back door; without one it stays shut. */
  readonly adminToken?: string;
  /** Shuts the exchange. */
  readonly stop: AbortSignal;
}

/** An exchange that is open. */
export interface OpenExchange {
  readonly url: string;
  readonly ws: string;
  readonly world: World;
  readonly faults: Faults;
  /** Settled once it is shut; rejected where the exchange itself failed. */
  readonly shut: Promise<void>;
}

const USUAL_PAST_SEC = 3_600;
/** Wall time between two looks at what is due. */
const BEAT_MS = 10;
/** How long sockets and requests under way may take to end once the exchange shuts. */
const GRACE_MS = 2_000;

/**
 * Opens the exchange. Throws `Deno.errors.AddrInUse` on a port that is taken, and `RangeError` on an
 * account that cannot be opened or a folder of another exchange.
 */
export function openExchange(settings: ExchangeSettings): OpenExchange {
  const { stop, seed } = settings;
  const time = new ExchangeTime();
  const { world, log } = worldOf(settings, time);
  const faults = new Faults({ rates: settings.faults, seed, clock: wallClock, stop });
  const streams = streamsOf(world, faults, settings.spelling);
  const answer = makeServer(world, {
    limits: settings.limits,
    upgrade: (request) => streams.upgrade(request),
    disturb: (request, proceed) => faults.disturb(request, proceed),
  });
  const { adminToken: token } = settings;
  const setClockOffset = (ms: number) => time.offset = ms * MILLISECOND;
  const admin = token === undefined
    ? undefined
    : makeAdmin({ token, world, faults, setClockOffset });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: settings.port, onListen() {} },
    async (request) => await admin?.(request) ?? await answer(request),
  );
  const address = `127.0.0.1:${server.addr.port}`;
  const shut = keepUp(world, streams, stop).finally(async () => {
    const grace = new AbortController();
    const over = wallClock.sleep(GRACE_MS, grace.signal);
    await Promise.race([streams.close(), over]);
    await Promise.race([server.shutdown(), over]);
    grace.abort();
    log?.[Symbol.dispose]();
  });
  return { url: `http://${address}`, ws: `ws://${address}`, world, faults, shut };
}

/** Exchange time: that of this machine, and wrong by an offset where it is told to be wrong. */
class ExchangeTime {
  /** In µs. */
  offset = 0;
  #start = Date.now() * MILLISECOND;
  #wallStart = performance.now();
  #still = false;

  now(): Micros {
    const passed = this.#still ? 0 : (performance.now() - this.#wallStart) * MILLISECOND;
    return micros(Math.round(this.#start + passed + this.offset));
  }

  /** Stands at a moment of the past. */
  stand(at: Micros): void {
    this.#start = at;
    this.#still = true;
  }

  /** Goes on: from now, or from where it stood if that lies ahead. */
  go(): void {
    if (!this.#still) return;
    this.#still = false;
    this.#start = Math.max(this.#start, Date.now() * MILLISECOND);
    this.#wallStart = performance.now();
  }
}

/** A new world, or the one that lived in the folder before. */
function worldOf(
  settings: ExchangeSettings,
  time: ExchangeTime,
): { readonly world: World; readonly log: CommandLog | undefined } {
  const { markets, seed, tape, dataDir } = settings;
  const pastSec = tape === undefined ? settings.pastSec ?? USUAL_PAST_SEC : 0;
  const born = micros(time.now() - pastSec * SECOND);
  const log = dataDir === undefined ? undefined : new CommandLog(`${dataDir}/exchange.jsonl`, {
    seed,
    markets: markets.map(({ symbol }) => symbol),
    tape: tape?.name ?? null,
    start: born,
  });
  const start = log?.birth.start ?? born;
  let isLive = false;
  const world = new World({
    markets,
    clock: () => time.now(),
    feeds: feedsOf(settings, start, micros(start + pastSec * SECOND)),
    start,
    postOnlyReply: settings.postOnlyReply,
    onCommand: (command, at) => {
      if (isLive) log?.note(command, at);
    },
  });
  if (log !== undefined) relive(world, log.past, (at) => time.stand(at));
  time.go();
  isLive = true;
  for (const { publicKey, balances } of settings.accounts) {
    if (world.account(publicKey) === undefined) world.open(publicKey, balances);
  }
  world.advance();
  return { world, log };
}

/** The past goes at its own pace; from `present` on `speed` seconds of a market pass in one. */
function feedsOf(
  { markets, seed, tape, synth, speed }: ExchangeSettings,
  start: Micros,
  present: Micros,
): ReadonlyMap<string, Feed> {
  const when = (time: number) =>
    time <= present ? time : Math.round(present + (time - present) / speed);
  const paced = (rows: Tape): Tape => ({ ...rows, time: rows.time.map(when) });
  return new Map(markets.map((market, i) => {
    if (i === 0 && tape !== undefined) {
      return [market.symbol, tapeFeed(paced(from(tape.rows, start)))];
    }
    // Markets of one base move together: they differ in no draw.
    const first = markets.findIndex(({ base }) => base === market.base);
    const made = new SynthMarket(market, { ...synth, seed: seed + first, start });
    const chunk = () => {
      const rows = made.chunk();
      return rows && paced(rows);
    };
    return [market.symbol, new TapeFeed(chunk)];
  }));
}

/** The tape as if it had begun at `start`: clients sign with the time of today. */
function from(tape: Tape, start: Micros): Tape {
  const shift = start - (tape.time[0] ?? start);
  return { ...tape, time: tape.time.map((time) => time + shift) };
}

function streamsOf(world: World, faults: Faults, spelling: Spelling | undefined): Streams {
  return new Streams({
    source: {
      listen: (listener) => world.listen(listener),
      isMarket: (symbol) => world.records.has(symbol),
      now: () => world.now,
      accountOf: (signature) => subscriber(world, signature)?.id,
      positions: (id) =>
        world.accounts.filter((account) => account.id === id)
          .flatMap((account) => world.positions(account)),
      openInterest: () =>
        world.markets.filter(({ kind }) => kind === "perp")
          .map((market) => ({ market, quantity: world.openInterest(market.symbol) })),
    },
    faults,
    clock: wallClock,
    ...(spelling === undefined ? {} : { spelling }),
  });
}

/** Brings the exchange up to its clock again and again, until it is stopped. */
async function keepUp(world: World, streams: Streams, stop: AbortSignal): Promise<void> {
  let nextSecond = wallClock.now() + 1_000;
  while (!stop.aborted) {
    world.advance();
    streams.beat();
    for (; wallClock.now() >= nextSecond; nextSecond += 1_000) streams.second();
    await wallClock.sleep(BEAT_MS, stop);
  }
}

const wallClock: Clock = {
  now: () => performance.now(),
  sleep(ms, stop) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done, { once: true });
    if (stop.aborted) done();
    return promise;
  },
};
