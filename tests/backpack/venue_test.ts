// The live venue against a scripted exchange: it opens with what is true, tells what happens, and finds
// what the socket loses.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import type { OwnOrder } from "../../lib/core/orders.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import type { Known } from "../../lib/backpack/opening.ts";
import { LiveVenue, type LiveVenueOptions } from "../../lib/backpack/venue.ts";
import type { WireEvent } from "../../lib/backpack/wire.ts";
import { level, START } from "../support/core.ts";
import {
  at,
  bid,
  facts,
  fillMessage,
  held,
  ID,
  isOurs,
  market,
  message,
  pastFill,
  pastRow,
  row,
} from "./orders.ts";
import {
  aBook,
  aPosition,
  lostReply,
  ManualWall,
  ScriptedExchange,
  ScriptedStream,
  turns,
} from "./scripted.ts";

const place: Command = { kind: "place", ...bid, tag: undefined };

/** A venue with its exchange, opened. */
async function opened(
  options: Partial<LiveVenueOptions> = {},
  known: Known = { live: [] },
  prepare: (exchange: ScriptedExchange) => void = () => {},
) {
  const made = make(options);
  prepare(made.exchange);
  const opening = await made.venue.start(known);
  return { ...made, opening };
}

function make(options: Partial<LiveVenueOptions> = {}) {
  const wall = new ManualWall();
  const exchange = new ScriptedExchange(wall);
  const notices: string[] = [];
  const streams: ScriptedStream[] = [];
  const venue = new LiveVenue({
    market,
    rest: exchange.rest,
    stream: (terms) => {
      const stream = new ScriptedStream(terms, wall);
      streams.push(stream);
      return stream;
    },
    clock: {
      nowMs: wall.nowMs,
      measure: async (time) => void await time(),
      offsetMs: 0,
      skewed: false,
      strayed: false,
    },
    signed: true,
    observes: new Set(),
    staleMs: 5_000,
    timerMs: 1_000,
    localMs: wall.localMs,
    sleep: wall.sleep,
    signal: new AbortController().signal,
    pollOnly: false,
    isOurs,
    onNotice: ({ level, text }) => notices.push(`${level}: ${text}`),
    onFault: (fault) => notices.push(fault.message),
    ...options,
  });
  const stream = (): ScriptedStream => {
    const [only] = streams;
    assert.ok(only !== undefined);
    return only;
  };
  return { venue, wall, exchange, notices, stream };
}

/** All events that wait now. */
async function heard(venue: LiveVenue): Promise<Event[]> {
  const events: Event[] = [];
  await turns();
  for (;;) {
    // A command of a person marks the end: it is served at once when nothing waits before it.
    const next = venue.next();
    if (next instanceof Promise) {
      venue.ask("resume");
      const event = await next;
      if (event !== undefined && event.kind !== "resume") {
        events.push(event);
        continue;
      }
      return events;
    }
    if (next === undefined) return events;
    if (next.kind !== "resume") events.push(next);
  }
}

const kinds = (events: readonly Event[]) =>
  events.filter(({ kind }) => kind !== "timer" && kind !== "account" && kind !== "depth")
    .map(({ kind }) => kind);

function depthFrame(firstId: number, lastId: number, bids = [level(9_998, 3)]): WireEvent {
  return { kind: "depth", market, time: START, firstId, lastId, bids, asks: [] };
}

/** Keeps the stream from falling silent. */
function touch(): WireEvent {
  return { kind: "touch", market, time: START, lastId: 1, bid: undefined, ask: undefined };
}

async function liveFor(
  made: { readonly wall: ManualWall; readonly stream: () => ScriptedStream },
  ms: number,
) {
  for (let passed = 0; passed < ms; passed += 1_000) {
    made.stream().tell(touch());
    await made.wall.advance(Math.min(1_000, ms - passed));
  }
}

