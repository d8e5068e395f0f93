// The flags of `exchange`, read into what opens one. Everything a person typed is checked before a
// port is opened.

import { z } from "zod";
import { parseDecimal } from "../core/decimal.ts";
import type { Market } from "../core/market.ts";
import { COIN_DECIMALS } from "../core/units.ts";
import type { ExchangeSettings, Opening } from "../local/open.ts";
import { readText } from "./config_file.ts";
import { badValue, orComplain, refusalOf, unknownName, UserError } from "./errors.ts";
import { choiceFlag, numberFlag, seedFlag } from "./flags.ts";
import { parseJson } from "./json_text.ts";

/** Flags of `exchange`. */
export interface ExchangeFlags {
  readonly market?: readonly string[];
  readonly seed: string;
  readonly tape?: string;
  readonly keys?: string;
  readonly demoKey?: true;
  readonly faults?: string;
  readonly postOnlyReply: string;
  readonly port: string;
  readonly speed: string;
  readonly limits: boolean;
  readonly dataDir?: string;
}

/** What the flags say of an exchange, without the key that `--demo-key` makes. */
export type FlagSettings = Omit<ExchangeSettings, "stop" | "adminToken">;

const doing = "open the exchange";
const usualMarkets = ["SOL_USDC", "SOL_USDC_PERP"];

/** Reads the flags and the files they name. Throws `UserError` or `DataFault`. */
export async function exchangeSettings(flags: ExchangeFlags): Promise<FlagSettings> {
  const { parseFaults } = await import("../local/faults.ts");
  const seed = seedFlag(flags.seed);
  const port = numberFlag("--port", flags.port, { type: "integer", min: 0, max: 65_535 });
  const speed = numberFlag("--speed", flags.speed, { type: "number", min: 0.01, max: 10_000 });
  const postOnlyReply = choiceFlag("--post-only-reply", flags.postOnlyReply, ["error", "expired"]);
  const faults = orComplain("read --faults", () => parseFaults(flags.faults ?? ""));
  const markets = await marketsOf(flags.market ?? usualMarkets);
  const tape = flags.tape === undefined ? {} : { tape: await tapeOf(flags.tape, markets) };
  const accounts = flags.keys === undefined ? [] : accountsOf(flags.keys);
  const limits = flags.limits ? "on" : "off";
  const { dataDir } = flags;
  if (dataDir !== undefined) makeFolder(dataDir);
  return {
    ...{ markets, seed, accounts, faults, postOnlyReply, limits, speed, port, ...tape },
    ...(dataDir === undefined ? {} : { dataDir }),
  };
}

async function marketsOf(symbols: readonly string[]): Promise<readonly Market[]> {
  const { findMarket, knownMarkets } = await import("../data/markets.ts");
  const names = knownMarkets.map(({ symbol }) => symbol);
  return [...new Set(symbols)].map((given) => {
    const market = findMarket(given);
    if (market !== undefined) return market;
    const kind = "a known market, see: bpx-bot list markets";
    throw unknownName({ doing, key: "--market", kind, value: given, given, names });
  });
}

async function tapeOf(
  path: string,
  markets: readonly Market[],
): Promise<NonNullable<ExchangeSettings["tape"]>> {
  const [market, second] = markets;
  if (market === undefined || second !== undefined) {
    const rule = "must go with one --market";
    throw badValue({ doing, key: "--tape", rule, value: path });
  }
  const { readRecording } = await import("./recording.ts");
  const { source } = await readRecording([path], market, { errors: "refuse" }, undefined);
  if (source.kind === "tape") return { name: path, rows: source.tape };
  throw badValue({ doing, key: "--tape", rule: "must be ticks, not candles", value: path });
}

const account = z.strictObject({
  publicKey: z.string(),
  balances: z.record(z.string(), z.string().transform(coinsOf)),
});

/** A list of public keys with what each account holds: [{"publicKey", "balances": {"USDC": "100"}}]. */
function accountsOf(path: string): readonly Opening[] {
  const origin = `keys file "${path}"`;
  const { data, error } = z.array(account).safeParse(jsonOf(origin, readText(origin, path)));
  if (data === undefined) {
    const [issue] = error.issues;
    const place = issue === undefined ? "" : issue.path.join(".");
    throw new UserError(`Cannot read ${origin} as ${place}: ${issue?.message}`);
  }
  const keys = data.map(({ publicKey }) => publicKey);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice === undefined) return data;
  throw badValue({ doing, key: origin, rule: "must name a public key once", value: twice });
}

function jsonOf(origin: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`Cannot read ${origin} as it must be JSON: ${error.message}`);
  }
}

function coinsOf(text: string, context: z.RefinementCtx): number {
  const units = parseDecimal(text, COIN_DECIMALS);
  if (typeof units === "number" && units >= 0) return units;
  const message = `must be a decimal from 0 with at most ${COIN_DECIMALS} places, as text`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    const rule = `must be a folder that can be written: ${refusal}`;
    throw badValue({ doing, key: "--data-dir", rule, value: path });
  }
}
