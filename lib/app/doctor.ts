// What a person would want to know before the first live order, asked one thing at a time: the way to
// the exchange, the clock, the keys, the account's settings, the market. A check that cannot be made
// because an earlier one failed says so and is no failure of its own.

import type { Account, Collateral } from "../backpack/wire_account.ts";
import { formatCash, formatPrice, formatQuantity, type Market } from "../core/market.ts";
import { ticks } from "../core/units.ts";
import { type Connection, refusesKeys, valueOf } from "./connect.ts";
import { ExitCode, UserError } from "./errors.ts";

/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warn" | "fail";
  /** One line. */
  readonly text: string;
}

/** What is checked. */
export interface Patient {
  readonly connection: Connection;
  /** Why there is no key: none was set, or it was refused here. */
  readonly keys: Finding;
  /** Who may read the files that hold keys. */
  readonly files: readonly Finding[];
  /** Absent = no market is looked at. */
  readonly symbol?: string;
}

/** An offset of the clocks that is worth a word, and one that is worth a stop, in ms. */
const WARN_OFFSET_MS = 250;
const MOST_OFFSET_MS = 1_000;

/** Makes every check there is; never throws on what it finds. */
export async function examine(patient: Patient, signal: AbortSignal): Promise<readonly Finding[]> {
  const { connection, keys, files, symbol } = patient;
  const reached = await reach(connection, signal);
  if (reached.verdict === "fail") return [reached, ...files, keys];
  const findings = [reached, await clock(connection, signal), ...files, keys];
  if (symbol !== undefined) findings.push(await market(connection, symbol, signal));
  if (keys.verdict === "ok") findings.push(...await account(connection, signal));
  return findings;
}

/** 7 where the keys are refused, else 1 where anything failed. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const failed = findings.filter(({ verdict }) => verdict === "fail");
  if (failed.length === 0) return ExitCode.done;
  return failed.some(({ check }) => check === "keys" || check === "account")
    ? ExitCode.keysRefused
    : ExitCode.failure;
}

async function reach({ rest, urls }: Connection, signal: AbortSignal): Promise<Finding> {
  const check = "exchange";
  const { host } = new URL(urls.api);
  const reply = await rest.status(signal);
  if (reply.kind !== "ok") {
    return { check, verdict: "fail", text: complaint(() => valueOf(reply, "reach it", urls)) };
  }
  const { state, message } = reply.value;
  if (state === "Ok") return { check, verdict: "ok", text: `${host} answers` };
  return { check, verdict: "fail", text: `${host} is in maintenance: ${message ?? "no reason"}` };
}

async function clock({ clock, rest }: Connection, signal: AbortSignal): Promise<Finding> {
  const check = "clock";
  await clock.measure(() => rest.time(signal), signal);
  const { offsetMs } = clock;
  if (offsetMs === undefined) {
    return { check, verdict: "fail", text: "the exchange did not tell its time" };
  }
  const side = offsetMs > 0 ? "behind" : "ahead of";
  const text = `${Math.abs(Math.round(offsetMs))} ms ${side} the exchange`;
  const away = Math.abs(offsetMs);
  if (away > MOST_OFFSET_MS) {
    return { check, verdict: "fail", text: `${text}: set it by NTP before trading` };
  }
  return { check, verdict: away > WARN_OFFSET_MS ? "warn" : "ok", text };
}

async function market(
  { rest, urls }: Connection,
  symbol: string,
  signal: AbortSignal,
): Promise<Finding> {
  const check = "market";
  const reply = await rest.market(symbol, signal);
  if (reply.kind !== "ok") {
    const text = complaint(() => valueOf(reply, `read ${symbol}`, urls));
    return { check, verdict: "fail", text };
  }
  const { state } = reply.value;
  const text = `${symbol} is ${state}: ${rulesOf(reply.value)}`;
  return { check, verdict: state === "Open" ? "ok" : "warn", text };
}

function rulesOf(market: Market): string {
  const { base, quote, minQuantity } = market;
  return `tick ${formatPrice(market, ticks(1))} ${quote}, ` +
    `at least ${formatQuantity(market, minQuantity)} ${base} an order`;
}

async function account(connection: Connection, signal: AbortSignal): Promise<readonly Finding[]> {
  const { rest, urls } = connection;
  const reply = await rest.account(signal);
  if (reply.kind !== "ok") {
    const text = complaint(() => valueOf(reply, "ask for the account", urls));
    const refused = reply.kind === "refused" && refusesKeys(reply);
    return [{ check: refused ? "account" : "account data", verdict: "fail", text }];
  }
  const collateral = await rest.collateral(signal);
  const money = collateral.kind === "ok"
    ? moneyOf(collateral.value)
    : { verdict: "fail" as const, text: complaint(() => valueOf(collateral, "ask", urls)) };
  return [
    { check: "account", verdict: "ok", text: "the exchange takes the key" },
    ...settingsOf(reply.value),
    { check: "money", ...money },
  ];
}

function settingsOf(account: Account): readonly Finding[] {
  const { spotFees, perpFees, leverageLimit, autoLend, autoBorrowSettlements } = account;
  const fees = `perp ${perpFees.maker}/${perpFees.taker} bps, ` +
    `spot ${spotFees.maker}/${spotFees.taker} bps, maker/taker`;
  const orders = account.limitOrders + account.triggerOrders;
  return [
    { check: "fees", verdict: "ok", text: fees },
    { check: "leverage", verdict: "ok", text: `up to ${leverageLimit} for the whole account` },
    {
      check: "borrowing",
      verdict: autoBorrowSettlements ? "warn" : "ok",
      text: autoBorrowSettlements
        ? "the account borrows to settle losses: autoBorrowSettlements is on"
        : "the account does not borrow by itself",
    },
    {
      check: "lending",
      verdict: "ok",
      text: autoLend ? "balances are lent; spot orders call them back" : "off",
    },
    {
      check: "liquidation",
      verdict: account.liquidating ? "fail" : "ok",
      text: account.liquidating ? "the account is being liquidated" : "none",
    },
    {
      check: "open orders",
      verdict: "ok",
      text: orders === 0 ? "none" : `${orders} on the account; a run touches only its own`,
    },
  ];
}

function moneyOf(
  { netEquity, netEquityAvailable }: Collateral,
): Pick<Finding, "verdict" | "text"> {
  const text = `equity ${formatCash(netEquity)} USDC, available ${formatCash(netEquityAvailable)}`;
  return { verdict: netEquityAvailable > 0 ? "ok" : "warn", text };
}

/** What a call complains of, in its own words. */
function complaint(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "nothing";
}
