// The back door opens with its token only, changes what it says, and refuses nonsense by name.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { keyPair } from "../../lib/backpack/sign.ts";
import { COIN, lots, micros, SECOND } from "../../lib/core/units.ts";
import { makeAdmin } from "../../lib/local/admin.ts";
import { type Clock, Faults, parseFaults } from "../../lib/local/faults.ts";
import { World } from "../../lib/local/world.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import { marketOf } from "../backpack/examples.ts";

const start = micros(1_788_367_430 * SECOND);
const { symbol } = marketOf("SOL_USDC_PERP");

Deno.test("nothing but /admin/ is answered, and that only with the token", async () => {
  const scene = aScene();
  equal(await scene.ask("GET", "/api/v1/status"), undefined);
  const rows: readonly (readonly [string, number])[] = [
    ["", 401],
    ["Bearer wrong", 401],
    ["Bearer ", 401],
    ["secret", 401],
    ["Bearer secret", 200],
  ];
  for (const [authorization, status] of rows) {
    const reply = await scene.ask("GET", "/admin/faults", undefined, authorization);
    equal(reply?.status, status, authorization);
  }
});

Deno.test("faults are set as a flag says them or as JSON, and are counted", async () => {
  const scene = aScene();
  for (const body of ["drop=1,429=0.5", '{"drop": 1, "429": 0.5}']) {
    scene.faults.rates = parseFaults("");
    const reply = await scene.post("faults", body);
    equal(reply?.status, 200);
    deepEqual(scene.faults.rates, parseFaults("drop=1,429=0.5"));
  }
  scene.faults.frame();
  const { rates, counts } = await (await scene.ask("GET", "/admin/faults"))?.json();
  deepEqual([rates.drop, counts.drop, counts.kill], [1, 1, 0]);
});

Deno.test("a market takes what it is told to take", async () => {
  const scene = aScene();
  equal((await scene.post("state", { symbol, state: "CancelOnly" }))?.status, 200);
  equal(scene.world.exchange.book(symbol).state, "CancelOnly");
});

Deno.test("a market gets other rules", async () => {
  const scene = aScene();
  const bands = { last: { min: 0.5, max: 1.5 } };
  equal((await scene.post("filters", { symbol, minQuantity: "0.50", bands }))?.status, 200);
  const market = scene.world.markets.find((one) => one.symbol === symbol);
  deepEqual([market?.minQuantity, market?.bands], [50, bands]);
});

Deno.test("a fall of the mark closes as much of a position as cannot bear it", async () => {
  const scene = aScene();
  const { world, account } = scene;
  await world.place(account, {
    symbol,
    side: "bid",
    type: "market",
    quantity: lots(500),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: "RejectTaker",
  });
  equal(world.positions(account)[0]?.view.lots, 500);
  const forced: string[] = [];
  world.listen(({ kind }) => void forced.push(kind));
  equal((await scene.post("liquidate", { symbol, price: "80.00" }))?.status, 200);
  scene.later(2);
  const left = world.positions(account)[0]?.view.lots ?? 0;
  ok(left > 0 && left < 500, `${left} lots are left: as many as the margin bears`);
  ok(forced.includes("liquidation"));
});

Deno.test("the clock is set wrong by what was asked", async () => {
  const scene = aScene();
  await scene.post("clock", { offsetMs: -2_500 });
  deepEqual(scene.offsets, [-2_500]);
});

Deno.test("nonsense is refused by name, and changes nothing", async () => {
  const scene = aScene();
  const rows: readonly (readonly [string, unknown, number, RegExp])[] = [
    ["faults", "drpo=1", 400, /current value is drpo/],
    ["state", { symbol, state: "Ajar" }, 400, /state/],
    ["state", { symbol: "NO_MARKET", state: "Open" }, 400, /no market NO_MARKET/],
    ["state", "{", 400, /JSON/],
    ["filters", { symbol, minQuantity: "0.001" }, 400, /minQuantity must be a quantity/],
    ["filters", { symbol, tickSize: "1" }, 400, /tickSize/],
    ["liquidate", { symbol, price: "0" }, 400, /price must be a price/],
    ["clock", { offsetMs: "soon" }, 400, /offsetMs/],
    ["clock", { offsetMs: 1e12 }, 400, /offsetMs/],
    ["everything", {}, 404, /there is no POST everything/],
    ["faults", "x".repeat(100_000), 413, /too long/],
  ];
  for (const [name, body, status, message] of rows) {
    const reply = await scene.post(name, body);
    equal(reply?.status, status, name);
    match((await reply?.json()).message, message);
  }
  deepEqual([scene.faults.rates, scene.offsets], [parseFaults(""), []]);
  equal(scene.world.exchange.book(symbol).state, "Open");
});

/** A quiet market at 100 USDC, an account with 100 of them, and the door to it. */
function aScene() {
  let nowSec = 1;
  const world = new World({
    markets: [marketOf(symbol)],
    clock: () => micros(start + nowSec * SECOND),
    feeds: new Map([[symbol, tapeFeed(quiet())]]),
    start,
    speedBumpMs: 0,
  });
  const account = world.open(keyPair().publicKey, { USDC: 100 * COIN });
  world.advance();
  const clock: Clock = { now: () => 0, sleep: () => Promise.resolve() };
  const stop = new AbortController().signal;
  const faults = new Faults({ rates: parseFaults(""), seed: 1, clock, stop });
  const offsets: number[] = [];
  const setClockOffset = (ms: number) => void offsets.push(ms);
  const admin = makeAdmin({ token: "secret", world, faults, setClockOffset });
  const ask = (
    method: string,
    path: string,
    body?: string,
    authorization = "Bearer secret",
  ) =>
    admin(
      new Request(`http://127.0.0.1${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        ...(authorization === "" ? {} : { headers: { authorization } }),
      }),
    );
  return {
    world,
    account,
    faults,
    offsets,
    ask,
    post: (name: string, body: unknown) =>
      ask("POST", `/admin/${name}`, typeof body === "string" ? body : JSON.stringify(body)),
    later(seconds: number) {
      nowSec += seconds;
      world.advance();
    },
  };
}

function quiet(): Tape {
  const tape = emptyTape(2);
  tape.kind.set([ROW.reset, ROW.bbo]);
  tape.time.fill(start);
  tape.price[1] = 9_999;
  tape.askPrice[1] = 10_001;
  tape.quantity[1] = tape.askQuantity[1] = 1_000_000;
  return tape;
}
