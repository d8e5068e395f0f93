// Tests lib/lab/compare.ts: which fills are the same, which differences there are, and that each has
// the cause whose circumstance alone takes it away; what nothing takes away is never hidden.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Side } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import {
  type Cause,
  compare,
  type Compared,
  type Match,
  matchFills,
  type RunFill,
} from "../../lib/lab/compare.ts";
import { after, perpMarket } from "../support/core.ts";

/** "bid 5 @ 100 at 2.5": lots, ticks, seconds. A fee of 3 for each lot. */
function fillsOf(text: string): RunFill[] {
  return text.split(", ").filter((one) => one !== "").map((one) => {
    const [side, quantity, , price, , at] = one.split(" ");
    assert.ok(side === "bid" || side === "ask", one);
    return fillOf(side, Number(quantity), Number(price), Number(at));
  });
}

function fillOf(side: Side, quantity: number, price: number, seconds: number): RunFill {
  const fee = cash(3 * quantity);
  return { time: after(1000 * seconds), side, price: ticks(price), quantity: lots(quantity), fee };
}

function textOf({ recorded, simulated, quantity }: Match): string {
  const at = (fill: RunFill | undefined) =>
    fill === undefined ? "-" : `${(fill.time - after(0)) / 1e6}`;
  const { side, price } = recorded ?? simulated ?? {};
  return `${side} ${quantity} @ ${price}: ${at(recorded)} ${at(simulated)}`;
}

function comparedOf(given: Partial<Compared>): Compared {
  return {
    ...{ market: perpMarket(), mark: ticks(110), recorded: [], simulated: [] },
    ...{ trials: [], together: [], known: () => undefined, ...given },
  };
}

const matchRows: readonly (readonly [string, string, string, readonly string[]])[] = [
  ["the same", "bid 5 @ 100 at 1", "bid 5 @ 100 at 1", ["bid 5 @ 100: 1 1"]],
  ["in parts", "bid 5 @ 100 at 1", "bid 2 @ 100 at 1, bid 3 @ 100 at 1.2", [
    "bid 2 @ 100: 1 1",
    "bid 3 @ 100: 1 1.2",
  ]],
  ["the nearest first", "bid 5 @ 100 at 1, bid 5 @ 100 at 9", "bid 5 @ 100 at 8", [
    "bid 5 @ 100: 9 8",
    "bid 5 @ 100: 1 -",
  ]],
  ["other sides and prices never", "bid 5 @ 100 at 1", "ask 5 @ 100 at 1, bid 5 @ 101 at 1", [
    "bid 5 @ 100: 1 -",
    "ask 5 @ 100: - 1",
    "bid 5 @ 101: - 1",
  ]],
  ["too far apart", "bid 5 @ 100 at 1", "bid 5 @ 100 at 61.1", [
    "bid 5 @ 100: 1 -",
    "bid 5 @ 100: - 61.1",
  ]],
  ["none", "", "", []],
];

Deno.test("fills of one side and price are matched lot by lot, the nearest first", () => {
  for (const [what, recorded, simulated, wanted] of matchRows) {
    assert.deepEqual(matchFills(fillsOf(recorded), fillsOf(simulated)).map(textOf), wanted, what);
  }
});

Deno.test("every lot of either run is in exactly one match", () => {
  const fill = fc.tuple(
    fc.constantFrom<Side>("bid", "ask"),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 100, max: 102 }),
    fc.integer({ min: 0, max: 200 }),
  ).map(([side, quantity, price, at]) => fillOf(side, quantity, price, at));
  const fills = fc.array(fill).map((all) => all.sort((a, b) => a.time - b.time));
  fc.assert(fc.property(fills, fills, (recorded, simulated) => {
    const matches = matchFills(recorded, simulated);
    const sum = (key: "recorded" | "simulated", fill: RunFill) =>
      matches.filter((match) => match[key] === fill).reduce((all, one) => all + one.quantity, 0);
    for (const fill of recorded) assert.equal(sum("recorded", fill), fill.quantity);
    for (const fill of simulated) assert.equal(sum("simulated", fill), fill.quantity);
  }));
});

const kindRows: readonly (readonly [string, string, readonly string[]])[] = [
  ["bid 5 @ 100 at 1", "bid 5 @ 100 at 2", []],
  ["bid 5 @ 100 at 1", "bid 5 @ 100 at 2.001", ["earlier"]],
  ["bid 5 @ 100 at 9", "bid 5 @ 100 at 1", ["later"]],
  ["bid 5 @ 100 at 1", "", ["only recorded"]],
  ["", "bid 5 @ 100 at 1", ["only simulated"]],
];

