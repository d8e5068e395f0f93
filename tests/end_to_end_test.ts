// The whole bot against the local exchange: real HTTP, real sockets, real signatures, real processes
// killed for real. What must hold at the end is the same each time: nothing of ours rests, and both
// sides' books agree to the last unit.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { parseDecimal } from "../lib/core/decimal.ts";
import { COIN } from "../lib/core/units.ts";
import { keyPair, Signer } from "../lib/backpack/sign.ts";
import { parseFaults } from "../lib/local/faults.ts";
import type { Report } from "../lib/lab/report.ts";
import { aLiar } from "./support/liar.ts";
import { aLiveScene, type LiveScene, tightGrid } from "./support/live.ts";

const long = Deno.env.get("BPX_LONG") !== undefined;
const PERP = "SOL_USDC_PERP";
const everyFault = "drop=0.02,delay=0.05,duplicate=0.02,429=0.01,5xx=0.02,timeout=0.02,kill=0.01," +
  "silence=0.01,maintenance=0.001";

function accountOf({ exchange, publicKey }: LiveScene) {
  return exchange.world.account(publicKey) ?? assert.fail("no account");
}

/** Nothing rests, nothing is held, and what the ledger says was made is what the account has more. */
function assertSettled(scene: LiveScene, { ledger }: Report): void {
  const { world } = scene.exchange;
  const account = accountOf(scene);
  assert.deepEqual(world.openOrders(account), []);
  assert.equal(world.exchange.position(account.id, PERP), 0);
  const { available, locked } = world.exchange.balance(account.id, "USDC");
  const made = units(ledger.equityEnd) - units(ledger.equityStart);
  assert.equal(made, available + locked - 10_000 * COIN);
}

function units(text: string): number {
  const value = parseDecimal(text, 8);
  assert(typeof value === "number", text);
  return value;
}

Deno.test("ten minutes of market with every fault at once end clean, to the last unit", async () => {
  await using scene = aLiveScene({ speed: 30, faults: parseFaults(everyFault) });
  const { report, exitCode } = await scene.run(tightGrid, { durationSec: 20, onStop: "flatten" });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert(report.fills > 3, `only ${report.fills} fills`);
  assertSettled(scene, report);
});

Deno.test("a person's order is never touched: not by start, run, stop or flatten", async () => {
  await using scene = aLiveScene({ speed: 10 });
  const { url } = scene.exchange;
  const signer = new Signer(scene.secret);
  const order = {
    ...{ symbol: PERP, side: "Bid", orderType: "Limit", price: "146", quantity: "0.1" },
    ...{ timeInForce: "GTC", postOnly: true, clientId: 77 },
  };
  const stamp = { timestampMs: Date.now(), windowMs: 5000 };
  const reply = await fetch(`${url}/api/v1/order`, {
    method: "POST",
    headers: {
      ...signer.headers("orderExecute", order, stamp),
      "Content-Type": "application/json",
    },
    body: JSON.stringify(order),
  });
  const { id } = await reply.json();
  const banner: string[] = [];
  const { exitCode } = await scene.run(tightGrid, {
    ...{ durationSec: 4, onStop: "flatten" },
    confirm: (lines) => banner.push(...lines) > 0,
  });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert.match(banner.join("\n"), /1 open order of others in SOL_USDC_PERP: not touched/);
  const open = scene.exchange.world.openOrders(accountOf(scene));
  assert.deepEqual(open.map((one) => String(one.id)), [id]);
});

Deno.test("a new run is told of no fill of before it, whoever's it was", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  const before = await scene.run(tightGrid, { durationSec: 3 });
  assert(before.report.fills > 0);
  // The same books, where the fills are known as ours; and others, where they are a stranger's.
  const elsewhere = Deno.makeTempDirSync();
  for (const given of [{}, { dataDir: elsewhere, tag: 201 }]) {
    const { report, exitCode } = await scene.run(tightGrid, { ...given, durationSec: 2 });
    assert.deepEqual([exitCode, report.state.name], [0, "ACTIVE"], scene.notices.join("\n"));
  }
});

