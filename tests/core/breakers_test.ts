// The rules that change the state of the run: each limit at its boundary and with each action, how
// states end, what a restart keeps, and that nothing ever weakens by itself before its time.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Breakers, type BreakersSnapshot } from "../../lib/core/breakers.ts";
import type { RiskState } from "../../lib/core/holds.ts";
import { defaultLimits, type RiskAction, type RiskLimits } from "../../lib/core/limits.ts";
import { Bars, LastSecond } from "../../lib/core/motion.ts";
import { cash, cashOf, DAY, type Micros, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { after, START } from "../support/core.ts";

const CAPITAL = cashOf(10_000);
const MID = 10_000;
/** From `START` to the next whole minute, where bars begin. */
const BARS = 40_000;
/** A unit of cash, the least that money can differ by. */
const UNIT = 1e-8;

const noLosses: RiskLimits = (({ maxDrawdownPct: _, ...rest }) => rest)(defaultLimits);

function breakersOf(limits: Partial<RiskLimits>): Breakers {
  const breakers = new Breakers({ ...noLosses, ...limits }, CAPITAL);
  breakers.market(START, MID);
  return breakers;
}

interface Moment {
  readonly equityUsd?: number;
  readonly spread?: number;
  readonly flat?: boolean;
  readonly mid?: number;
}

/** Asks at `time`, of a market that has just moved unless it is `silent`. */
function ask(breakers: Breakers, time: Micros, moment: Moment = {}, market = "fresh"): boolean {
  const { equityUsd = 10_000, spread = 2, flat = false, mid = MID } = moment;
  if (market === "fresh") breakers.market(time, mid);
  return breakers.pulse({
    time,
    equity: cashOf(equityUsd),
    midTicks: mid,
    bestBid: ticks(mid - spread / 2),
    bestAsk: ticks(mid + spread / 2),
    flat,
  });
}

/** The state without its times. */
function shown({ name, rule, text, until }: RiskState): string {
  const end = until === undefined ? "" : ` until ${(until - START) / 1000} ms`;
  return rule === undefined ? name : `${name} by ${rule}${end}: ${text}`;
}

interface Limit {
  readonly rule: string;
  readonly limits: (action: RiskAction) => Partial<RiskLimits>;
  /** At the limit, and just beyond it. */
  readonly at: Moment;
  readonly beyond: Moment;
  readonly text: string;
}

const limits: readonly Limit[] = [
  {
    rule: "maxDrawdownPct",
    limits: (drawdownAction) => ({ maxDrawdownPct: 7, drawdownAction }),
    at: { equityUsd: 9300 },
    beyond: { equityUsd: 9299 },
    text: "maxDrawdownPct is 7.01 %, limit 7 %",
  },
  {
    rule: "dailyLossUsd",
    limits: (dailyLossAction) => ({ dailyLossUsd: 250.5, dailyLossAction }),
    at: { equityUsd: 9749.5 },
    beyond: { equityUsd: 9749.25 },
    text: "dailyLossUsd is 250.75 USD, limit 250.5 USD",
  },
  {
    rule: "runLossPct",
    limits: (runLossAction) => ({ runLossPct: 3, runLossAction }),
    at: { equityUsd: 9700 },
    beyond: { equityUsd: 9690 },
    text: "runLossPct is 3.1 %, limit 3 %",
  },
  {
    rule: "maxSpreadPct",
    limits: (spreadAction) => ({ maxSpreadPct: 0.5, spreadAction }),
    at: { spread: 50 },
    beyond: { spread: 52 },
    text: "maxSpreadPct is 0.52 %, limit 0.5 %",
  },
  {
    rule: "movePct1s",
    limits: (moveAction) => ({ movePct1s: 0.6, moveAction }),
    at: { mid: 10_060 },
    beyond: { mid: 10_061 },
    text: "movePct1s is 0.61 %, limit 0.6 %",
  },
];

const actions: readonly (readonly [RiskAction, string])[] = [
  ["pause", "HALTED until 6000 ms"],
  ["reduce", "REDUCING until 6000 ms"],
  ["halt", "HALTED"],
  ["flatten", "FLATTENING"],
];

for (const { rule, limits: settings, at, beyond, text } of limits) {
  Deno.test(`${rule} holds at its limit and breaks beyond it`, () => {
    const breakers = breakersOf(settings("halt"));
    assert.equal(ask(breakers, START), false);
    assert.equal(ask(breakers, after(500), at), false);
    assert.equal(shown(breakers.state), "ACTIVE");
    assert.equal(ask(breakers, after(1000), beyond), true);
    assert.equal(shown(breakers.state), `HALTED by ${rule}: ${text}`);
    assert.equal(breakers.state.since, after(1000));
    assert.equal(ask(breakers, after(1500), beyond), false);
  });

  for (const [action, expected] of actions) {
    Deno.test(`${rule} with action ${action} gives ${expected}`, () => {
      const breakers = breakersOf(settings(action));
      ask(breakers, START);
      ask(breakers, after(1000), beyond);
      const [name, until = ""] = expected.split(/ (?=until)/);
      assert.equal(
        shown(breakers.state),
        `${name} by ${rule}${until === "" ? "" : ` ${until}`}: ${text}`,
      );
    });
  }

  Deno.test(`${rule} that is not set never fires`, () => {
    const breakers = breakersOf({});
    ask(breakers, START);
    assert.equal(ask(breakers, after(1000), { equityUsd: 1, spread: 9000, ...beyond }), false);
  });
}

Deno.test("a loss is beyond its limit by a single unit of cash", () => {
  const breakers = breakersOf({ dailyLossUsd: 100 });
  ask(breakers, START);
  assert.equal(ask(breakers, after(1), { equityUsd: 9900 }), false);
  assert.equal(ask(breakers, after(2), { equityUsd: 9900 - UNIT }), true);
});

Deno.test("drawdown counts from the peak of the run, run loss from its start", () => {
  const breakers = breakersOf({ maxDrawdownPct: 10, runLossPct: 10 });
  ask(breakers, START, { equityUsd: 20_000 });
  ask(breakers, after(1), { equityUsd: 18_000 });
  assert.equal(breakers.state.name, "ACTIVE");
  ask(breakers, after(2), { equityUsd: 17_999 });
  assert.equal(breakers.state.rule, "maxDrawdownPct");
});

Deno.test("the day's loss counts from the first pulse of each UTC day", () => {
  const breakers = breakersOf({ dailyLossUsd: 100, dailyLossAction: "pause" });
  const midnight = micros(Math.ceil(START / DAY) * DAY);
  ask(breakers, START, { equityUsd: 10_000 });
  ask(breakers, micros(midnight - SECOND), { equityUsd: 9_900 });
  assert.equal(breakers.state.name, "ACTIVE");
  ask(breakers, midnight, { equityUsd: 9_850 });
  assert.equal(breakers.state.name, "ACTIVE");
  ask(breakers, micros(midnight + SECOND), { equityUsd: 9_749 });
  assert.equal(breakers.state.rule, "dailyLossUsd");
  ask(breakers, micros(midnight + DAY), { equityUsd: 9_749 });
  assert.equal(breakers.state.name, "ACTIVE", "a new day, and the cool-down is long over");
});

Deno.test("a pause lasts its cool-down from when its cause was last seen", () => {
  const breakers = breakersOf({ maxSpreadPct: 0.5, cooldownMs: 3000 });
  const wide = { spread: 100 };
  assert.equal(ask(breakers, after(0), wide), true);
  assert.equal(breakers.state.until, after(3000));
  assert.equal(ask(breakers, after(2000), wide), false);
  assert.equal(breakers.state.until, after(5000), "re-armed");
  assert.equal(ask(breakers, after(4999)), false);
  assert.equal(breakers.state.name, "HALTED");
  assert.equal(ask(breakers, after(5000)), true);
  assert.equal(shown(breakers.state), "ACTIVE");
});

Deno.test("a cause that outlasts the cool-down is no change", () => {
  const breakers = breakersOf({ maxSpreadPct: 0.5, cooldownMs: 0 });
  ask(breakers, after(0), { spread: 100 });
  assert.equal(ask(breakers, after(9000), { spread: 100 }), false);
  assert.equal(breakers.state.since, after(0));
});

Deno.test("stale data halts beyond staleMs and no longer than until it is fresh", () => {
  const breakers = breakersOf({ staleMs: 2000, cooldownMs: 60_000 });
  assert.equal(ask(breakers, after(2000), {}, "silent"), false);
  assert.equal(ask(breakers, after(2001), {}, "silent"), true);
  assert.equal(
    shown(breakers.state),
    "HALTED by staleMs until 2001 ms: staleMs is 2001 ms, limit 2000 ms",
  );
  assert.equal(ask(breakers, after(9000), {}, "silent"), false);
  assert.equal(ask(breakers, after(9001)), true);
  assert.equal(shown(breakers.state), "ACTIVE");
});

Deno.test("a market never heard of is stale", () => {
  const breakers = new Breakers(defaultLimits, CAPITAL);
  ask(breakers, START, {}, "silent");
  assert.equal(breakers.state.rule, "staleMs");
});

Deno.test("a pause outlives the stale spell that came over it", () => {
  const breakers = breakersOf({ maxSpreadPct: 0.5, staleMs: 2000, cooldownMs: 10_000 });
  ask(breakers, after(0), { spread: 100 });
  ask(breakers, after(5000), {}, "silent");
  assert.equal(breakers.state.rule, "maxSpreadPct");
  ask(breakers, after(9000));
  assert.equal(breakers.state.until, after(10_000));
});

Deno.test("a move is seen at the next pulse even when mid has come back", () => {
  const breakers = breakersOf({ movePct1s: 0.6 });
  ask(breakers, START);
  breakers.market(after(100), 9_900);
  breakers.market(after(200), MID);
  assert.equal(ask(breakers, after(9_000)), true);
  assert.equal(breakers.state.rule, "movePct1s");
});

const moves: readonly (readonly [string, readonly (readonly [number, number])[], number])[] = [
  ["nothing", [[0, 100]], 0],
  ["up", [[0, 100], [999, 102]], 2],
  ["up over exactly a second", [[0, 100], [1000, 102]], 2],
  ["up over more than a second", [[0, 100], [1001, 102]], 0],
  ["down is of the higher price", [[0, 200], [500, 190]], 5],
  [
    "from the lowest of the second, not the first",
    [[0, 100], [300, 98], [600, 99], [900, 105]],
    (100 * 7) / 98,
  ],
  ["a low that is too old", [[0, 50], [1500, 98], [2000, 99]], (100 * 1) / 98],
  ["two mids within ten milliseconds", [[0, 100], [1, 101], [2, 103]], 3],
];

for (const [name, mids, worst] of moves) {
  Deno.test(`the move within a second: ${name}`, () => {
    const second = new LastSecond();
    for (const [ms, mid] of mids) second.add(after(ms), mid);
    assert.equal(second.takeWorstPct(), worst);
    assert.equal(second.takeWorstPct(), 0, "asked once");
  });
}

const anyMids = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 90, max: 110 })),
  { maxLength: 60 },
);