Deno.test("opens with the account, the position, foreign orders and what happened meanwhile", async () => {
  const own = held({ state: "open" });
  const lost: OwnOrder = held({ id: ID + 1, price: ticks(9_990), state: "sent" });
  const { venue, opening, stream } = await opened(
    {},
    { live: [own, lost], fillsSince: START },
    (e) => {
      e.open = [row(4), row(0, { orderId: "900", clientId: undefined })];
      e.fills = [pastFill(1, 4)];
      e.positions = [aPosition(14)];
    },
  );
  assert.deepEqual(opening.events.map((event) => "id" in event ? [event.kind, event.id] : []), [
    ["fill", ID],
    ["unknown", ID + 1],
  ]);
  assert.deepEqual(opening.foreign.map(({ orderId }) => orderId), ["900"]);
  assert.equal(opening.position, 14);
  assert.equal(opening.holdings?.account.perpFees.maker, 2);
  assert.deepEqual(opening.strange, []);
  assert.deepEqual(stream().terms.privateStreams, ["account.orderUpdate.SOL_USDC_PERP"]);
  venue.end();
});

Deno.test("a cancel that was on its way when the run ended is sent again", async () => {
  const live = [held({ state: "cancelling" })];
  const { venue, exchange, opening } = await opened({}, { live }, (e) => {
    e.open = [row()];
  });
  assert.deepEqual(kinds([...opening.events, ...await heard(venue)]), ["cancelled"]);
  assert.equal(exchange.count("cancel"), 1);
  venue.end();
});

Deno.test("an order taken over ends, however long before the last fill its own one was", async () => {
  const live = [held({ filled: lots(4), remaining: lots(6), state: "partlyFilled" })];
  const made = await opened({}, { live, fillsSince: at(60_000) }, (e) => {
    e.open = [row(4)];
    e.fills = [pastFill(1, 4), pastFill(2, 1, { clientId: 5 })];
  });
  const { venue, exchange, stream, opening } = made;
  assert.deepEqual(kinds(opening.events), ["fill"], "told once more, of live orders only");
  await heard(venue);
  exchange.open = [];
  stream().tell(message({ kind: "cancelled" }, facts(4, { status: "cancelled" })));
  assert.deepEqual(kinds(await heard(venue)), ["cancelled"]);
  venue.end();
});

Deno.test("an order of ours that rests though its end was told is cancelled", async () => {
  const { venue, exchange, notices } = await opened({}, { live: [] }, (e) => {
    e.open = [row(), row(0, { orderId: "900", clientId: 5 })];
  });
  await turns();
  assert.deepEqual(exchange.open.map(({ orderId }) => orderId), ["900"]);
  assert.ok(notices.some((text) => text.includes("rests though it had ended")));
  venue.end();
});

Deno.test("without a key nothing private is asked or heard, and nothing can be sent", async () => {
  const { venue, opening, exchange, stream, wall } = await opened({ signed: false });
  assert.equal(opening.holdings, undefined);
  assert.deepEqual(stream().terms.privateStreams, []);
  assert.ok(
    stream().terms.publicStreams.includes("trade.SOL_USDC_PERP"),
    "a paper run needs trades",
  );
  await wall.advance(3_000);
  for (const name of ["account", "openOrders", "fills", "positions"]) {
    assert.equal(exchange.count(name), 0, name);
  }
  assert.throws(() => venue.send([place]), { name: "Bug" });
  venue.end();
});

Deno.test("does not open where the exchange cannot be asked, and says why", async () => {
  const refused = (message: string, code: string, status: number) => () =>
    ({ kind: "refused", status, refusal: { code, message } }) as const;
  const rows = [
    ["warm", () => ({ kind: "failed", reason: "cannot connect: refused" }) as const, "unreachable"],
    ["account", refused("Invalid signature", "INVALID_CLIENT_REQUEST", 400), "keys"],
    ["account", refused("Unauthorized", "UNAUTHORIZED", 401), "keys"],
    ["openOrders", () => lostReply, "unreachable"],
    ["orderHistory", refused("Trading is paused", "TRADING_PAUSED", 400), "refused"],
  ] as const;
  for (const [request, answer, kind] of rows) {
    const { venue, exchange, wall } = make();
    exchange.answers.set(request, answer);
    const live = [held()];
    const found = assert.rejects(venue.start({ live }), { name: "OpeningFault", kind }, request);
    await wall.advance(20_000);
    await found;
    assert.equal(await venue.next(), undefined, "it has ended");
  }
});