/** Kills the bot at each of `deaths` in turn, each process going on with what the last one left. */
async function killed(scene: LiveScene, at: "row" | "request", deaths: readonly number[]) {
  const { exchange, dataDir, secret } = scene;
  const settings = tightGrid.flatMap((set) => ["--set", set]);
  for (const n of deaths) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--quiet", "tests/support/dying_bot.ts", at, String(n)],
        ...["run", "--live", "-s", "grid", "-m", PERP, ...settings, "--tag", "200"],
        ...["--api-url", exchange.url, "--ws-url", exchange.ws, "--data-dir", dataDir],
        // One that does not die by then ends in order: a row or request that never came.
        ...["--duration", "30s"],
      ],
      env: { BPX_API_SECRET: secret, BPX_API_SECRET_FILE: "" },
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(code, 137, `at ${at} ${n}: ${new TextDecoder().decode(stderr)}`);
  }
}

const deaths = {
  row: long ? Array.from({ length: 120 }, (_, i) => i + 1) : [1, 2, 3, 7, 14, 26],
  request: long ? Array.from({ length: 60 }, (_, i) => i + 1) : [1, 2, 3, 5, 9],
};

for (const at of ["row", "request"] as const) {
  Deno.test(`killed after its n-th ${at}, the bot goes on: no orphan, no fill lost or doubled`, async () => {
    await using scene = aLiveScene({ speed: 200, seed: 5 });
    await killed(scene, at, deaths[at]);
    const started = performance.now();
    let ready = 0;
    const { report, exitCode } = await scene.run(tightGrid, {
      ...{ durationSec: 3, onStop: "flatten" },
      onRun: () => ready = performance.now() - started,
    });
    assert.equal(exitCode, 0, scene.notices.join("\n"));
    assert(ready < 5_000, `ready after ${ready} ms`);
    assertSettled(scene, report);
  });
}

Deno.test("a key of another secret ends the start with exit 7, and nothing rests", async () => {
  await using scene = aLiveScene();
  const signer = new Signer(keyPair().secret);
  await assert.rejects(scene.run(tightGrid, { signer }), { exitCode: 7 });
});

Deno.test("a clock set back an hour while it trades changes nothing", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  const real = Date.now;
  let setBackMs = 0;
  Date.now = () => real() - setBackMs;
  try {
    const { report, exitCode } = await scene.run(tightGrid, {
      ...{ durationSec: 2, onStop: "flatten" },
      onStatus: ({ openOrders }) => {
        if (openOrders.length > 0) setBackMs = 3_600_000;
      },
    });
    assert.equal(exitCode, 0, scene.notices.join("\n"));
    assert(report.fills > 0);
    assertSettled(scene, report);
  } finally {
    Date.now = real;
  }
});

/** Cancels an order as a person would, behind the bot's back. */
async function cancelByHand({ exchange, secret }: LiveScene, orderId: string): Promise<void> {
  const order = { symbol: PERP, orderId };
  const stamp = { timestampMs: Date.now(), windowMs: 5000 };
  const headers = new Signer(secret).headers("orderCancel", order, stamp);
  const reply = await fetch(`${exchange.url}/api/v1/order`, {
    method: "DELETE",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(order),
  });
  assert.equal(reply.status, 200, await reply.text());
}

Deno.test("an order that the exchange forgets is proven gone, and then placed anew", async () => {
  await using scene = aLiveScene();
  let forgotten: string | undefined;
  const lists = ["/api/v1/orders", "/wapi/v1/history/orders"];
  await using liar = aLiar(scene.exchange.url, async ({ method, path, forward }) => {
    if (method !== "GET" || !lists.includes(path) || forgotten === undefined) return undefined;
    const rows: { readonly id: string }[] = await (await forward()).json();
    return Response.json(rows.filter(({ id }) => id !== forgotten));
  });
  const stop = new AbortController();
  let wanted = 0;
  const { exitCode } = await scene.run(tightGrid, {
    ...{ durationSec: 60, feed: "requests", stop: stop.signal },
    urls: { api: liar.url, ws: scene.exchange.ws },
    onStatus: ({ openOrders, plan }) => {
      const open = scene.exchange.world.openOrders(accountOf(scene));
      const rests = openOrders.length === plan.orders.length && open.length === plan.orders.length;
      if (!rests || open.length === 0) return;
      if (forgotten !== undefined) return stop.abort();
      wanted = open.length;
      forgotten = String(open[0]?.id);
      cancelByHand(scene, forgotten);
    },
  });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert(wanted > 3 && stop.signal.aborted, "it was never placed anew");
  assert(scene.notices.some((text) => text.includes("left no trace")), scene.notices.join("\n"));
  assert.deepEqual(scene.exchange.world.openOrders(accountOf(scene)), []);
});