Deno.test("the move within a second agrees with looking at every pair, never milder", () => {
  fc.assert(fc.property(anyMids, (steps) => {
    const second = new LastSecond();
    const seen: { ms: number; mid: number }[] = [];
    let ms = 0;
    for (const [step, mid] of steps) {
      ms += step;
      seen.push({ ms, mid });
      second.add(after(ms), mid);
      const worst = second.takeWorstPct();
      const within = (most: number) =>
        Math.max(
          ...seen.filter((old) => old.ms >= ms - most)
            .map((old) => (100 * Math.abs(mid - old.mid)) / old.mid),
        );
      assert.ok(worst >= within(1000) && worst <= within(1010));
      assert.ok(second.snapshot().lows.length <= 101);
    }
  }));
});

Deno.test("a thousand rising mids in a second leave a hundred entries", () => {
  const second = new LastSecond();
  for (let i = 0; i < 5000; i++) second.add(after(i), 1000 + i);
  assert.equal(second.snapshot().lows.length, 101);
  assert.equal(second.snapshot().highs.length, 1);
});

/** Feeds one-minute bars that range `ranges` ticks each, closing where they began; returns the time after them. */
function minutes(breakers: Breakers, ranges: readonly number[], from = BARS): number {
  ranges.forEach((range, i) => {
    const start = from + i * 60_000;
    ask(breakers, after(start), { mid: MID });
    ask(breakers, after(start + 20_000), { mid: MID + range });
    ask(breakers, after(start + 40_000), { mid: MID });
  });
  return from + ranges.length * 60_000;
}