Deno.test("the book is joined to the socket, and a gap fetches it again", async () => {
  const made = await opened();
  const { venue, wall, exchange, stream } = made;
  stream().tell(depthFrame(100, 101));
  await wall.advance(0);
  await wall.advance(100);
  const before = exchange.count("depth");
  const events = (await heard(venue)).filter(({ kind }) => kind === "depth");
  assert.ok(events.length >= 2);
  stream().tell(depthFrame(102, 102));
  assert.equal((await heard(venue)).filter(({ kind }) => kind === "depth").length, 1);
  assert.equal(exchange.count("depth"), before, "joined: nothing is asked for");
  exchange.book = aBook(110);
  stream().tell(depthFrame(105, 110));
  await wall.advance(1_000);
  assert.ok(exchange.count("depth") > before, "a gap");
  const [first] = (await heard(venue)).filter(({ kind }) => kind === "depth");
  assert.ok(first?.kind === "depth" && first.snapshot);
  venue.end();
});

Deno.test("a book nobody confirms is taken away, marks or not", async () => {
  const made = await opened();
  const { venue, wall, exchange, stream } = made;
  stream().tell(depthFrame(100, 101));
  await wall.advance(1_000);
  await heard(venue);
  exchange.answers.set("depth", () => lostReply);
  stream().tell(depthFrame(150, 151));
  await liveFor(made, 5_000);
  assert.ok(
    !(await heard(venue)).some((event) => event.kind === "depth" && event.bids.length === 0),
  );
  await liveFor(made, 1_000);
  const last = (await heard(venue)).findLast(({ kind }) => kind === "depth");
  assert.deepEqual(last?.kind === "depth" && [last.snapshot, last.bids, last.asks], [true, [], []]);
  assert.ok(made.notices.some((text) => text.includes("quotes are pulled")));
  venue.end();
});

Deno.test("an order is placed once, and its life is told once", async () => {
  const { venue, wall, exchange, stream } = await opened();
  venue.send([place]);
  stream().tell(message({ kind: "accepted" }, facts()));
  stream().tell(fillMessage(1, 10, 10));
  await turns();
  exchange.open = [];
  exchange.fills = [pastFill(1, 10)];
  exchange.positions = [aPosition(10)];
  await wall.advance(15_000);
  assert.deepEqual(kinds(await heard(venue)), ["accepted", "fill"]);
  assert.equal(exchange.count("place"), 1);
  venue.end();
});

Deno.test("a ladder of forty leaves in one request, its cancels each on its own and all at once", async () => {
  const { venue, exchange, wall } = await opened();
  const ladder = Array.from({ length: 40 }, (_, i): Command => ({
    ...place,
    id: ID + i,
    price: ticks(9_000 + i),
  }));
  venue.send(ladder);
  await turns();
  assert.deepEqual(exchange.calls.filter((call) => call.startsWith("place")), ["place 40"]);
  await wall.advance(1_000);
  await heard(venue);
  venue.send(ladder.map(({ id }): Command => ({ kind: "cancel", id })));
  assert.equal(exchange.count("cancel"), 40, "before any is answered");
  assert.equal(exchange.count("prepared"), 40, "signed beforehand");
  assert.deepEqual(new Set(kinds(await heard(venue))), new Set(["cancelled"]));
  venue.end();
});

Deno.test("fifty-one orders leave in two requests", async () => {
  const { venue, exchange } = await opened();
  venue.send(Array.from({ length: 51 }, (_, i): Command => ({ ...place, id: ID + i })));
  assert.deepEqual(exchange.calls.filter((call) => call.startsWith("place")), [
    "place 50",
    "place 1",
  ]);
  await turns();
  venue.end();
});

