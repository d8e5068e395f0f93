// The report for people: one fact on a line, aligned, units shown, and what is not known said in
// words. The ledger is printed digit by digit as a sum, so that anybody can add it up again.

import { formatFixed } from "../core/decimal.ts";
import type { Side } from "../core/strategy.ts";
import { COIN_DECIMALS } from "../core/units.ts";
import type { Metrics } from "./metrics.ts";
import type { LedgerFacts, Report } from "./report.ts";
import { clock, percent, ratio, rounded, shown, signed, span, units } from "./report_words.ts";

type Fact = readonly [label: string, value: string];

const LABEL_WIDTH = 20;
/** Points weeks printed; a year of them hides the rest. */
const MOST_WEEKS = 8;

/** The whole report as text that fits `width` columns (64 or more) and ends in a line break. */
export function reportText(report: Report, { width }: { readonly width: number }): string {
  const { run, market } = report;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [`${run.strategy} on ${run.market}`, facts(headFacts(report), width)],
    ["Result", facts(resultFacts(report), width)],
    ["Orders and fills", facts(orderFacts(report), width)],
    ["Quoting", facts(quotingFacts(report), width)],
    ["Points weeks", facts(pointsFacts(report), width)],
    ["Risk", facts(riskFacts(report), width)],
    ["Ledger identity", ledgerLines(report.ledger, market.quote, width)],
    ["Data and assumptions", facts(dataFacts(report), width)],
  ];
  return `${
    sections.map(([title, body]) => [...wrapped(title, width), ...body].join("\n")).join("\n\n")
  }\n`;
}

/** Equity change − (realised + unrealised − fees + funding), in 1e-8 of quote; zero when it adds up. */
export function ledgerGap(ledger: LedgerFacts): number {
  const parts = units(ledger.realised) + units(ledger.unrealised) - units(ledger.fees) +
    units(ledger.funding);
  return units(ledger.equityEnd) - units(ledger.equityStart) - parts;
}

function headFacts({ run, data }: Report): readonly Fact[] {
  return [
    ["Run", `${run.id}, seed ${run.seed}, bpx-bot ${run.version}`],
    ["From", clock(data.from)],
    ["To", clock(data.to)],
  ];
}

function resultFacts({ market, metrics, profit }: Report): readonly Fact[] {
  const { bestDay, netPnl, worstDay } = metrics;
  const money = (text: string) => `${shown(text)} ${market.quote}`;
  const day = (result: Metrics["bestDay"]) =>
    result === null ? "none" : `${money(result.pnl)} on ${result.day}`;
  const part = percent(metrics.returnPct, "of no capital");
  return [
    ["Net profit", netPnl === null ? "not known: no equity sample" : `${money(netPnl)} (${part})`],
    ["completed pairs", `${money(profit.grid)} after fees`],
    ["inventory", `${money(profit.inventory)}, the rest of it`],
    ...(profit.gridEfficiency === null ? [] : [
      ["efficiency", `${(100 * profit.gridEfficiency).toFixed(1)} pairs in 100 rung crossings`],
    ] as const),
    ["Market", percent(metrics.marketChangePct, "not known")],
    ["Growth a year", percent(metrics.cagrPct, "not stated under 30 days")],
    ["Max drawdown", drawdown(metrics, money(metrics.maxDrawdown))],
    ["Under water", span(metrics.longestUnderwaterSec)],
    ["Sharpe, Sortino", ratios(metrics)],
    ["Calmar", ratio(metrics.calmar)],
    ["Days", `${metrics.daysWon} won, ${metrics.daysLost} lost, ${metrics.daysFlat} flat`],
    ["Best day", day(bestDay)],
    ["Worst day", day(worstDay)],
  ];
}