const volatile = { atrPauseMultiple: 3, atrBars: 4, staleMs: 60_000, cooldownMs: 1000 };

Deno.test("ATR against its median is not ready before an hour of bars, and says so", () => {
  const breakers = breakersOf(volatile);
  minutes(breakers, Array(59).fill(10));
  assert.deepEqual(breakers.notes, [
    "atrPauseMultiple is not ready: has 3540 s of bars, needs an hour",
  ], "the bar of START and 58; the last is not closed");
  minutes(breakers, [10], BARS + 59 * 60_000);
  assert.deepEqual(breakers.notes, []);
  assert.deepEqual(breakersOf({}).notes, []);
});

Deno.test("ATR above the multiple of its median pauses until it has calmed down", () => {
  const breakers = breakersOf(volatile);
  const calm = minutes(breakers, Array(70).fill(10));
  // Mean of four: 10, 10, 10, 90 is exactly three times the median, which is not beyond it.
  const edge = minutes(breakers, [90], calm);
  ask(breakers, after(edge));
  assert.equal(breakers.state.name, "ACTIVE");
  const wild = minutes(breakers, [94], edge);
  ask(breakers, after(wild));
  assert.equal(breakers.state.rule, "atrPauseMultiple");
  assert.equal(breakers.state.text, "atrPauseMultiple is 5.1 × its median, limit 3 × its median");
  const after4 = minutes(breakers, [10, 10, 10, 10], wild);
  ask(breakers, after(after4 + 2000));
  assert.equal(breakers.state.name, "ACTIVE");
});