Deno.test("an order the limiter keeps is refused, a cancel it keeps leaves as soon as it may", async () => {
  const { venue, exchange, wall } = await opened();
  exchange.answers.set("place", () => ({ kind: "limited" }));
  venue.send([place]);
  const [refused] = (await heard(venue)).filter(({ kind }) => kind === "rejected");
  assert.ok(refused?.kind === "rejected" && refused.reason === "RateLimited");
  exchange.answers.clear();
  venue.send([{ ...place, id: ID + 1 }]);
  await turns();
  exchange.answers.set("cancel", () => ({ kind: "limited" }));
  venue.send([{ kind: "cancel", id: ID + 1 }]);
  await wall.advance(3_000);
  assert.deepEqual(kinds(await heard(venue)), ["accepted"]);
  assert.ok(exchange.count("cancel") >= 4);
  exchange.answers.set("cancel", () => ({ kind: "failed", reason: "cannot connect" }));
  await wall.advance(2_000);
  exchange.answers.delete("cancel");
  await wall.advance(1_000);
  assert.deepEqual(kinds(await heard(venue)), ["cancelled"]);
  const sent = exchange.count("cancel");
  await wall.advance(5_000);
  assert.equal(exchange.count("cancel"), sent, "and only once");
  venue.end();
});

Deno.test("an order of unknown fate that never arrived is proven gone, and never sent again", async () => {
  const { venue, exchange, wall } = await opened();
  exchange.answers.set("place", () => lostReply);
  venue.send([place]);
  await wall.advance(2_000);
  assert.deepEqual(kinds(await heard(venue)), ["unknown"]);
  await wall.advance(2_000);
  assert.deepEqual(kinds(await heard(venue)), [], "one look proves nothing");
  await wall.advance(3_000);
  const [gone] = (await heard(venue)).filter(({ kind }) => kind === "rejected");
  assert.ok(gone?.kind === "rejected" && gone.reason === "NeverArrived");
  assert.equal(exchange.count("place"), 1);
  venue.end();
});

Deno.test("an order of unknown fate that did arrive is found", async () => {
  const { venue, exchange, wall } = await opened();
  exchange.answers.set("place", () => lostReply);
  venue.send([place]);
  exchange.open = [row()];
  await wall.advance(6_000);
  assert.deepEqual(kinds(await heard(venue)), ["unknown", "accepted"]);
  venue.end();
});

Deno.test("while the socket is down everything is asked each second, and the stream takes over again", async () => {
  const made = await opened({ observes: new Set(["trade"]) });
  const { venue, exchange, wall, stream } = made;
  venue.send([place]);
  await turns();
  await heard(venue);
  stream().down();
  exchange.open = [row(4)];
  exchange.fills = [pastFill(1, 4)];
  exchange.positions = [aPosition(4)];
  await wall.advance(2_000);
  exchange.trades = [{
    tradeId: 5,
    time: at(1),
    price: ticks(10_000),
    quantity: lots(1),
    aggressor: "bid",
  }];
  await wall.advance(2_000);
  const events = await heard(venue);
  assert.deepEqual(kinds(events), ["fill", "trade"]);
  assert.ok(events.filter(({ kind }) => kind === "depth").length >= 3);
  assert.equal(venue.isReady, false);
  stream().up();
  stream().tell(depthFrame(100, 101));
  await liveFor(made, 2_000);
  assert.equal(venue.isReady, true);
  const asked = exchange.count("openOrders");
  await liveFor(made, 5_000);
  assert.equal(exchange.count("openOrders"), asked);
  assert.deepEqual(kinds(await heard(venue)), []);
  venue.end();
});

