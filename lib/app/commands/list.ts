// `list`: the strategies with their parameters, the presets and the markets this program knows
// without asking anyone.

import { formatPrice, formatQuantity, type Market } from "../../core/market.ts";
import { lots, ticks } from "../../core/units.ts";
import type { ParamSpec } from "../../core/params.ts";
import { showValue } from "../config.ts";
import { presetNames, readPreset } from "../config_file.ts";
import { ExitCode } from "../errors.ts";
import { choiceFlag } from "../flags.ts";
import { print, type Shell } from "../shell.ts";
import { loadStrategy, strategyNames } from "../strategies.ts";
import { table } from "../table.ts";

/** Flags of `list`. */
export interface ListFlags {
  readonly json?: true;
}

/** Prints what there is of `what`. */
export async function listCommand(what: string, flags: ListFlags, shell: Shell): Promise<number> {
  const kind = choiceFlag("list", what, ["strategies", "presets", "markets"]);
  const { data, text } = await listing(kind);
  print(shell, flags.json ? JSON.stringify(data, null, 2) : text);
  return ExitCode.done;
}

interface Listing {
  readonly data: unknown;
  readonly text: string;
}

function listing(kind: "strategies" | "presets" | "markets"): Listing | Promise<Listing> {
  switch (kind) {
    case "strategies":
      return strategies();
    case "presets":
      return presets();
    case "markets":
      return markets();
  }
}

async function strategies(): Promise<Listing> {
  const all = await Promise.all(strategyNames.map(loadStrategy));
  return {
    data: all.map(({ name, summary, params }) => ({ name, summary, params })),
    text: all.map(({ name, summary, params }) => {
      const rows = Object.entries(params)
        .map((
          [key, spec],
        ) => [`  ${key}`, showValue(spec.default), bounds(spec), spec.help]);
      return `${name}: ${summary}\n${table(rows)}`;
    }).join("\n\n"),
  };
}

function bounds(spec: ParamSpec): string {
  switch (spec.type) {
    case "flag":
      return "on or off";
    case "choice":
      return spec.choices.join(" | ");
    case "number":
    case "integer":
      return `${spec.min} to ${spec.max}${spec.unit === undefined ? "" : ` ${spec.unit}`}`;
  }
}

function presets(): Listing {
  const all = presetNames().map((name) => ({ name, ...readPreset(name) }));
  const rows = all.map((
    { name, market, strategy, description },
  ) => [name, market ?? "", strategy ?? "", description ?? ""]);
  const head = ["preset", "market", "strategy", "what it is"];
  return { data: all.map(({ origin: _, ...rest }) => rest), text: table([head, ...rows]) };
}

async function markets(): Promise<Listing> {
  const { findMarket, knownMarkets } = await import("../../data/markets.ts");
  const rows = knownMarkets.map(({ symbol }) => findMarket(symbol))
    .filter((market) => market !== undefined)
    .map(marketRow);
  const head = ["symbol", "kind", "tick", "lot", "least quantity"];
  return { data: knownMarkets, text: table([head, ...rows]) };
}

function marketRow(market: Market): string[] {
  const tick = `${formatPrice(market, ticks(1))} ${market.quote}`;
  const lot = `${formatQuantity(market, lots(1))} ${market.base}`;
  return [market.symbol, market.kind, tick, lot, formatQuantity(market, market.minQuantity)];
}