// Told twice by the socket is also among every fault at once, above.
for (const feed of long ? ["socket", "requests"] as const : ["requests"] as const) {
  Deno.test(`a fill that is reported twice is one fill, by ${feed}`, async () => {
    await using scene = aLiveScene({ speed: 200, seed: 5, faults: parseFaults("duplicate=1") });
    await using liar = aLiar(scene.exchange.url, async ({ path, forward }) => {
      if (path !== "/wapi/v1/history/fills") return undefined;
      const rows: unknown[] = await (await forward()).json();
      return Response.json(rows.flatMap((row) => [row, row]));
    });
    const { report, exitCode } = await scene.run(tightGrid, {
      ...{ durationSec: 2, onStop: "flatten", feed },
      urls: { api: liar.url, ws: scene.exchange.ws },
    });
    assert.equal(exitCode, 0, scene.notices.join("\n"));
    assert(report.fills > 3, `only ${report.fills} fills`);
    assertSettled(scene, report);
  });
}

Deno.test("a cancel answered with 202 and not done is asked for again, whatever fills meanwhile", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  const swallowed = new Set<string>();
  await using liar = aLiar(scene.exchange.url, ({ method, path, body }) => {
    if (method !== "DELETE" || path !== "/api/v1/order" || swallowed.has(body)) return undefined;
    swallowed.add(body);
    return new Response(null, { status: 202 });
  });
  const { report, exitCode } = await scene.run(tightGrid, {
    ...{ durationSec: 1, onStop: "flatten", feed: "requests" },
    urls: { api: liar.url, ws: scene.exchange.ws },
  });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert(swallowed.size > 3);
  assertSettled(scene, report);
});

Deno.test("two bots with one tag: the second does not start, here by the lock, elsewhere by the orders", async () => {
  await using scene = aLiveScene();
  const stop = new AbortController();
  const rests = Promise.withResolvers<void>();
  const first = scene.run(tightGrid, {
    ...{ durationSec: 60, stop: stop.signal },
    onStatus: ({ openOrders }) => openOrders.length > 0 && rests.resolve(),
  });
  await rests.promise;
  await assert.rejects(scene.run(tightGrid), { exitCode: 75 });
  const elsewhere = { dataDir: Deno.makeTempDirSync() };
  await assert.rejects(scene.run(tightGrid, elsewhere), /have tag 200 and are not in this journal/);
  stop.abort();
  assert.equal((await first).exitCode, 0, scene.notices.join("\n"));
  Deno.removeSync(elsewhere.dataDir, { recursive: true });
});

Deno.test("two bots with one tag, begun elsewhere at one moment, both stop quoting", async () => {
  await using scene = aLiveScene();
  const [here, there] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using liar = aLiar(scene.exchange.url, async ({ method }) => {
    // Nothing rests before both have looked whether anything does.
    if (method === "POST") await Promise.all([here.promise, there.promise]);
    return undefined;
  });
  const stop = new AbortController();
  const states = ["", ""];
  const run = (i: number, dataDir: string, onRun: () => void) =>
    scene.run(tightGrid, {
      ...{ durationSec: 60, dataDir, stop: stop.signal, onRun },
      urls: { api: liar.url, ws: scene.exchange.ws },
      onStatus: ({ state, openOrders }) => {
        states[i] = `${state.name} ${openOrders.length}`;
        if (states.every((text) => text === "HALTED 0")) stop.abort();
      },
    });
  const elsewhere = Deno.makeTempDirSync();
  const runs = await Promise.all([
    run(0, scene.dataDir, here.resolve),
    run(1, elsewhere, there.resolve),
  ]);
  assert(stop.signal.aborted, `${states}`);
  assert.deepEqual(runs.map(({ exitCode }) => exitCode), [0, 0], scene.notices.join("\n"));
  const told = scene.notices.filter((text) => text.includes("another bot may use this tag"));
  assert(told.length >= 2, scene.notices.join("\n"));
  assert.deepEqual(scene.exchange.world.openOrders(accountOf(scene)), []);
  Deno.removeSync(elsewhere, { recursive: true });
});