Deno.test("after each reconnect our orders are compared, also where it falls into a look", async () => {
  const made = await opened();
  const { venue, exchange, stream } = made;
  await liveFor(made, 3_000);
  const looks = () => exchange.count("openOrders");
  const before = looks();
  exchange.answers.set("openOrders", () => {
    exchange.answers.clear();
    stream().down();
    stream().up();
    return undefined;
  });
  stream().down();
  stream().up();
  await liveFor(made, 3_000);
  assert.equal(looks(), before + 2);
  await liveFor(made, 5_000);
  assert.equal(looks(), before + 2);
  venue.end();
});

Deno.test("a fill that the stream kept from us is found, and the stream begun anew", async () => {
  const made = await opened();
  const { venue, exchange, stream } = made;
  venue.send([place]);
  await liveFor(made, 2_000);
  await heard(venue);
  exchange.open = [row(4)];
  exchange.fills = [pastFill(1, 4, { time: at(2_500) })];
  exchange.positions = [aPosition(4)];
  await liveFor(made, 13_000);
  assert.deepEqual(kinds(await heard(venue)), ["fill"]);
  assert.deepEqual(stream().restarts, ["1 fills were not told"]);
  venue.end();
});

Deno.test("an end that the stream kept from us is found with its fills", async () => {
  const made = await opened();
  const { venue, exchange } = made;
  venue.send([place]);
  await liveFor(made, 2_000);
  exchange.open = [];
  exchange.past = [pastRow(4, "cancelled", { orderId: "1" })];
  exchange.fills = [pastFill(1, 4, { orderId: "1" })];
  exchange.positions = [aPosition(4)];
  await liveFor(made, 30_000);
  assert.deepEqual(kinds(await heard(venue)), ["accepted", "fill", "cancelled"]);
  venue.end();
});

Deno.test("a fill that a reply knows of and the stream does not tell is found within seconds", async () => {
  const made = await opened();
  const { venue, exchange } = made;
  await liveFor(made, 3_000);
  venue.send([place]);
  exchange.open = exchange.open.map((order) => ({
    ...order,
    status: "partlyFilled",
    executed: lots(4),
  }));
  await turns();
  venue.send([{ kind: "cancel", id: ID }]);
  exchange.fills = [pastFill(1, 4, { orderId: "1", time: at(3_000) })];
  exchange.positions = [aPosition(4)];
  await liveFor(made, 3_000);
  assert.deepEqual(kinds(await heard(venue)), ["accepted", "fill", "cancelled"]);
  venue.end();
});

Deno.test("fills are asked for from a while before the last look, not from the beginning", async () => {
  const made = await opened();
  await liveFor(made, 61_000);
  const from = made.exchange.fillsFrom;
  assert.ok(from !== undefined && from > at(15_000) && from < at(30_000));
  made.venue.end();
});

Deno.test("changed fees, leverage and a liquidation are said", async () => {
  const made = await opened();
  const { exchange, notices, venue } = made;
  exchange.account = {
    ...exchange.account,
    perpFees: { maker: 1, taker: 4 },
    spotFees: { maker: 0, taker: 0 },
    leverageLimit: 5,
    liquidating: true,
  };
  await liveFor(made, 11_000);
  assert.deepEqual(notices, [
    "warn: Fees in SOL_USDC_PERP are now 1 / 4 bps, before 2 / 5: this run plans by those it started with",
    "warn: The leverage limit is now 5, before 10",
    "error: The account is being liquidated",
  ]);
  venue.end();
});

Deno.test("a silent stream is begun anew", async () => {
  const { venue, wall, stream } = await opened();
  stream().tell(touch());
  await wall.advance(5_000);
  assert.deepEqual(stream().restarts, []);
  await wall.advance(1_000);
  assert.deepEqual(stream().restarts, ["silent for 5000 ms"]);
  venue.end();
});

Deno.test("an order with our tag that we never placed pauses the run", async () => {
  const { venue, stream, notices } = await opened();
  const strange = facts(0, { orderId: "8", clientId: 3_000_000_200 });
  stream().tell(message({ kind: "accepted" }, strange));
  assert.deepEqual(kinds(await heard(venue)), ["pause"]);
  assert.ok(notices.some((text) => text.includes("Order 8 carries our tag")));
  venue.end();
});

