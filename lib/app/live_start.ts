// The start of a live run, which is also its recovery: the lock, the journal of what was before, the
// account, the market's rules, and what the exchange says of our orders since. Nothing is placed
// here, and nothing starts on a guess: what cannot be known ends the start in one line.

import { createHash } from "node:crypto";
import type { Notice } from "../backpack/notice.ts";
import type { Opening } from "../backpack/opening.ts";
import type { Signer } from "../backpack/sign.ts";
import { Stream } from "../backpack/stream.ts";
import { LiveVenue } from "../backpack/venue.ts";
import type { WireFault } from "../backpack/wire_fault.ts";
import { Engine } from "../core/engine.ts";
import type { ForeignFillPolicy } from "../core/engine_options.ts";
import type { OrderId } from "../core/event.ts";
import type { Inventory } from "../core/ledger.ts";
import { stricter } from "../core/limits.ts";
import { type Fees, type Market, notional } from "../core/market.ts";
import { inProcess } from "../core/planner.ts";
import type { Restored } from "../core/state.ts";
import type { RiskLimits, Setup } from "../core/strategy.ts";
import {
  type Cash,
  cash,
  type Lots,
  type Micros,
  micros,
  MILLISECOND,
  type Ticks,
} from "../core/units.ts";
import { OrderIds } from "../journal/ids.ts";
import { Journal } from "../journal/journal.ts";
import { RunLock } from "../journal/lock.ts";
import type { Recovery } from "../journal/recover.ts";
import type { Pair } from "../journal/runs.ts";
import type { Config } from "./config.ts";
import { connect, type Connection, marketOf, valueOf } from "./connect.ts";
import { badValue, ExitCode, orComplain, UserError } from "./errors.ts";
import { Guard } from "./guard.ts";
import { opened, recovered, refuseStrange, restoredOf } from "./live_recovery.ts";
import { SharedAccount } from "./shared_account.ts";
import type { Urls } from "./urls.ts";
import { wallClock } from "./wall.ts";

/** What a live run is started with. */
export interface LiveTerms {
  readonly config: Config;
  readonly urls: Urls;
  readonly signer: Signer;
  readonly tag: number;
  /** Holds the journal and the locks. */
  readonly dataDir: string;
  /** What becomes of orders that an earlier run left. */
  readonly onStart: "adopt" | "cancel" | "refuse";
  /** What becomes of fills that are not the run's own. Default halt. */
  readonly onForeignFill?: ForeignFillPolicy;
  /** socket: streams, and requests while they are down. requests: nothing is listened to. */
  readonly feed: "socket" | "requests";
  /** Base the run takes over at its start, with its cost as of now. */
  readonly position?: Lots;
  readonly seed: number;
  readonly signal: AbortSignal;
  onNotice(notice: Notice): void;
  onFault(fault: WireFault): void;
}

/** A run that is ready to trade. */
export interface Ready extends AsyncDisposable {
  readonly market: Market;
  readonly fees: Fees;
  readonly limits: RiskLimits;
  readonly capital: Cash;
  readonly setup: Setup;
  /** Requests left of this minute. */
  readonly budget: { readonly left: number };
  readonly engine: Engine;
  readonly venue: LiveVenue;
  readonly opening: Opening;
  readonly journal: Journal;
  readonly pair: Pair;
  /** The run that is gone on with. */
  readonly recovery: Recovery | undefined;
  readonly restored: Restored | undefined;
  /** What a replay needs to know beside the settings. */
  readonly start: {
    readonly time: Micros;
    readonly inventory?: Inventory;
    readonly onForeignFill: ForeignFillPolicy;
  };
  /** Of a perp's position. */
  readonly guard: Guard | undefined;
  /** With other bots. */
  readonly shared: SharedAccount;
}

const DEFAULT_EVERY_MS = 1000;