Deno.test("a second apart is the same fill, and more is not", () => {
  for (const [recorded, simulated, kinds] of kindRows) {
    const { differences, matched } = compare(
      comparedOf({ recorded: fillsOf(recorded), simulated: fillsOf(simulated) }),
    );
    assert.deepEqual(differences.map(({ kind }) => kind), kinds, `${recorded} / ${simulated}`);
    assert.equal(matched, kinds.length === 0 ? 1 : 0);
  }
});

const causeRows: readonly {
  readonly what: string;
  readonly simulated: string;
  readonly trials: readonly (readonly [Cause, string])[];
  readonly together?: string;
  readonly known?: Cause;
  readonly causes: readonly Cause[];
}[] = [
  {
    what: "the circumstance that takes it away",
    simulated: "",
    trials: [["queue", ""], ["latency", "bid 5 @ 100 at 1"]],
    causes: ["latency"],
  },
  {
    what: "of several the one that comes nearest to the recorded run",
    simulated: "",
    trials: [["queue", "bid 5 @ 100 at 1, ask 9 @ 120 at 5"], ["latency", "bid 5 @ 100 at 1"]],
    causes: ["latency"],
  },
  {
    what: "a part that is left is not gone",
    simulated: "",
    trials: [["queue", "bid 4 @ 100 at 1"]],
    causes: ["unexplained"],
  },
  {
    what: "moved, and still moved in the trial",
    simulated: "bid 5 @ 100 at 9",
    trials: [["queue", "bid 5 @ 100 at 8"], ["person", "bid 5 @ 100 at 1.5"]],
    causes: ["person"],
  },
  {
    what: "only simulated, and again in the trial",
    simulated: "bid 5 @ 100 at 1, ask 2 @ 120 at 4",
    trials: [["queue", "bid 5 @ 100 at 1, ask 2 @ 120 at 7"], ["latency", "bid 5 @ 100 at 1"]],
    causes: ["latency"],
  },
  {
    what: "only together",
    simulated: "",
    trials: [["queue", ""], ["latency", "bid 2 @ 100 at 1"]],
    together: "bid 5 @ 100 at 1",
    causes: ["interaction"],
  },
  {
    what: "what no simulation can repeat, but is known",
    simulated: "",
    trials: [["queue", ""]],
    together: "",
    known: "missing data",
    causes: ["missing data"],
  },
  {
    what: "nothing explains it",
    simulated: "",
    trials: [["queue", ""], ["latency", ""]],
    together: "",
    causes: ["unexplained"],
  },
];

Deno.test("a difference has the cause whose circumstance takes it away, or is unexplained", () => {
  for (const { what, simulated, trials, together, known, causes } of causeRows) {
    const { differences, byCause } = compare(comparedOf({
      recorded: fillsOf("bid 5 @ 100 at 1"),
      simulated: fillsOf(simulated),
      trials: trials.map(([cause, text]) => ({ cause, simulated: fillsOf(text) })),
      together: together === undefined
        ? []
        : [{ cause: "interaction", simulated: fillsOf(together) }],
      known: () => known,
    }));
    assert.deepEqual(differences.map(({ cause }) => cause), causes, what);
    assert.deepEqual([...byCause.keys()], causes, what);
  }
});

Deno.test("a planted fill that nobody made is not hidden among those that are explained", () => {
  const real = "bid 5 @ 100 at 1, ask 5 @ 120 at 3";
  const recorded = fillsOf(`${real}, bid 7 @ 93 at 4`);
  const trial = { cause: "latency", simulated: fillsOf(real) } as const;
  const { differences } = compare(comparedOf({
    ...{ recorded, simulated: fillsOf("ask 5 @ 120 at 3"), trials: [trial] },
  }));
  assert.deepEqual(differences.map(({ cause, recorded }) => [cause, recorded?.price]), [
    ["latency", 100],
    ["unexplained", 93],
  ]);
});

Deno.test("causes and matched fills add up to the difference of the two results", () => {
  const { cashPerTickLot } = perpMarket();
  const recorded = fillsOf("bid 5 @ 100 at 1, ask 2 @ 120 at 3");
  const simulated = [fillOf("bid", 5, 100, 1), fillOf("bid", 4, 105, 2)]
    .map((fill, i) => i === 0 ? { ...fill, fee: cash(9) } : fill);
  const { byCause, ofMatched } = compare(comparedOf({ recorded, simulated }));
  const worth = (side: 1 | -1, quantity: number, price: number, fee: number) =>
    side * quantity * (110 - price) * cashPerTickLot - fee;
  const results = [
    worth(1, 5, 100, 15) + worth(-1, 2, 120, 6),
    worth(1, 5, 100, 9) + worth(1, 4, 105, 12),
  ];
  const parts = [...byCause.values()].reduce<number>((sum, { value }) => sum + value, ofMatched);
  assert.equal(parts, (results[0] ?? 0) - (results[1] ?? 0));
  assert.equal(ofMatched, -6);
});
