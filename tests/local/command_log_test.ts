// What was asked of an exchange is enough to make it again: accounts, orders and history, to the unit.

import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { keyPair } from "../../lib/backpack/sign.ts";
import { lots, type Micros, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { type Birth, CommandLog, relive } from "../../lib/local/command_log.ts";
import { notedOf } from "../../lib/local/commands.ts";
import { World } from "../../lib/local/world.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { aMarket, COIN, NOON, PERP, SPOT } from "./scene.ts";

const born: Birth = { seed: 5, markets: [SPOT, PERP], tape: null, start: NOON };

/** An exchange that is, or is again, what its log says. */
class Lived implements Disposable {
  readonly world: World;
  readonly log: CommandLog;
  now: Micros = NOON;
  #isPast = true;

  constructor(path: string, birth = born) {
    this.log = new CommandLog(path, birth);
    const { start, seed, markets } = this.log.birth;
    const made = markets.map((symbol) => {
      const synth = new SynthMarket(aMarket(symbol), { seed, start });
      return [symbol, new TapeFeed(() => synth.chunk())] as const;
    });
    this.world = new World({
      markets: markets.map((symbol) => aMarket(symbol)),
      clock: () => this.now,
      feeds: new Map(made),
      start,
      onCommand: (command, at) => {
        if (!this.#isPast) this.log.note(command, at);
      },
    });
    relive(this.world, this.log.past, (at) => this.now = at);
    this.#isPast = false;
  }

  pass(seconds: number): void {
    this.now = micros(this.now + seconds * SECOND);
    this.world.advance();
  }

  [Symbol.dispose](): void {
    this.log[Symbol.dispose]();
  }
}

function stateOf({ world }: Lived): unknown {
  const { assets, lots: held } = world.exchange.totals();
  const accounts = world.accounts.map((account) => ({
    orders: account.orders,
    fills: account.fills,
    settlements: account.settlements,
    open: world.openOrders(account),
    positions: world.positions(account),
    terms: account.terms,
  }));
  const totals = [...assets, ...held].map(([name, total]) => `${name} ${total}`);
  const all = { totals, accounts, lastId: world.records.get(PERP)?.lastId };
  return JSON.parse(JSON.stringify(all));
}

async function tempFile(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  const remove = async () => await Deno.remove(folder, { recursive: true });
  return { path: `${folder}/commands.jsonl`, [Symbol.asyncDispose]: remove };
}

Deno.test("an exchange comes back as it was, and goes on as it would have", async () => {
  await using file = await tempFile();
  const { publicKey } = keyPair();
  let before: unknown;
  let later: unknown;
  {
    using first = new Lived(file.path);
    first.pass(10);
    const account = first.world.open(publicKey, { USDC: 10_000 * COIN, SOL: 50 * COIN });
    first.world.set(account, { leverage: 5, autoLend: false });
    for (let i = 0; i < 40; i++) {
      const { world } = first;
      const symbol = i % 2 === 0 ? PERP : SPOT;
      const side = i % 3 === 0 ? "ask" : "bid";
      const best = world.exchange.book(symbol).best(side) ?? ticks(1);
      void world.place(account, {
        symbol,
        side,
        clientId: i,
        type: "limit",
        price: best,
        quantity: lots(30 + i),
        timeInForce: "GTC",
        postOnly: i % 4 !== 0,
        reduceOnly: false,
        selfTradePrevention: "RejectMaker",
      });
      if (i % 10 === 9) world.cancelAll(account, symbol, "both");
      first.pass(1 + i % 3);
    }
    first.world.setRules(PERP, { minQuantity: lots(2) });
    ok(account.fills.length > 10 && first.world.openOrders(account).length > 0);
    before = stateOf(first);
    first.pass(60);
    later = stateOf(first);
  }
  using again = new Lived(file.path, { ...born, start: micros(NOON + SECOND) });
  equal(again.log.birth.start, NOON);
  again.now = micros(NOON + (10 + 79 + 60) * SECOND);
  again.world.advance();
  deepEqual(stateOf(again), later);
  equal(again.world.markets[1]?.minQuantity, 2);
  notDeepEqual(before, later);
});

Deno.test("a log that was cut off in a line is read to the line before", async () => {
  await using file = await tempFile();
  {
    using lived = new Lived(file.path);
    lived.world.open(keyPair().publicKey, { USDC: 1 });
    lived.world.open(keyPair().publicKey, { USDC: 2 });
  }
  const text = await Deno.readTextFile(file.path);
  await Deno.writeTextFile(file.path, text.slice(0, -5));
  {
    using lived = new Lived(file.path);
    equal(lived.world.accounts.length, 1);
    lived.world.open(keyPair().publicKey, { USDC: 3 });
  }
  using lived = new Lived(file.path);
  deepEqual(lived.world.accounts.map(({ terms }) => terms.balances), [{ USDC: 1 }, { USDC: 3 }]);
});

Deno.test("a log of another exchange, or with a line that is no command, is refused", async () => {
  await using file = await tempFile();
  {
    using _lived = new Lived(file.path);
  }
  throws(() => new Lived(file.path, { ...born, seed: 6 }), /other markets, seed or tape/);
  await Deno.writeTextFile(file.path, "nonsense\n", { append: true });
  throws(() => new Lived(file.path), /line 2 is no command/);
});

Deno.test("only a whole command is read", () => {
  const good = '{"at":1,"kind":"state","symbol":"A_B","state":"Closed"}';
  deepEqual(notedOf(good), { at: 1, kind: "state", symbol: "A_B", state: "Closed" });
  for (const bad of ["", "{}", good.replace("Closed", "Ajar"), good.replace('"at":1,', "")]) {
    equal(notedOf(bad), undefined);
  }
});
