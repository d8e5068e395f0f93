// `list`: the strategies with their parameters, the presets, and the markets: the exchange's own list
// where it can be asked, else the one this program carries, which is said.

import { formatPrice, formatQuantity, type Market } from "../../core/market.ts";
import { lots, ticks } from "../../core/units.ts";
import type { ParamSpec } from "../../core/params.ts";
import { showValue } from "../config.ts";
import { presetNames, readPreset } from "../config_file.ts";
import { connect, type Connection, valueOf } from "../connect.ts";
import { badValue, ExitCode, UserError } from "../errors.ts";
import { choiceFlag } from "../flags.ts";
import { type Choice, pct, type Ranking, rankKinds, usd } from "../rank.ts";
import { print, type Shell, warn } from "../shell.ts";
import { loadStrategy, strategyNames } from "../strategies.ts";
import { table } from "../table.ts";
import { exchangeUrls, type UrlFlags } from "../urls.ts";

/** Flags of `list`. */
export interface ListFlags extends UrlFlags {
  readonly rank?: string;
  readonly json?: true;
}

/** Prints what there is of `what`. */
export async function listCommand(what: string, flags: ListFlags, shell: Shell): Promise<number> {
  const kind = choiceFlag("list", what, ["strategies", "presets", "markets", "schema"]);
  if (flags.rank !== undefined && kind !== "markets") {
    const rule = "must go with list markets";
    throw badValue({ doing: "list", key: "--rank", rule, value: flags.rank });
  }
  const { data, text } = await listing(kind, flags, shell);
  print(shell, flags.json ? JSON.stringify(data, null, 2) : text);
  return ExitCode.done;
}

interface Listing {
  readonly data: unknown;
  readonly text: string;
}

function listing(
  kind: "strategies" | "presets" | "markets" | "schema",
  flags: ListFlags,
  shell: Shell,
): Listing | Promise<Listing> {
  switch (kind) {
    case "strategies":
      return strategies();
    case "schema":
      return schema();
    case "presets":
      return presets();
    case "markets":
      return markets(flags, shell);
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

async function markets(flags: ListFlags, shell: Shell): Promise<Listing> {
  const urls = exchangeUrls(flags, shell);
  const rank = flags.rank === undefined ? undefined : choiceFlag("--rank", flags.rank, rankKinds);
  using connection = connect(urls, undefined);
  const { signal } = new AbortController();
  if (rank !== undefined) {
    const { chooseMarkets } = await import("../markets_live.ts");
    return ranked(await chooseMarkets(connection, rank, signal));
  }
  const { online, why } = await fromExchange(connection, signal);
  if (why !== undefined) warn(shell, `${why}: here is the list that comes with the program`);
  const all = online ?? await fromProgram();
  const head = ["symbol", "kind", "tick", "lot", "least quantity", "if not open"];
  return { data: all.map(marketJson), text: table([head, ...all.map(marketRow)]) };
}

/** The exchange's list, or in one line why there is none. */
async function fromExchange(connection: Connection, signal: AbortSignal): Promise<
  { readonly online?: readonly Market[]; readonly why?: string }
> {
  const { listedMarkets } = await import("../markets_live.ts");
  const reply = await listedMarkets(connection, signal);
  try {
    const { markets } = valueOf(reply, "ask for the markets", connection.urls);
    return { online: markets.map(({ market }) => market) };
  } catch (error) {
    if (error instanceof UserError) return { why: error.message };
    throw error;
  }
}

async function fromProgram(): Promise<readonly Market[]> {
  const { findMarket, knownMarkets } = await import("../../data/markets.ts");
  return knownMarkets.map(({ symbol }) => findMarket(symbol))
    .filter((market) => market !== undefined);
}

function ranked({ kind, chosen, leftOut }: Ranking): Listing {
  const head = ["market", "24 h volume", "spread", "bid depth", "range", "score"];
  const rows = chosen.map((choice) => [
    choice.market.symbol,
    usd(choice.volumeUsd),
    pct(choice.spreadPct),
    usd(choice.bidDepthUsd),
    pct(choice.rangePct),
    choice.score.toPrecision(3),
  ]);
  const out = leftOut.map(({ symbol, reason }) => [`  ${symbol}`, reason]);
  return {
    data: { kind, markets: chosen.map(choiceJson), leftOut },
    text: [
      chosen.length === 0 ? `No market is fit for ${kind}.` : table([head, ...rows]),
      ...(out.length === 0 ? [] : [`\nLeft out:\n${table(out)}`]),
    ].join("\n"),
  };
}

function choiceJson({ market, ...figures }: Choice) {
  return { symbol: market.symbol, ...figures };
}

function marketJson(market: Market) {
  const { symbol, base, quote, kind, state } = market;
  return {
    ...{ symbol, base, quote, kind, state },
    tickSize: formatPrice(market, ticks(1)),
    lotSize: formatQuantity(market, lots(1)),
    minQuantity: formatQuantity(market, market.minQuantity),
    minPrice: formatPrice(market, market.minPrice),
  };
}

function marketRow(market: Market): string[] {
  const tick = `${formatPrice(market, ticks(1))} ${market.quote}`;
  const lot = `${formatQuantity(market, lots(1))} ${market.base}`;
  const least = formatQuantity(market, market.minQuantity);
  return [
    market.symbol,
    market.kind,
    tick,
    lot,
    least,
    market.state === "Open" ? "" : market.state,
  ];
}

/** What editors check a preset or a configuration file by. */
async function schema(): Promise<Listing> {
  const { presetSchema } = await import("../preset_schema.ts");
  const text = await presetSchema();
  return { data: JSON.parse(text), text: text.trimEnd() };
}
