// A comparison for people: each difference on a line with its cause, what each cause comes to, and the
// difference of the two results as a sum that anybody can add up again.

import { formatCash, formatPrice, formatQuantity, type Market, showCash } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { type Cash, cash, lots, type Micros, type Ticks } from "../core/units.ts";
import { type Cause, type Difference, NEAR_WITHIN, timeOf } from "./compare.ts";
import type { OrderLife } from "./compare_orders.ts";
import type { ComparedResult } from "./compare_runs.ts";
import { isoTime } from "./metrics.ts";

/** Lines of differences; all of them are in the JSON document. */
const MOST_LINES = 200;

const causes: { readonly [cause in Cause]: string } = {
  latency: "orders came to the book earlier or later than assumed",
  queue: "another place in the queue than assumed",
  "own impact": "our orders were part of the recorded book",
  person: "a person, the account or another run on it",
  rejection: "refused by the exchange in one of the runs",
  "missing data": "the market was not heard at that time",
  interaction: "several of these together",
  unexplained: "nothing that is known of the run explains it",
};

/** The comparison as lines. */
export function compareText(
  market: Market,
  result: ComparedResult,
  notes: readonly string[],
): readonly string[] {
  const { differences, matched, recorded, simulated, decisions, runs } = result;
  return [
    `Fills: ${recorded} recorded, ${simulated} simulated, ${matched} the same`,
    ...differences.slice(0, MOST_LINES).flatMap((one) => differenceLines(market, one, result)),
    ...(differences.length > MOST_LINES
      ? [`  and ${differences.length - MOST_LINES} more, see --json`]
      : []),
    ...(differences.length > 0 ? ["Causes", ...causeLines(market, result)] : []),
    ...profitLines(market, result),
    `Decisions: ${decisions.asked} simulated, ${decisions.equalViews} on views of both runs, ` +
    `${decisions.equal} of these equal`,
    `Simulations: ${runs}`,
    ...notes.map((note) => `Note: ${note}`),
  ];
}

/** The comparison as a document. Money is in decimal strings of quote currency. */
export function compareDocument(
  market: Market,
  result: ComparedResult,
  notes: readonly string[],
): object {
  const { differences, matched, recorded, simulated, decisions, runs, equity } = result;
  return {
    fills: { recorded, simulated, matched },
    differences: differences.map((one) => ({
      kind: one.kind,
      cause: one.cause,
      time: isoTime(timeOf(one)),
      ...placeOf(market, one),
      recordedAt: one.recorded === undefined ? null : isoTime(one.recorded.time),
      simulatedAt: one.simulated === undefined ? null : isoTime(one.simulated.time),
      value: formatCash(one.value),
      orders: livesOf(market, one, result),
    })),
    profit: {
      recorded: formatCash(equity.recorded),
      simulated: formatCash(equity.simulated),
      difference: formatCash(cash(equity.recorded - equity.simulated)),
      causes: Object.fromEntries(
        [...partsOf(result)].map(([name, part]) => [name, formatCash(part)]),
      ),
    },
    ...{ decisions, simulations: runs, notes },
  };
}

/** What the difference of the results is made of; the rest is valuation, funding and rounding. */
function partsOf(
  { byCause, ofMatched, equity }: ComparedResult,
): ReadonlyMap<string, Cash> {
  const parts = new Map<string, Cash>();
  for (const [cause, { value }] of byCause) parts.set(cause, value);
  if (ofMatched !== 0) parts.set("fees of the same fills", ofMatched);
  const sum = [...parts.values()].reduce((total, part) => total + part, 0);
  const rest = cash(equity.recorded - equity.simulated - sum);
  if (rest !== 0) parts.set("funding and last mark", rest);
  return parts;
}

function differenceLines(
  market: Market,
  one: Difference,
  result: ComparedResult,
): readonly string[] {
  const { side, quantity, price } = placeOf(market, one);
  const apart = one.recorded === undefined || one.simulated === undefined
    ? ""
    : ` by ${((Math.abs(one.recorded.time - one.simulated.time)) / 1e6).toFixed(3)} s`;
  const what = `${side} ${quantity} @ ${price}`;
  const line = `  ${isoTime(timeOf(one))}  ${what.padEnd(24)} ${one.kind}${apart}: ${one.cause}`;
  const isPlain = one.cause !== "interaction" && one.cause !== "unexplained";
  if (isPlain) return [line];
  const { recorded, simulated } = livesOf(market, one, result);
  return [line, `    recorded: ${recorded}`, `    simulated: ${simulated}`];
}

function placeOf(market: Market, { recorded, simulated, quantity }: Difference): {
  readonly side: Side | undefined;
  readonly quantity: string;
  readonly price: string;
} {
  const fill = recorded ?? simulated;
  const price = fill === undefined ? "" : formatPrice(market, fill.price);
  return { side: fill?.side, quantity: formatQuantity(market, quantity), price };
}

/** What became of the order in either run. */
function livesOf(market: Market, one: Difference, { orders }: ComparedResult) {
  const fill = one.recorded ?? one.simulated;
  const life = (lives: readonly OrderLife[]) =>
    lifeText(market, fill && nearest(lives, { ...fill, time: timeOf(one) }));
  return { recorded: life(orders.recorded), simulated: life(orders.simulated) };
}

function nearest(
  lives: readonly OrderLife[],
  { side, price, time }: { readonly side: Side; readonly price: Ticks; readonly time: Micros },
): OrderLife | undefined {
  return lives.findLast((life) =>
    life.side === side && life.price === price && life.sentAt <= time &&
    (life.endedAt ?? Infinity) >= time - NEAR_WITHIN
  );
}

function lifeText(market: Market, life: OrderLife | undefined): string {
  if (life === undefined) return "no order at that price";
  const { sentAt, restedAt, endedAt, filled, quantity, refused } = life;
  const clock = (time: Micros | undefined) =>
    time === undefined ? "never" : isoTime(time).slice(11);
  const text = (count: number): string => formatQuantity(market, lots(count));
  return `sent ${clock(sentAt)}, on the book ${clock(restedAt)}, gone ${clock(endedAt)}, filled ` +
    `${text(filled)} of ${text(quantity)}${refused === undefined ? "" : `, refused: ${refused}`}`;
}

function causeLines(market: Market, { byCause }: ComparedResult): readonly string[] {
  return [...byCause].map(([cause, { count, value }]) =>
    `  ${cause.padEnd(14)}${String(count).padStart(5)}  ${money(market, value).padStart(16)}` +
    `  ${causes[cause]}`
  );
}

function profitLines(market: Market, result: ComparedResult): readonly string[] {
  const { recorded, simulated } = result.equity;
  const difference = cash(recorded - simulated);
  const parts = [...partsOf(result)].map(([name, part]) => `${name} ${money(market, part)}`);
  return [
    `Equity at the end: ${showCash(recorded)} recorded, ${showCash(simulated)} simulated, ` +
    `difference ${money(market, difference)}`,
    ...(parts.length === 0 ? [] : [`  = ${parts.join(", ")}`]),
  ];
}

function money({ quote }: Market, value: Cash): string {
  return `${showCash(value, "signed")} ${quote}`;
}