Deno.test("before it is ready ATR pauses nothing", () => {
  const breakers = breakersOf(volatile);
  minutes(breakers, [10, 10, 10, 10, 10, 500, 500, 500, 500]);
  assert.equal(breakers.state.name, "ACTIVE");
});

Deno.test("mean close-to-close movement beyond its part of the price pauses", () => {
  const breakers = breakersOf({ atrPausePct: 0.5, atrBars: 2, staleMs: 60_000 });
  const closes = [10_000, 10_050, 10_000, 10_051];
  closes.forEach((mid, i) => ask(breakers, after(i * 60_000), { mid }));
  assert.equal(breakers.state.name, "ACTIVE", "the last bar is not closed yet");
  assert.deepEqual(breakers.notes, []);
  ask(breakers, after(3 * 60_000 + BARS), { mid: 10_000 }, "silent");
  assert.equal(
    breakers.state.rule,
    "atrPausePct",
    "its end is enough, no mid of the next is needed",
  );
  assert.equal(breakers.state.text, "atrPausePct is 0.505 %, limit 0.5 %");
  const early = breakersOf({ atrPausePct: 0.5, atrBars: 2 });
  assert.deepEqual(early.notes, ["atrPausePct is not ready: has 0 of 2 bar-to-bar moves"]);
});

Deno.test("a gap between bars is part of the true range", () => {
  const bars = new Bars({ count: 1, barSec: 60 });
  const atr: number[] = [];
  [100, 110, 95].forEach((mid, i) => bars.add(after(i * 60_000), mid));
  bars.roll(after(180_000));
  for (const sample of bars.snapshot().samples) atr.push(sample.atr);
  assert.deepEqual(atr, [0, 10, 15]);
});

for (const barSec of [1, 60, 3600]) {
  Deno.test(`bars of ${barSec} s remember no more than a day`, () => {
    const bars = new Bars({ count: 3, barSec });
    const count = Math.ceil(90_000 / barSec) + 10;
    for (let i = 0; i < count; i++) bars.add(after(i * barSec * 1000), 1000 + (i % 2) * i);
    const { ranges, moves, samples } = bars.snapshot();
    assert.equal(ranges.length, 3);
    assert.equal(moves.length, 3);
    assert.equal(samples.length, barSec === 3600 ? 24 : 1440);
    const sorted = samples.map(({ atr }) => atr).sort((a, b) => a - b);
    const median = ((sorted[sorted.length / 2 - 1] ?? NaN) + (sorted[sorted.length / 2] ?? NaN)) /
      2;
    const atr = ranges.reduce((sum, range) => sum + range, 0) / 3;
    assert.equal(bars.multiple, atr / median);
    const restored = new Bars({ count: 3, barSec });
    restored.restore(bars.snapshot());
    assert.equal(restored.multiple, bars.multiple);
  });
}