Deno.test("a journal that cannot be read ends the start, and the orders of the killed run stay", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  await killed(scene, "row", [14]);
  const path = `${scene.dataDir}/live.sqlite`;
  const rests = () => scene.exchange.world.openOrders(accountOf(scene)).length;
  const before = rests();
  assert(before > 0);
  const whole = `${scene.dataDir}/whole.sqlite`;
  {
    using journal = new DatabaseSync(path);
    journal.exec("PRAGMA user_version = 99");
    await assert.rejects(scene.run(tightGrid), { name: "JournalFault", kind: "newer" });
    journal.exec(`PRAGMA user_version = 1; VACUUM INTO '${whole}'`);
  }
  Deno.copyFileSync(whole, path);
  Deno.truncateSync(path, Deno.statSync(path).size - 6_000);
  await assert.rejects(scene.run(tightGrid), { name: "JournalFault", kind: "damaged" });
  assert.equal(rests(), before);
  Deno.copyFileSync(whole, path);
  const { report, exitCode } = await scene.run(tightGrid, { durationSec: 1, onStop: "flatten" });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assertSettled(scene, report);
});

/** Runs the program to its end, with `during` beside it once it has a name; gives all that it wrote. */
async function program(
  args: readonly string[],
  env: Record<string, string>,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "main.ts", ...args],
    env: { BPX_API_KEY: "", BPX_API_SECRET: "", BPX_API_SECRET_FILE: "", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  const begun = Promise.withResolvers<void>();
  const heard = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (/^Run /m.test(said)) begun.resolve();
    }
  });
  await Promise.race([begun.promise, child.status]);
  await during();
  await Promise.all([...heard, child.status]);
  return said;
}

/** Every file below a folder. */
function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("the secret is in no file and in no line, whatever goes wrong", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  const { exchange: { url, ws }, dataDir, secret } = scene;
  const settings = tightGrid.flatMap((set) => ["--set", set]);
  const run = [
    ...["run", "--live", "-s", "grid", "-m", PERP, ...settings, "--tag", "200", "--json"],
    ...["--api-url", url, "--ws-url", ws, "--data-dir", dataDir, "--duration", "2s"],
  ];
  const keys = { BPX_API_SECRET: secret };
  const asked: string[] = [];
  const told = [
    await program(run, keys, async () => {
      scene.exchange.faults.rates = parseFaults("429=0.05,5xx=0.1,timeout=0.02,kill=0.1");
      asked.push(await program(["status", "--json", "--data-dir", dataDir], {}));
    }),
    await program(run, { BPX_API_SECRET: `${secret}=` }),
    await program(run, { ...keys, BPX_API_KEY: secret }),
    await program([...run, "--tag", "x"], keys),
    await program([...run, "--api-url", "http://127.0.0.1:1"], keys),
    ...asked,
    ...scene.notices,
  ];
  assert.match(told[0] ?? "", /"kind":"report"/);
  assert.match(asked[0] ?? "", /"openOrders"/);
  const bytes = Buffer.from(secret, "base64");
  const forms = [
    secret,
    secret.replace(/=+$/, ""),
    bytes.toString("hex"),
    bytes.toString("base64url"),
  ];
  for (const text of told) for (const form of forms) assert(!text.includes(form), text);
  const files = filesIn(dataDir);
  assert(files.length > 3, `${files}`);
  for (const path of files) {
    const content = Buffer.from(Deno.readFileSync(path));
    for (const form of [...forms, bytes]) assert(!content.includes(form), path);
  }
});
