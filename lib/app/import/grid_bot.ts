// The grid bot's `config.json`: groups api, trading, risk and telegram. Its volatility pause is a
// percentage of the price and no multiple of a median, so it becomes `atrPausePct`.

import type { RawParam } from "../../core/params.ts";
import { left, type Rule, type Rules, toParam, toSecret, toUrl } from "./old.ts";

const notYet = left("notifications are not built yet");

const toMarket: Rule = (found, value) => {
  found.market = String(value);
  found.mapped(`market ${found.market}`);
};

/** Fractions and percentages are both about: nobody halts at a loss of less than one percent. */
const toDrawdown: Rule = (found, value) => {
  const given = Number(value);
  if (given > 0 && given < 1) found.limit("maxDrawdownPct", 100 * given, "was a fraction");
  else found.limit("maxDrawdownPct", value);
};

/** The rules for one file; what is switched off in it stays off. */
export function gridBot(values: ReadonlyMap<string, unknown>): Rules {
  const isOn = (key: string) => values.get(key) === true;
  const when = (key: string, rule: Rule, otherwise: string) => isOn(key) ? rule : left(otherwise);
  const unless = (key: string, rule: Rule, otherwise: string) => isOn(key) ? left(otherwise) : rule;
  const pause = "risk.volatility_pause";
  const auto = "trading.auto_price";
  const bounds = "auto_price makes the bounds";
  const atr = (name: "atrPausePct" | "atrBars"): Rule => (found, value: RawParam) =>
    found.limit(name, value);
  return {
    "api.base_url": toUrl,
    "api.api_key": toSecret("BPX_API_KEY"),
    "api.api_secret": toSecret("BPX_API_SECRET"),
    "trading.symbol": toMarket,
    "trading.grid_upper": unless(auto, toParam("upper"), bounds),
    "trading.grid_lower": unless(auto, toParam("lower"), bounds),
    "trading.grid_num": toParam("levels"),
    "trading.quantity": toParam("quantity"),
    [auto]: toParam("autoPrice"),
    "trading.price_range": toParam("priceRange"),
    "trading.duration": (found, value) =>
      found.ignored(`a flag of the run: --duration ${String(value)}`),
    "trading.interval": left("plans follow the market, not a poll"),
    "trading.use_websocket": (found, value) =>
      found.ignored(value === false ? "a flag of the run: --no-stream" : "streams are the default"),
    "risk.max_drawdown": toDrawdown,
    [pause]: left("it is on where risk.atrPausePct is set"),
    "risk.atr_threshold": when(pause, atr("atrPausePct"), "volatility_pause is off"),
    "risk.atr_period": when(pause, atr("atrBars"), "volatility_pause is off"),
    "risk.email_alerts": notYet,
    "telegram.enabled": notYet,
    "telegram.bot_token": toSecret("BPX_TELEGRAM_TOKEN"),
    "telegram.chat_id": notYet,
  };
}