Deno.test("the median of the day is that of the remembered ATRs", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 60, maxLength: 90 }),
    (ranges) => {
      const bars = new Bars({ count: 1, barSec: 60 });
      ranges.forEach((range, i) => {
        bars.add(after(BARS + i * 60_000), 1000);
        bars.add(after(BARS + i * 60_000 + 30_000), 1000 + range);
        bars.add(after(BARS + i * 60_000 + 50_000), 1000);
      });
      bars.roll(after(BARS + ranges.length * 60_000));
      const sorted = ranges.toSorted((a, b) => a - b);
      const half = sorted.length / 2;
      const middle = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
      const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
      assert.equal(bars.multiple, (ranges.at(-1) ?? NaN) / median);
    },
  ));
});

// Which state wins
const both = {
  maxSpreadPct: 0.5,
  maxDrawdownPct: 5,
  dailyLossUsd: 100,
  cooldownMs: 2000,
} satisfies Partial<RiskLimits>;

interface Contest {
  readonly spreadAction: RiskAction;
  readonly dailyLossAction: RiskAction;
  readonly winner: string;
}

const contests: readonly Contest[] = [
  { spreadAction: "reduce", dailyLossAction: "pause", winner: "HALTED by dailyLossUsd" },
  { spreadAction: "pause", dailyLossAction: "reduce", winner: "HALTED by maxSpreadPct" },
  { spreadAction: "pause", dailyLossAction: "flatten", winner: "FLATTENING by dailyLossUsd" },
  { spreadAction: "flatten", dailyLossAction: "halt", winner: "HALTED by dailyLossUsd" },
  { spreadAction: "halt", dailyLossAction: "flatten", winner: "HALTED by maxSpreadPct" },
];

for (const { winner, ...contest } of contests) {
  const name = `${contest.spreadAction} and ${contest.dailyLossAction}`;
  Deno.test(`of ${name} the stricter wins, whichever came first`, () => {
    const wide = { spread: 100 };
    const poor = { equityUsd: 9890 };
    for (const [first, second] of [[wide, poor], [poor, wide]]) {
      const breakers = breakersOf({ ...both, ...contest });
      ask(breakers, after(0));
      ask(breakers, after(100), first);
      ask(breakers, after(200), { ...first, ...second });
      const { name, rule } = breakers.state;
      assert.equal(`${name} by ${rule}`, winner);
    }
  });
}

Deno.test("a stricter hold that ends uncovers the weaker one below it", () => {
  const breakers = breakersOf({ ...both, spreadAction: "pause", dailyLossAction: "reduce" });
  ask(breakers, after(0));
  ask(breakers, after(100), { spread: 100 });
  ask(breakers, after(200), { equityUsd: 9890 });
  ask(breakers, after(2099));
  assert.equal(breakers.state.name, "HALTED");
  assert.equal(ask(breakers, after(2100)), true);
  assert.equal(breakers.state.name, "REDUCING");
  assert.equal(breakers.state.until, after(2200));
  ask(breakers, after(2200));
  assert.equal(breakers.state.name, "ACTIVE");
});

Deno.test("of equally strict holds the one that lasts longer is shown", () => {
  const breakers = breakersOf({ ...both, spreadAction: "pause", dailyLossAction: "pause" });
  for (
    const [from, first, second, rule] of [
      [0, { spread: 100 }, { equityUsd: 9890 }, "dailyLossUsd"],
      [9000, { equityUsd: 9890 }, { spread: 100 }, "maxSpreadPct"],
    ] as const
  ) {
    ask(breakers, after(from));
    ask(breakers, after(from + 100), first);
    ask(breakers, after(from + 200), second);
    assert.equal(breakers.state.rule, rule);
    assert.equal(breakers.state.until, after(from + 2200));
  }
});

