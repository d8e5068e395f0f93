// The points grid's `config.json`, with `//` remarks. Its daily loss limit was a key that nothing
// read, and its loss percentage stopped gains too; here both are limits of the risk gate.

import type { RawParam } from "../../core/params.ts";
import { left, type Rule, type Rules, toParam, toSecret, toUrl } from "./old.ts";

/** Delays below this were meant in seconds: nobody waits three milliseconds between two looks. */
const LEAST_MS = 100;

function toMs(name: string): Rule {
  return (found, value) => {
    const given = Number(value);
    if (given < LEAST_MS) found.param(name, Math.round(given * 1000), "was in seconds");
    else found.param(name, value);
  };
}

const toFraction: Rule = (found, value) =>
  found.param("capitalFraction", Number(value) / 100, "was a percentage; replaces usdPerBand");

const toTestnet: Rule = (found, value) => {
  if (value !== true) return found.ignored("the exchange itself is the default");
  found.doubt("there is no public test network: start `bpx-bot exchange` and use its --api-url");
};

/** The rules for one file. */
export function pointsGrid(values: ReadonlyMap<string, unknown>): Rules {
  const stops = values.get("risk_management.stop_loss_enabled") !== false;
  const quote = String(values.get("trading_settings.base_coin_symbol") ?? "USDC");
  const toMarket: Rule = (found, value: RawParam) => {
    const text = String(value);
    found.market = text.includes("_") ? text : `${text}_${quote}`;
    found.mapped(`market ${found.market}`);
  };
  return {
    api_key: toSecret("BPX_API_KEY"),
    secret_key: toSecret("BPX_API_SECRET"),
    base_url: toUrl,
    testnet: toTestnet,
    "trading_settings.target_symbol": toMarket,
    "trading_settings.base_coin_symbol": left("part of the market's name"),
    "trading_settings.grid_price_interval": toParam("bandWidth"),
    "trading_settings.grid_usdc_per_order": toParam("usdPerBand"),
    "trading_settings.num_grids": toParam("bands"),
    "trading_settings.out_want": toParam("target"),
    "trading_settings.trade_pct": toFraction,
    "trading_settings.delay_between_operations": toMs("everyMs"),
    "trading_settings.delay_between_grids": toMs("bandDelayMs"),
    "risk_management.max_loss_percentage": stops
      ? (found, value) => found.limit("runLossPct", value)
      : left("stop_loss_enabled is off"),
    "risk_management.stop_loss_enabled": left("it is on where risk.runLossPct is set"),
    "risk_management.max_position_size": (found, value) =>
      found.limit("maxPositionUsd", value, "taken as USD"),
    "risk_management.daily_loss_limit": (found, value) =>
      found.limit("dailyLossUsd", value, "taken as USD"),
  };
}