Deno.test("a position that no fill explains pauses the run, a fill on its way does not", async () => {
  const made = await opened();
  const { venue, exchange, notices } = made;
  exchange.positions = [aPosition(3)];
  exchange.fills = [pastFill(7, 3, { clientId: undefined, orderId: "900" })];
  await liveFor(made, 20_000);
  assert.deepEqual(kinds(await heard(venue)), ["foreignFill"]);
  exchange.positions = [aPosition(1)];
  await liveFor(made, 15_000);
  assert.deepEqual(kinds(await heard(venue)), ["pause"]);
  assert.ok(notices.some((text) => text.includes("is 1 lots and the fills add up to 3")));
  venue.end();
});

Deno.test("new rules are told, a new tick size or a closed market stops the run", async () => {
  const rows = [
    [{ state: "PostOnly" }, "state"],
    [{ minQuantity: lots(5) }, "rules"],
    [{ tickUnits: 5 }, "stop"],
    [{ basePerLot: 5, lotUnits: 5 }, "stop"],
    [{ state: "Closed" }, "stop"],
  ] as const;
  for (const [change, kind] of rows) {
    const made = await opened();
    made.exchange.market = { ...market, ...change };
    await liveFor(made, 61_000);
    assert.deepEqual(kinds(await heard(made.venue)), [kind]);
    made.venue.end();
  }
});

Deno.test("a market that is gone stops the run, one odd answer does not", async () => {
  const made = await opened();
  const refusal = { code: "INVALID_CLIENT_REQUEST", message: "Invalid market symbol" };
  made.exchange.answers.set("market", () => ({ kind: "refused", status: 400, refusal }));
  await liveFor(made, 61_000);
  assert.deepEqual(kinds(await heard(made.venue)), []);
  await liveFor(made, 60_000);
  assert.deepEqual(kinds(await heard(made.venue)), ["stop"]);
  made.venue.end();
});

Deno.test("funding is told once, and none from before the run", async () => {
  const made = await opened();
  const { venue, exchange } = made;
  const payment = (ms: number) => ({ market, time: at(ms), payment: cash(ms), rate: 0.0001 });
  exchange.paid = [payment(-5_000)];
  await liveFor(made, 2_000);
  exchange.paid = [payment(3_000), payment(-5_000)];
  await liveFor(made, 601_000);
  assert.deepEqual(kinds(await heard(venue)), ["funding"]);
  venue.end();
});

Deno.test("events are stamped with the exchange's time of receipt, never going back", async () => {
  let skewMs = 0;
  const wall = new ManualWall();
  const made = await opened({
    clock: {
      nowMs: () => wall.nowMs() + skewMs,
      measure: async (time) => void await time(),
      offsetMs: 0,
      skewed: false,
      strayed: false,
    },
  });
  const { venue, stream } = made;
  await heard(venue);
  stream().tell(message({ kind: "accepted" }, facts(0, { clientId: 5 })));
  skewMs = 500;
  stream().tell(fillMessage(1, 1, 1));
  skewMs = -500;
  stream().tell(fillMessage(2, 1, 2));
  const times = (await heard(venue)).map(({ time }) => time);
  assert.deepEqual(times, [at(500), at(500)]);
  venue.end();
});

Deno.test("a machine that has slept is told the exchange's time within seconds", async () => {
  const wall = new ManualWall();
  let strayed = false;
  const { venue, exchange, wall: passing } = await opened({
    clock: {
      nowMs: wall.nowMs,
      measure: async (time) => {
        await time();
        strayed = false;
      },
      offsetMs: 0,
      skewed: false,
      get strayed() {
        return strayed;
      },
    },
  });
  await passing.advance(5_000);
  const before = exchange.count("time");
  strayed = true;
  await passing.advance(3_000);
  assert.equal(exchange.count("time"), before + 1);
  venue.end();
});