Deno.test("flattening ends halted for good when flat, by the same rule", () => {
  const breakers = breakersOf({ dailyLossUsd: 100, dailyLossAction: "flatten" });
  const poor = { equityUsd: 9890 };
  ask(breakers, after(0));
  ask(breakers, after(1), poor);
  assert.equal(breakers.state.name, "FLATTENING");
  assert.equal(ask(breakers, after(2), { ...poor, flat: true }), true);
  assert.equal(breakers.state.name, "HALTED");
  assert.equal(breakers.state.rule, "dailyLossUsd");
  assert.equal(breakers.state.until, undefined);
  assert.equal(ask(breakers, after(99_999_000), poor), false, "and does not begin again");
});

// Commands
Deno.test("pause, halt and flatten by command last until resume", () => {
  for (const kind of ["pause", "halt"] as const) {
    const breakers = breakersOf({});
    assert.equal(breakers.command(kind, after(1)), true);
    assert.equal(shown(breakers.state), `HALTED by ${kind}: ${kind} by command`);
    assert.equal(breakers.command(kind, after(2)), false);
    assert.equal(ask(breakers, after(1_000_000)), false);
    assert.equal(breakers.command("resume", after(3)), true);
    assert.equal(shown(breakers.state), "ACTIVE");
    assert.equal(breakers.command("resume", after(4)), false);
  }
});

Deno.test("a commanded flatten leads out of a halt, is stopped by no limit, and ends halted", () => {
  const breakers = breakersOf({ maxDrawdownPct: 5 });
  ask(breakers, after(0), { equityUsd: 9000 });
  assert.equal(breakers.state.name, "HALTED");
  assert.equal(breakers.command("flatten", after(1)), true);
  ask(breakers, after(2), { equityUsd: 8000 });
  assert.equal(breakers.state.name, "FLATTENING");
  ask(breakers, after(3), { equityUsd: 8000, flat: true });
  assert.equal(breakers.state.name, "HALTED");
});

Deno.test("the last command counts", () => {
  const breakers = breakersOf({});
  breakers.command("flatten", after(1));
  breakers.command("pause", after(2));
  assert.equal(breakers.state.name, "HALTED");
  breakers.command("flatten", after(3));
  assert.equal(breakers.state.name, "FLATTENING");
  breakers.command("resume", after(4));
  assert.equal(breakers.state.name, "ACTIVE");
});

const losses: readonly (readonly [string, Partial<RiskLimits>, number])[] = [
  ["maxDrawdownPct", { maxDrawdownPct: 5 }, 9025],
  ["dailyLossUsd", { dailyLossUsd: 500 }, 9000],
  ["runLossPct", { runLossPct: 5 }, 9000],
];

for (const [rule, settings, nextUsd] of losses) {
  Deno.test(`after a resume ${rule} counts from the equity of that moment, also over a restart`, () => {
    const breakers = breakersOf(settings);
    ask(breakers, after(0));
    ask(breakers, after(1), { equityUsd: 9499 });
    assert.equal(breakers.state.rule, rule);
    ask(breakers, after(2), { equityUsd: 9500 - UNIT });
    breakers.command("resume", after(3));
    const limits = { ...noLosses, ...settings };
    const restarted = Breakers.restore(limits, CAPITAL, breakers.snapshot());
    for (const run of [breakers, restarted]) {
      assert.equal(ask(run, after(4), { equityUsd: nextUsd }), false);
      assert.equal(run.state.name, "ACTIVE");
      assert.equal(ask(run, after(5), { equityUsd: nextUsd - 1 }), true);
      assert.equal(run.state.rule, rule);
    }
  });
}

Deno.test("a resume leaves a loss limit that is not breached where it was", () => {
  const breakers = breakersOf({ dailyLossUsd: 500 });
  ask(breakers, after(0));
  ask(breakers, after(1), { equityUsd: 9600 });
  breakers.command("pause", after(2));
  breakers.command("resume", after(3));
  assert.equal(ask(breakers, after(4), { equityUsd: 9499 }), true);
});