/** Takes the lock, recovers and opens. Throws `UserError` in one line, with everything let go again. */
export async function startLive(terms: LiveTerms): Promise<Ready> {
  requireLimit(terms.config);
  const { signer, urls, signal, dataDir, tag } = terms;
  const { symbol } = terms.config.market;
  await using stack = new AsyncDisposableStack();
  const pair = { account: fingerprint(signer), market: symbol, tag };
  Deno.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  stack.use(lockOf(dataDir, pair));
  const journal = stack.use(Journal.open({ folder: dataDir, mode: "live", access: "write" }));
  const connection = stack.use(connect(urls, signer, terms.onFault));
  const { clock, rest } = connection;
  await clock.measure(() => rest.time(signal), signal);
  const market = await marketOf(connection, symbol, signal);
  const found: OrderId[] = [];
  // No id is given out before the engine is there.
  const held: { engine?: Engine; guard?: Guard } = {};
  const ids = new OrderIds({
    journal,
    pair,
    found,
    isTaken: (id) =>
      held.engine?.facts.orders.find(id) !== undefined || held.guard?.has(id) === true,
    random: Math.random,
  });
  const recovery = await recovered(terms, { journal, pair, connection, market, ids });
  const restored = recovery && restoredOf(recovery);
  const parts = await partsOf(terms, connection, market, restored);
  const time = serverTime(clock)();
  const { onForeignFill = "halt" } = terms;
  const engine = orComplain(
    "go on with the earlier run (--on-start cancel begins anew)",
    () =>
      new Engine({
        ...engineParts(parts),
        market,
        time,
        seed: terms.seed,
        nextId: () => ids.next(),
        onForeignFill,
        ...(restored === undefined ? {} : { restored }),
      }),
  );
  held.engine = engine;
  const { limiter } = connection;
  const shared = stack.use(new SharedAccount({ dataDir, pair, engine, limiter, now: wallTime }));
  const venue = new LiveVenue({
    market,
    rest,
    clock,
    stream: (given) => new Stream({ ...given, ...socketOf(terms) }),
    signed: true,
    localMs: wallClock.now,
    // Trades tell a comparison where in the queue an order stood, wanted by the strategy or not.
    observes: new Set([...parts.planner.observes, "trade"]),
    staleMs: parts.limits.staleMs,
    timerMs: Math.min(parts.everyMs, DEFAULT_EVERY_MS),
    pollOnly: terms.feed === "requests",
    signal,
    others: () => shared.others,
    isOurs: (id) => ids.whose(id),
    onNotice: terms.onNotice,
    onFault: terms.onFault,
  });
  stack.defer(() => venue.end());
  const opening = await opened({ venue, engine, journal, recovery });
  for (const { clientId } of opening.foreign) if (clientId !== undefined) found.push(clientId);
  refuseStrange(opening, tag);
  const guard = await guardOf({ engine, rest, ids, terms, journal, pair, now: serverTime(clock) });
  if (guard !== undefined) held.guard = guard;
  const { fees, limits, capital, setup } = parts;
  const kept = stack.move();
  return {
    ...{ market, engine, venue, opening, journal, pair, recovery, fees, limits, capital },
    ...{ setup, budget: limiter, guard, shared, restored },
    start: {
      time,
      onForeignFill,
      ...(parts.inventory === undefined ? {} : { inventory: parts.inventory }),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A name for the account that is not its key. */
export function fingerprint({ publicKey }: Pick<Signer, "publicKey">): string {
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
}

function engineParts({ inventory, ...parts }: Awaited<ReturnType<typeof partsOf>>) {
  return inventory === undefined ? parts : { ...parts, inventory };
}

/** Only what can be reduced only can be guarded. */
async function guardOf(
  parts: ConstructorParameters<typeof Guard>[0] & Parameters<Guard["takeOver"]>[0],
): Promise<Guard | undefined> {
  if (parts.engine.facts.market.kind === "spot") return undefined;
  const guard = new Guard(parts);
  await guard.takeOver(parts);
  return guard;
}

function serverTime(clock: Connection["clock"]): () => Micros {
  return () => micros(clock.nowMs() * MILLISECOND);
}

function requireLimit({ limits }: Config): void {
  if (limits.maxPositionUsd !== undefined) return;
  const rule = "must be set for a live run: the most that may be lost by a market gone";
  throw badValue({ doing: "trade live", key: "maxPositionUsd", rule, value: undefined });
}

function lockOf(dataDir: string, pair: Pair): RunLock {
  const lock = RunLock.take(dataDir, pair, { pid: Deno.pid, since: wallTime() });
  if (lock instanceof RunLock) return lock;
  const who = lock === "unknown" ? "another process" : `process ${lock.pid}`;
  const text = `Cannot start as ${who} already trades ${pair.market} with tag ${pair.tag}`;
  throw new UserError(text, ExitCode.locked);
}

/** What the engine is made of. */
async function partsOf(
  { config, signal, position }: LiveTerms,
  connection: Connection,
  market: Market,
  restored: Restored | undefined,
) {
  const { rest, urls } = connection;
  const account = valueOf(await rest.account(signal), "ask for the account", urls);
  const fees = market.kind === "perp" ? account.perpFees : account.spotFees;
  const price = position === undefined ? undefined : await priceOf(connection, market, signal);
  const capital = restored?.state.facts.ledger.capital ?? config.capital ??
    await ownedBy(connection, market, signal, { position, price });
  const { strategy, params } = config;
  const setup: Setup = { market, params, fees, capital };
  const everyMs = strategy.cadence?.(setup).everyMs ?? DEFAULT_EVERY_MS;
  return {
    setup,
    planner: config.plugin?.planner(setup) ?? inProcess(strategy, setup),
    limits: stricter(config.limits, strategy.limits?.(setup) ?? {}),
    inventory: position === undefined || price === undefined ? undefined : { position, price },
    capital,
    everyMs,
    fees,
  };
}

/** What a run may call its own where nobody said: the account's equity, or on spot its quote currency. */
async function ownedBy(
  { rest, urls }: Connection,
  market: Market,
  signal: AbortSignal,
  { position, price }: { readonly position: Lots | undefined; readonly price: Ticks | undefined },
): Promise<Cash> {
  const taken = position === undefined || price === undefined
    ? cash(0)
    : notional(market, price, position);
  const quote = market.kind === "perp"
    ? valueOf(await rest.collateral(signal), "ask for the collateral", urls).netEquity
    : valueOf(await rest.capital(signal), "ask for the balances", urls).get(market.quote)
      ?.available ?? 0;
  const capital = cash(quote + taken);
  if (capital > 0) return capital;
  throw new UserError(`Cannot trade live as the account holds no ${market.quote}`);
}

/** What base taken over is counted at. */
async function priceOf(
  { rest, urls }: Connection,
  market: Market,
  signal: AbortSignal,
): Promise<Ticks> {
  const book = valueOf(await rest.depth(market, 5, signal), "read the book", urls);
  const [best] = book.bids;
  if (best !== undefined) return best.price;
  throw new UserError(`Cannot take over ${market.base} as nobody bids for it`);
}

function socketOf({ urls, signer }: LiveTerms) {
  return { url: urls.ws, signer, localMs: wallClock.now, random: Math.random };
}

function wallTime() {
  return micros(Date.now() * MILLISECOND);
}
