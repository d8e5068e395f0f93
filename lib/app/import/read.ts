// Which old bot a file is of, told by its keys, and its settings as one flat list.

import { parseEnv } from "node:util";
import { loadStrategy } from "../strategies.ts";
import { parseJson } from "../json_text.ts";
import { UserError } from "../errors.ts";
import { defiGrid } from "./defi_grid.ts";
import { gridBot } from "./grid_bot.ts";
import { Found, type Imported, type Rules } from "./old.ts";
import { pointsGrid } from "./points_grid.ts";

interface Format {
  readonly kind: string;
  readonly strategy: string;
  /** A key that only this format has. */
  readonly sign: string;
  rules(values: ReadonlyMap<string, unknown>): Rules;
}

const formats: readonly Format[] = [
  { kind: "DeFi grid .env", strategy: "amm", sign: "GRID_STEP_BPS", rules: () => defiGrid },
  { kind: "grid bot config.json", strategy: "grid", sign: "trading.grid_num", rules: gridBot },
  {
    kind: "points grid config.json",
    strategy: "points",
    sign: "trading_settings.grid_price_interval",
    rules: pointsGrid,
  },
];

/** Reads the text of an old bot's file. Throws `UserError` where it is none of them. */
export async function readOld(path: string, text: string): Promise<Imported> {
  const values = valuesOf(path, text);
  const format = formats.find(({ sign }) => values.has(sign));
  if (format === undefined) {
    const signs = formats.map(({ kind, sign }) => `${sign} (${kind})`).join(", ");
    throw new UserError(`Cannot import "${path}" as it must hold one of ${signs}`);
  }
  const { kind, strategy } = format;
  const found = new Found((await loadStrategy(strategy)).params);
  found.apply(format.rules(values), values);
  return {
    kind,
    strategy,
    market: found.market,
    params: Object.fromEntries(found.params),
    risk: Object.fromEntries(found.risk),
    secrets: found.secrets,
    wantsPair: found.wantsPair,
    fates: found.fates,
  };
}

function valuesOf(path: string, text: string): ReadonlyMap<string, unknown> {
  if (!text.trimStart().startsWith("{") && !text.trimStart().startsWith("//")) {
    return new Map(Object.entries(parseEnv(text)));
  }
  try {
    return new Map(flat(parseJson(text), ""));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // What the parser says may quote the file, and the file holds keys.
    throw new UserError(`Cannot import "${path}" as it must be JSON`);
  }
}

function flat(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flat(inner, path === "" ? key : `${path}.${key}`)
  );
}