Deno.test("equity gone to nothing cannot trade on", () => {
  const breakers = breakersOf({ maxDrawdownPct: 100 });
  ask(breakers, after(0), { equityUsd: 0 });
  assert.equal(breakers.state.name, "ACTIVE", "a fall of 100 % is at the limit");
  ask(breakers, after(1), { equityUsd: -1 });
  breakers.command("resume", after(2));
  ask(breakers, after(3), { equityUsd: -1 });
  assert.equal(breakers.state.rule, "maxDrawdownPct");
});

// Any course of events
const everything: Partial<RiskLimits> = {
  maxDrawdownPct: 4,
  dailyLossUsd: 300,
  runLossPct: 6,
  movePct1s: 0.5,
  maxSpreadPct: 0.4,
  atrPauseMultiple: 1.5,
  atrPausePct: 0.1,
  atrBars: 2,
  atrBarSec: 1,
  staleMs: 3000,
  cooldownMs: 2000,
};
const anyAction = fc.constantFrom<RiskAction>("pause", "reduce", "halt", "flatten");
const anyLimits = fc.record({
  drawdownAction: anyAction,
  dailyLossAction: anyAction,
  runLossAction: anyAction,
  moveAction: anyAction,
  spreadAction: anyAction,
  atrAction: anyAction,
}).map((actions) => ({ ...noLosses, ...everything, ...actions }));
const anySteps = fc.array(
  fc.record({
    stepMs: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.constant(5000)),
    fresh: fc.boolean(),
    equityUsd: fc.oneof(fc.constant(10_000), fc.integer({ min: 9_300, max: 10_100 })),
    mid: fc.integer({ min: 9_960, max: 10_040 }),
    spread: fc.constantFrom(2, 2, 2, 60),
    flat: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
type Step = Required<Moment> & { readonly stepMs: number; readonly fresh: boolean };

function walk(breakers: Breakers, steps: readonly Step[], from: number): number {
  let ms = from;
  for (const step of steps) {
    ms += step.stepMs;
    ask(breakers, after(ms), step, step.fresh ? "fresh" : "silent");
  }
  return ms;
}

function strictness({ name, until }: RiskState): number {
  const rank = { ACTIVE: 0, REDUCING: 1, FLATTENING: 3, HALTED: until === undefined ? 4 : 2 };
  return rank[name];
}

Deno.test("no state weakens by itself before its until", () => {
  fc.assert(
    fc.property(anyLimits, anySteps, (limits, steps) => {
      const breakers = new Breakers(limits, CAPITAL);
      let ms = 0;
      for (const step of steps) {
        const before = breakers.state;
        ms = walk(breakers, [step], ms);
        if (strictness(breakers.state) >= strictness(before)) continue;
        assert.ok(before.until !== undefined && after(ms) >= before.until);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("a restart in the middle changes nothing that follows", () => {
  fc.assert(
    fc.property(anyLimits, anySteps, anySteps, (limits, first, second) => {
      const going = new Breakers(limits, CAPITAL);
      const ms = walk(going, first, 0);
      const saved: BreakersSnapshot = JSON.parse(JSON.stringify(going.snapshot()));
      assert.deepEqual(saved, going.snapshot(), "plain data");
      const restarted = Breakers.restore(limits, CAPITAL, saved);
      assert.deepEqual(restarted.state, going.state);
      walk(going, second, ms);
      walk(restarted, second, ms);
      assert.deepEqual(restarted.snapshot(), going.snapshot());
      assert.deepEqual(restarted.notes, going.notes);
    }),
    { numRuns: 300 },
  );
});

Deno.test("bars of another length are not taken over", () => {
  const breakers = breakersOf(volatile);
  minutes(breakers, Array(62).fill(10));
  const limits = { ...noLosses, ...volatile, atrBarSec: 30 };
  const restarted = Breakers.restore(limits, CAPITAL, breakers.snapshot());
  assert.equal(restarted.notes.length, 1);
});

Deno.test("capital must be above zero", () => {
  assert.throws(() => new Breakers(defaultLimits, cash(0)), /capital must be above zero: 0/);
});

Deno.test("a command is a turn even where it changes nothing: a journal keeps a state then", () => {
  const breakers = new Breakers(defaultLimits, cash(1e12));
  breakers.command("pause", START);
  const before = breakers.heldBy;
  breakers.command("pause", START);
  assert.notEqual(breakers.heldBy, before);
});
