// One moment of a run as text: a screen for a terminal, one line for a log, one JSON object for a
// program. Pure, so that a test can hold every line to the width it was given.

import { formatCash, formatPrice, formatQuantity, showCash } from "../core/market.ts";
import type { Level, Side } from "../core/strategy.ts";
import { type Cash, cash } from "../core/units.ts";
import { showTime } from "./duration.ts";
import { oneLine, plain } from "./errors.ts";
import type { Size } from "./shell.ts";
import type { Status } from "./status.ts";

/** How far texts stand from the left. */
const indent = " ".repeat(11);

/** The status as lines: none wider than the terminal, and one fewer than its rows. */
export function screen(status: Status, size: Size): string[] {
  const { market, state, plan } = status;
  const heads = [
    `bpx-bot  ${status.mode}  ${market.symbol}  ${status.strategy}  ${showTime(status.time)} UTC`,
    `State      ${state.name}${state.text === undefined ? "" : `: ${state.text}`}`,
    `Market     ${touch(status)}`,
    `Position   ${formatQuantity(market, status.position)} ${market.base}`,
    `Equity     ${showCash(status.equity)} ${market.quote}`,
    ...folded(`PnL        ${pnl(status)}`, size.columns),
    ...folded(`Plan       ${planned(plan)}`, size.columns),
    ...refusals(status).slice(0, 3),
    ...surroundings(status),
    `Fills      ${status.fills}`,
    ...status.lastFills.slice(0, 5).map((fill) =>
      `${indent}${showTime(fill.time).slice(11)}  ${order(status, fill)}`
    ),
    `Orders     ${status.openOrders.length}`,
  ];
  const room = size.rows - 1;
  const lines = [...heads, ...ladder(status, room - heads.length)];
  return lines.slice(0, Math.max(1, room)).map((line) => fit(line, size.columns));
}

/** A line as two where the terminal is narrow: a figure cut short would be read as another figure. */
function folded(line: string, columns: number): string[] {
  const text = plain(line);
  if (text.length <= columns) return [text];
  const cut = text.slice(0, columns + 1).search(/ +\S*$/);
  if (cut <= indent.length) return [text];
  return [text.slice(0, cut), indent + text.slice(cut).trim()];
}

/** A reason that begins with the count of the orders is not told it twice. */
function planned({ orders, reason }: Status["plan"]): string {
  const count = orders.length === 1 ? "1 order" : `${orders.length} orders`;
  if (reason === undefined) return count;
  return reason.startsWith(count) ? reason : `${count}: ${reason}`;
}

/** The status as one line of a log. */
export function statusLine(status: Status): string {
  const { market, state, position, equity, fills } = status;
  const why = state.text === undefined ? "" : ` (${state.text})`;
  return oneLine(
    `${showTime(status.time)} ${state.name}${why}  ${touch(status)}` +
      `  position ${formatQuantity(market, position)} ${market.base}` +
      `  equity ${showCash(equity)}  pnl ${showCash(net(status), "signed")} ${market.quote}` +
      `  orders ${status.openOrders.length}  fills ${fills}`,
  );
}

/** The status as plain data: money, prices and quantities are decimal strings. */
export function statusJson(status: Status): object {
  const { market, pnl, plan, bestBid, bestAsk } = status;
  const level = ({ price, quantity }: Level) => ({
    price: formatPrice(market, price),
    quantity: formatQuantity(market, quantity),
  });
  const named = ({ side, tag, ...order }: Named) => ({
    side,
    ...level(order),
    ...(tag === undefined ? {} : { tag }),
  });
  return {
    kind: "status",
    run: status.run ?? null,
    time: new Date(Math.floor(status.time / 1_000)).toISOString(),
    mode: status.mode,
    market: market.symbol,
    strategy: status.strategy,
    state: status.state,
    bestBid: bestBid === undefined ? null : formatPrice(market, bestBid),
    bestAsk: bestAsk === undefined ? null : formatPrice(market, bestAsk),
    position: formatQuantity(market, status.position),
    equity: formatCash(status.equity),
    pnl: {
      realised: formatCash(pnl.realised),
      unrealised: formatCash(pnl.unrealised),
      fees: formatCash(pnl.fees),
      funding: formatCash(pnl.funding),
      grid: pnl.grid === undefined ? null : formatCash(pnl.grid),
      inventory: pnl.inventory === undefined ? null : formatCash(pnl.inventory),
    },
    openOrders: status.openOrders.map(named),
    plan: {
      orders: plan.orders.map(named),
      reason: plan.reason ?? null,
      refused: plan.refused.map((refusal) => ({
        ...refusal,
        price: formatPrice(market, refusal.price),
      })),
    },
    fills: status.fills,
    streams: status.streams ?? [],
    budget: status.budget ?? null,
    limits: status.limits ?? null,
    guard: status.guard === undefined ? null : named(status.guard),
    notices: status.notices ?? [],
  };
}

