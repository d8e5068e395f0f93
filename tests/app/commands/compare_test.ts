// Tests lib/app/commands/compare.ts on whole paper runs: a run that met what a backtest assumes does
// not differ from it, and what it met instead is the cause that is named. Nothing planted is hidden.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { compareCommand, type CompareFlags } from "../../../lib/app/commands/compare.ts";
import type { Command, Event } from "../../../lib/core/event.ts";
import { parseDecimal } from "../../../lib/core/decimal.ts";
import { defaultParams } from "../../../lib/core/params.ts";
import type { Strategy } from "../../../lib/core/strategy.ts";
import { MILLISECOND } from "../../../lib/core/units.ts";
import type { Rig } from "../../../lib/lab/rig.ts";
import type { Venue } from "../../../lib/run.ts";
import flow from "../../../strategies/flow.ts";
import grid from "../../../strategies/grid.ts";
import { Folder } from "../../data/files.ts";
import { after } from "../../support/core.ts";
import { type JournaledRun, journaledRun } from "../../support/journaled.ts";
import { aShell } from "../../support/shell.ts";

/** A grid that is told every trade, so that its journal holds the whole market. */
const { needs: _, ...rest } = grid;
const strategy: Strategy = { ...rest, observes: ["fill", "book", "trade"] };
const params = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13 },
};
const gridRun = { strategy, params, synth: { durationSec: 300, volatilityPct: 150 } };

/** What `compare` says, as its document. */
interface Said {
  readonly fills: {
    readonly recorded: number;
    readonly simulated: number;
    readonly matched: number;
  };
  readonly differences: readonly { readonly cause: string; readonly kind: string; price: string }[];
  readonly profit: {
    readonly difference: string;
    readonly causes: { readonly [c: string]: string };
  };
  readonly decisions: { readonly asked: number; equalViews: number; readonly equal: number };
  readonly simulations: number;
}

async function compared(
  run: Omit<JournaledRun, "folder">,
  flags: Pick<CompareFlags, "latency"> = {},
  meddle: (dataDir: string) => void = () => {},
): Promise<{ readonly code: number; readonly said: Said; readonly text: string }> {
  using folder = new Folder();
  const dataDir = folder.path("");
  const { id } = await journaledRun({ ...run, folder: dataDir });
  meddle(dataDir);
  const [shell, people] = [aShell(), aShell()];
  const code = await compareCommand(id, { dataDir, ...flags, json: true }, shell, run.strategy);
  await compareCommand(id, { dataDir, ...flags }, people, run.strategy);
  return { code, said: JSON.parse(shell.printed.out), text: people.printed.out };
}

function causesOf({ differences }: Said): ReadonlyMap<string, number> {
  const groups = Map.groupBy(differences, ({ cause }) => cause);
  return new Map([...groups].map(([cause, all]) => [cause, all.length]));
}

/** A venue that is asked for more, and may keep what it is given. */
class Meddling implements Venue {
  readonly #inner: Venue;
  readonly #extra: Event[];
  readonly #takes: (command: Command) => boolean;
  #now = after(0);

  constructor({ venue }: Rig, extra: readonly Event[], takes: (command: Command) => boolean) {
    this.#inner = venue;
    this.#extra = [...extra];
    this.#takes = takes;
  }

