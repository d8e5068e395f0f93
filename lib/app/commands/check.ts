// `check`: the merged settings with who decided each, and what a start would refuse. Starts nothing,
// asks no one, and shows no secret: it knows none.

import { formatCash, formatPrice, formatQuantity, type Market } from "../../core/market.ts";
import type { Side } from "../../core/strategy.ts";
import { lots } from "../../core/units.ts";
import { parseBalances, parseFees, parsePosition } from "../account.ts";
import { loadConfig, type Selectors, type Setting, showValue } from "../config.ts";
import { ExitCode } from "../errors.ts";
import { cleared, type FirstPlan, firstPlan, parseStartPrice } from "../first_plan.ts";
import { seedFlag } from "../flags.ts";
import { asksOf, type PluginFlags, pluginOf } from "../plugin_flags.ts";
import { print, type Shell } from "../shell.ts";
import { table } from "../table.ts";

/** Flags of `check`. */
export interface CheckFlags extends Selectors, PluginFlags {
  readonly price?: string;
  readonly balance?: string;
  readonly fees?: string;
  readonly position?: string;
  readonly seed: string;
  readonly force?: true;
  readonly json?: true;
}

/**
 * Prints the settings and the first plan. Throws `UserError` naming what a start would refuse; with
 * `--force` what may be forced is a warning.
 */
export async function checkCommand(flags: CheckFlags, shell: Shell): Promise<number> {
  using plugin = await pluginOf(flags, shell);
  const config = await loadConfig(flags, shell, plugin);
  const { market, settings } = config;
  const surroundings = {
    fees: parseFees(flags.fees, market),
    balances: parseBalances(flags.balance, market),
    position: flags.position === undefined ? lots(0) : parsePosition(flags.position, market),
    seed: seedFlag(flags.seed),
  };
  const { fees, balances } = surroundings;
  const price = parseStartPrice(flags.price ?? await synthStart(market), market);
  if (!flags.json) {
    print(shell, settingsText(settings));
    if (plugin !== undefined) print(shell, `\nThe plugin asks for ${asksOf(plugin)}`);
  }
  const at = { ...surroundings, price };
  const start = cleared(config, at, { force: flags.force === true });
  const first = firstPlan(start.config, at);
  const { warnings } = start;
  if (flags.json) {
    const plan = planJson(market, first);
    print(shell, JSON.stringify({ settings, fees, balances, warnings, start: plan }, null, 2));
  } else {
    const from = flags.price === undefined ? ", where the synthetic market starts" : "";
    print(shell, `\nA start at ${formatPrice(market, price)}${from}:`);
    print(shell, planText(market, first));
    for (const text of warnings) print(shell, `Warning    ${text}`);
  }
  return ExitCode.done;
}

/** Where the synthetic market of `run` starts. */
async function synthStart(market: Market): Promise<string> {
  const { synthPrice } = await import("../paper_run.ts");
  return String(synthPrice(market));
}

function settingsText(settings: readonly Setting[]): string {
  return table([
    ["setting", "value", "", "from"],
    ...settings.map(({ key, value, unit, origin }) => [
      key,
      showValue(value),
      value === null ? "" : unit ?? "",
      origin,
    ]),
  ]);
}

function planText(market: Market, { plan, approved, capital }: FirstPlan): string {
  const lines = [
    `Capital    ${formatCash(capital)} ${market.quote}`,
    `Bids       ${ladder(market, plan, "bid")}`,
    `Asks       ${ladder(market, plan, "ask")}`,
  ];
  if (plan.reason !== undefined) lines.push(`Plan       ${plan.reason}`);
  for (const { order, rule, limit, quantity } of approved.refused) {
    const what = `${order.side} ${formatQuantity(market, quantity)}`;
    lines.push(
      `Refused    ${what} at ${formatPrice(market, order.price)} by ${rule}: limit ${limit}`,
    );
  }
  return lines.join("\n");
}

function ladder(market: Market, plan: FirstPlan["plan"], side: Side): string {
  const prices = plan.orders.filter((order) => order.side === side).map(({ price }) => price)
    .sort((a, b) => a - b);
  const [low] = prices;
  const high = prices.at(-1);
  if (low === undefined || high === undefined) return "none";
  if (prices.length === 1) return `1 at ${formatPrice(market, low)}`;
  return `${prices.length} from ${formatPrice(market, low)} to ${formatPrice(market, high)}`;
}

function planJson(market: Market, { plan, approved, capital }: FirstPlan) {
  return {
    capital: formatCash(capital),
    orders: plan.orders.length,
    reason: plan.reason ?? null,
    refused: approved.refused.map(({ order, rule, limit, quantity }) => ({
      side: order.side,
      price: formatPrice(market, order.price),
      quantity: formatQuantity(market, quantity),
      rule,
      limit,
    })),
  };
}