/** Cuts a text to `columns` cells of a terminal, and takes out what would move its cursor. */
export function fit(text: string, columns: number): string {
  let cells = 0;
  let line = "";
  for (const letter of plain(text)) {
    cells += wide(letter) ? 2 : 1;
    if (cells > columns) break;
    line += letter;
  }
  return line;
}

/** Letters that may take two cells (Hangul Jamo and all beyond): counted so even where they take one. */
function wide(letter: string): boolean {
  return (letter.codePointAt(0) ?? 0) >= 0x1100;
}

function touch({ market, bestBid, bestAsk }: Status): string {
  if (bestBid === undefined || bestAsk === undefined) return "no book yet";
  return `bid ${formatPrice(market, bestBid)}  ask ${formatPrice(market, bestAsk)}`;
}

function pnl(status: Status): string {
  const { realised, unrealised, fees, funding } = status.pnl;
  return [
    showCash(net(status), "signed"),
    `= realised ${showCash(realised, "signed")}`,
    `unrealised ${showCash(unrealised, "signed")}`,
    `fees ${showCash(cash(0 - fees), "signed")}`,
    `funding ${showCash(funding, "signed")}`,
  ].join("  ");
}

function net({ pnl }: Status): Cash {
  return cash(pnl.realised + pnl.unrealised - pnl.fees + pnl.funding);
}

function refusals(status: Status): string[] {
  return status.plan.refused.map(({ rule, limit, side, price }) =>
    `Refused    ${side} at ${formatPrice(status.market, price)} by ${rule}: limit ${limit}`
  );
}

/** What stands around the run: shown only where it is known. */
function surroundings({ market, guard, streams = [], notices = [] }: Status): string[] {
  const ages = streams.map(({ name, ageMs, state }) =>
    `${name} ${(ageMs / 1000).toFixed(1)} s${state === "stale" ? " (stale)" : ""}`
  );
  return [
    ...(guard === undefined ? [] : [
      `Guard      ${guard.side} ${formatQuantity(market, guard.quantity)} at ` +
      formatPrice(market, guard.price),
    ]),
    ...(ages.length === 0 ? [] : [`Heard      ${ages.join("  ")}`]),
    ...notices.slice(-2).map((line) => `Notice     ${line}`),
  ];
}

interface Named extends Level {
  readonly side: Side;
  readonly tag?: string;
}

function order({ market }: Status, { side, price, quantity, tag }: Named): string {
  const text = `${side} ${formatQuantity(market, quantity)} at ${formatPrice(market, price)}`;
  return tag === undefined ? text : `${text}  ${tag}`;
}

/** Open orders from the highest price down, those nearest the touch if there is room for few. */
function ladder(status: Status, room: number): string[] {
  const { openOrders } = status;
  const asks = openOrders.filter(({ side }) => side === "ask").sort((a, b) => a.price - b.price);
  const bids = openOrders.filter(({ side }) => side === "bid").sort((a, b) => b.price - a.price);
  const half = Math.max(0, Math.floor(room / 2));
  const forAsks = Math.min(asks.length, Math.max(half, room - bids.length));
  const shown = [
    ...asks.slice(0, Math.max(0, forAsks)).reverse(),
    ...bids.slice(0, Math.max(0, room - forAsks)),
  ];
  return shown.map((open) => indent + order(status, open));
}