  next(): Event | undefined {
    const [first] = this.#extra;
    if (first !== undefined && first.time <= this.#now) return this.#extra.shift();
    const event = this.#inner.next();
    assert.ok(!(event instanceof Promise));
    if (event !== undefined) this.#now = event.time;
    return event;
  }

  send(commands: readonly Command[]): void {
    const left = commands.filter((command) => !this.#takes(command));
    for (const { id } of commands.filter((command) => this.#takes(command))) {
      const time = after((this.#now - after(0)) / MILLISECOND + 100);
      this.#extra.push({ kind: "rejected", time, id, reason: "PostOnlyTaker" });
    }
    this.#inner.send(left);
  }
}

Deno.test("a run that met what the simulation assumes has no differences, and decided alike", async () => {
  const { code, said, text } = await compared(gridRun);
  assert.equal(code, 0);
  assert.ok(said.fills.recorded > 10, `${said.fills.recorded} fills`);
  assert.equal(said.fills.matched, said.fills.recorded);
  assert.deepEqual([said.differences, said.profit.causes, said.simulations], [[], {}, 1]);
  assert.ok(said.decisions.equalViews > said.decisions.asked / 2, "views must be comparable");
  assert.equal(said.decisions.equal, said.decisions.equalViews);
  assert.match(
    text,
    /^Run \S+ and its simulation\nFills: (\d+) recorded, \1 simulated, \1 the same\n/,
  );
});

Deno.test("with 500 ms more assumed than it was, latency is the cause", async () => {
  const run = { strategy: flow, params: defaultParams(flow.params) };
  const { code, said, text } = await compared(run, { latency: "550" });
  assert.equal(code, 0);
  const causes = causesOf(said);
  assert.ok((causes.get("latency") ?? 0) > 10, JSON.stringify([...causes]));
  assert.ok((causes.get("latency") ?? 0) >= 0.95 * said.differences.length);
  assert.equal(causes.get("unexplained"), undefined);
  assert.match(text, /latency +\d+ +[+-]\d+\.\d\d USDC +orders came to the book earlier or later/);
});

Deno.test("a person's pause is the cause of what was not filled then", async () => {
  const pauses = [
    { kind: "pause", time: after(60_000) },
    { kind: "resume", time: after(150_000) },
  ] as const;
  const { code, said } = await compared({
    ...gridRun,
    venue: (parts) => new Meddling(parts, pauses, () => false),
  });
  assert.equal(code, 0);
  assert.ok((causesOf(said).get("person") ?? 0) > 0);
  assert.equal(causesOf(said).get("unexplained"), undefined);
});

Deno.test("refused by the exchange and taken by the simulation, an order's fills are a rejection", async () => {
  const { code, said } = await compared({
    ...gridRun,
    venue: (parts) =>
      new Meddling(parts, [], (command) => command.kind === "place" && command.tag === "rung 8"),
  });
  assert.equal(code, 0);
  const causes = causesOf(said);
  assert.ok((causes.get("rejection") ?? 0) > 0, JSON.stringify([...causes]));
  assert.equal(causes.get("unexplained"), undefined);
});

Deno.test("a fill that no order of the run could have made is unexplained, and the exit code 1", async () => {
  const { code, said, text } = await compared(gridRun, {}, (dataDir) => {
    const database = new DatabaseSync(`${dataDir}/paper.sqlite`);
    database.exec(`UPDATE rows SET event = json_replace(event, '$.price', 12345)
      WHERE seq = (SELECT seq FROM rows WHERE kind = 'fill' ORDER BY seq LIMIT 1 OFFSET 4)`);
    database.close();
  });
  assert.equal(code, 1);
  const planted = said.differences.filter(({ price }) => price === "123.45");
  assert.deepEqual(planted.map(({ cause, kind }) => [cause, kind]), [[
    "unexplained",
    "only recorded",
  ]]);
  assert.match(text, /@ 123\.45 +only recorded: unexplained\n +recorded: no order at that price/);
});

Deno.test("the parts of the difference of the results are its sum", async () => {
  const run = { strategy: flow, params: defaultParams(flow.params), latencyMs: 300 };
  const { said } = await compared(run, { latency: "20" });
  const units = (text: string) => {
    const value = parseDecimal(text, 8);
    assert.ok(typeof value === "number", text);
    return value;
  };
  const { causes, difference } = said.profit;
  const sum = Object.values(causes).reduce((sum, part) => sum + units(part), 0);
  assert.ok(units(difference) !== 0 && Object.keys(causes).length > 0);
  assert.equal(sum, units(difference));
});