function orderFacts({ fills, market, metrics, orders }: Report): readonly Fact[] {
  const { expectancy, makerSharePct } = metrics;
  const money = (text: string) => `${shown(text)} ${market.quote}`;
  const made = makerSharePct === null ? "" : `, ${percent(makerSharePct, "")} of volume as maker`;
  const turnover = metrics.turnover === null
    ? ""
    : `, ${rounded(metrics.turnover)} times the capital`;
  return [
    ["Orders placed", `${orders.placed}`],
    ["cancelled", `${orders.cancelled}`],
    ["rejected", `${orders.rejected} by the exchange`],
    ["refused", `${orders.refused} by the risk gate`],
    ["Fills", `${fills}${made}`],
    ["Volume", `${money(metrics.volumeQuote)}${turnover}`],
    ["Fees", money(metrics.fees)],
    ["Round trips", `${metrics.roundTrips}`],
    ["won", percent(metrics.winRatePct, "none to count")],
    ["profit factor", ratio(metrics.profitFactor)],
    ["mean after fees", expectancy === null ? "not defined" : money(expectancy)],
    ["longest rows", `${metrics.maxConsecutiveWins} won, ${metrics.maxConsecutiveLosses} lost`],
    ["Position", position(metrics, market.base)],
  ];
}

function quotingFacts({ flow, market }: Report): readonly Fact[] {
  const { fillRatioPct, makerVolume, quotedSec, markoutBps } = flow;
  const bps = (value: number | null) =>
    value === null ? "not known" : `${value > 0 ? "+" : ""}${rounded(value)}`;
  const markouts = (side: Side) => {
    const { after1s, after5s, after30s } = markoutBps[side];
    return `${[after1s, after5s, after30s].map(bps).join(", ")} bps after 1, 5 and 30 s`;
  };
  return [
    ["Maker volume", `${shown(makerVolume)} ${market.quote}`],
    [
      "Filled",
      fillRatioPct === null
        ? "nothing was sent"
        : `${rounded(fillRatioPct)} % of what was sent as maker`,
    ],
    ["Bids", `out for ${span(quotedSec.bid)}`],
    ["markout", markouts("bid")],
    ["Asks", `out for ${span(quotedSec.ask)}`],
    ["markout", markouts("ask")],
  ];
}

function pointsFacts({ market, points: { tier, weeks } }: Report): readonly Fact[] {
  const money = (text: string) => `${shown(text)} ${market.quote}`;
  const { next, now, toNextUsd } = tier;
  const way = next === null
    ? ""
    : `; tier ${next.name} (${next.makerBps} and ${next.takerBps} bps)`;
  const lack = toNextUsd === null ? "" : ` is ${toNextUsd.toFixed(0)} USD of 30 days' volume away`;
  return [
    [
      "Fee tier",
      now === null ? "these fees are in no row of the table" : `${now.name}${way}${lack}`,
    ],
    ...(weeks.length > MOST_WEEKS
      ? [["Earlier", `${weeks.length - MOST_WEEKS} weeks, in the JSON`] as const]
      : []),
    ...weeks.slice(-MOST_WEEKS).map((week): Fact => {
      const volume = `${money(week.makerVolume)} as maker, ${money(week.takerVolume)} as taker`;
      const result = `fees ${money(week.fees)}, realised ${money(week.realised)}`;
      return [
        `To ${week.ends.slice(0, 10)}`,
        `${volume}; ${result}; cost ${rounded(week.costPer1000)} per 1,000 of volume`,
      ];
    }),
  ];
}

function riskFacts({ reason, refusals, state }: Report): readonly Fact[] {
  const by = state.rule === null ? "" : ` by ${state.rule}`;
  const at = state.since === null ? "" : ` at ${clock(state.since)}`;
  const counts = Object.entries(refusals).filter(([, count]) => count > 0);
  return [
    ["State", `${state.name}${by}${at}`],
    ...(state.text === null ? [] : [["because", state.text] as const]),
    ["Refusals", counts.length === 0 ? "none" : counts.map((c) => c.join(" ")).join(", ")],
    ["Last plan", reason ?? "gave no reason"],
  ];
}