Deno.test("a person's command is served first, and the end ends the loop", async () => {
  const { venue, stream } = await opened();
  await heard(venue);
  stream().tell(fillMessage(1, 1, 1));
  venue.ask("pause");
  const first = await venue.next();
  const second = await venue.next();
  assert.deepEqual([first?.kind, second?.kind], ["pause", "fill"]);
  const waiting = venue.next();
  venue.end();
  assert.equal(await waiting, undefined);
  assert.equal(await venue.next(), undefined);
});

Deno.test("the proof names our open orders, waits for what may still arrive, and admits ignorance", async () => {
  const { venue, exchange, wall } = await opened();
  exchange.answers.set("place", () => lostReply);
  venue.send([place]);
  await turns();
  exchange.open = [row(), row(0, { orderId: "900", clientId: 5 })];
  venue.end();
  let proof: unknown = "none yet";
  venue.prove().then((found) => proof = found?.map(({ id }) => id));
  await wall.advance(2_000);
  assert.equal(proof, "none yet");
  await wall.advance(200);
  assert.deepEqual(proof, [ID]);
  exchange.answers.set("openOrders", () => lostReply);
  venue.prove().then((found) => proof = found);
  await wall.advance(60_000);
  assert.equal(proof, undefined);
});

Deno.test("what still rests though its end was told is cancelled before the proof is given up", async () => {
  const { venue, exchange, wall, notices } = await opened();
  venue.end();
  exchange.open = [row(), row(0, { orderId: "900", clientId: 5 })];
  let proof: unknown = "none yet";
  venue.prove().then((found) => proof = found);
  await wall.advance(5_000);
  assert.deepEqual(proof, []);
  assert.equal(exchange.count("cancel"), 1);
  exchange.open = [row(), row(0, { orderId: "900", clientId: 5 })];
  exchange.answers.set("cancel", () => lostReply);
  venue.prove().then((found) => proof = found?.map(({ id }) => id));
  await wall.advance(60_000);
  assert.deepEqual(proof, [ID], "it ends in any case");
  assert.ok(notices.at(-1)?.endsWith("rest at the exchange: 77 (bid 0.1 at 100)"), notices.at(-1));
});

Deno.test("a bug in what hears the socket reaches the loop, and not the socket", async () => {
  let fails = false;
  const made = await opened({
    isOurs: (id) => {
      if (fails) throw new Error("planted");
      return isOurs(id);
    },
  });
  await heard(made.venue);
  fails = true;
  assert.doesNotThrow(() => made.stream().tell(message({ kind: "accepted" }, facts())));
  await assert.rejects(async () => {
    for (;;) await made.venue.next();
  }, { message: "planted" });
  made.venue.end();
});

Deno.test("with polling only there is no socket", async () => {
  const { venue, wall, exchange } = await opened({
    pollOnly: true,
    stream: () => assert.fail("a socket"),
  });
  venue.send([place]);
  await wall.advance(1_500);
  exchange.open = [];
  exchange.past = [pastRow(10, "filled", { orderId: "1" })];
  exchange.fills = [pastFill(1, 10, { orderId: "1" })];
  exchange.positions = [aPosition(10)];
  await wall.advance(6_000);
  const events = await heard(venue);
  assert.deepEqual(kinds(events), ["accepted", "fill"]);
  assert.ok(events.some(({ kind }) => kind === "account"));
  assert.ok(events.filter(({ kind }) => kind === "timer").length >= 7);
  assert.equal(venue.isReady, true);
  venue.end();
});

Deno.test("a bug in a chore reaches the loop", async () => {
  const made = await opened();
  made.exchange.answers.set("collateral", () => {
    throw new Error("planted");
  });
  await heard(made.venue);
  await made.wall.advance(6_000);
  await assert.rejects(async () => {
    for (;;) await made.venue.next();
  }, { message: "planted" });
  made.venue.end();
});