function ledgerLines(ledger: LedgerFacts, quote: string, width: number): readonly string[] {
  const change = units(ledger.equityEnd) - units(ledger.equityStart);
  const gap = ledgerGap(ledger);
  const rows: readonly (readonly [string, string, number])[] = [
    ["", "equity at the end", units(ledger.equityEnd)],
    ["−", "equity at the start", units(ledger.equityStart)],
    ["=", "equity change", change],
    ["", "realised", units(ledger.realised)],
    ["+", "unrealised", units(ledger.unrealised)],
    ["−", "fees", units(ledger.fees)],
    ["+", "funding", units(ledger.funding)],
  ];
  const values = rows.map(([, , value]) => formatFixed(value, COIN_DECIMALS));
  const longest = Math.max(...values.map((value) => value.length));
  const sum = "realised + unrealised − fees + funding";
  const { identityError } = ledger;
  const account = identityError === null ? undefined : units(identityError);
  return [
    ...rows.map(([sign, label], i) =>
      `  ${sign.padEnd(2)}${label.padEnd(LABEL_WIDTH)}${
        (values[i] ?? "").padStart(longest)
      } ${quote}`
    ),
    ...[
      gap === 0
        ? `equity change ${signed(change)} = ${sum}`
        : `DOES NOT ADD UP: equity change ${signed(change)}, sum off by ${signed(gap)}`,
      account === undefined
        ? "the account is not the run's alone: equity is not compared with it"
        : account === 0
        ? "exchange account says the same: difference 0"
        : `EXCHANGE ACCOUNT DISAGREES: difference ${signed(account)}`,
    ].flatMap((line) => wrapped(line, width - 2)).map((line) => `  ${line}`),
  ];
}

function dataFacts({ commandsDigest, data, notes, run, timing }: Report): readonly Fact[] {
  const rate = timing.eventsPerSecond;
  const params = Object.entries(run.params).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`);
  return [
    ["Feed", `${run.feed}, ${data.rows} rows`],
    ...data.files.map((file) =>
      ["file", `${file.path} (${file.kind}, ${file.rows} rows)`] as const
    ),
    ["Rows skipped", `${data.skipped}`],
    ["Prices rounded", `${data.rounded}`],
    ["Bars missing", `${data.gaps}`],
    ["Fill model", run.fillModel],
    ["Latency", `${run.latencyMs} ms`],
    ["Fees", `${run.fees.makerBps} bps maker, ${run.fees.takerBps} bps taker`],
    ["Parameters", params.length === 0 ? "none" : params.join(" ")],
    ["Commands digest", commandsDigest],
    [
      "Events",
      rate === null ? `${timing.events}` : `${timing.events}, ${Math.round(rate)} a second`,
    ],
    ...notes.map((note) => ["Note", note] as const),
  ];
}

function facts(rows: readonly Fact[], width: number): readonly string[] {
  const indent = LABEL_WIDTH + 4;
  return rows.flatMap(([label, value]) => {
    // A label in small letters belongs to the fact above it.
    const part = /^[a-z]/.test(label) ? `    ${label}` : `  ${label}`;
    const [first = "", ...more] = wrapped(value, width - indent);
    return [`${part.padEnd(indent)}${first}`, ...more.map((line) => " ".repeat(indent) + line)];
  });
}

/** Breaks at spaces, and inside a word only where it alone is longer than a line. */
function wrapped(text: string, width: number): readonly string[] {
  const room = Math.max(width, 16);
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = "";
    }
    for (; word.length > room; word = word.slice(room)) lines.push(word.slice(0, room));
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function ratios({ returnPeriods, returnSampling, sharpe, sortino }: Metrics): string {
  const from = `${returnPeriods} ${returnSampling} returns`;
  if (sharpe === null && sortino === null) return `not defined from ${from}`;
  return `${ratio(sharpe)}, ${ratio(sortino)}, a year, from ${from}`;
}

function drawdown({ drawdownFrom, drawdownTo, maxDrawdownPct }: Metrics, money: string): string {
  if (drawdownFrom === null) return "none";
  const when = `from ${clock(drawdownFrom)} to ${clock(drawdownTo)}`;
  return `${money} (${percent(maxDrawdownPct, "")}) ${when}`;
}

function position({ maxPosition, minPosition }: Metrics, base: string): string {
  if (minPosition === null || maxPosition === null) return "not known";
  return `between ${minPosition} and ${maxPosition} ${base}`;
}
