// What the README of ../shared/data (beside the repository) says of each recording, so that tests
// can hold the readers against it. Where the recordings are not at hand there is nothing to hold.

import assert from "node:assert/strict";
import type { Market } from "../../lib/core/market.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { sharedFile } from "./files.ts";

/** The facts of one recording; times in µs. */
export interface Stated {
  readonly path: string;
  readonly rows: number;
  readonly from: number;
  readonly to: number;
  readonly lowest: number;
  readonly highest: number;
  readonly missing: number;
  readonly zeroVolume: number;
  readonly sha256: string;
}

/** The recordings of one folder; none where they are not at hand. */
export function stated(folder: string): Stated[] {
  const readme = sharedFile("README.md");
  if (readme === undefined) return [];
  const chapter = Deno.readTextFileSync(readme).split("\n## ").find((text) =>
    text.startsWith(`${folder}/`)
  );
  const sections = (chapter ?? "").split("\n### ");
  const facts =
    /(\S+Z) to (\S+Z), (\d+) rows(?:, prices (\S+) to (\S+),)?[^]*sha256 ([0-9a-f]{64})/;
  return sections.flatMap((section) => {
    const name = section.slice(0, section.indexOf("\n"));
    const path = name.endsWith(".csv.gz") ? sharedFile(`${folder}/${name}`) : undefined;
    const [, from = "", to = "", rows, lowest, highest, sha256 = ""] = facts.exec(section) ?? [];
    if (path === undefined) return [];
    return [{
      path,
      rows: Number(rows),
      from: Date.parse(from) * 1000,
      to: Date.parse(to) * 1000,
      lowest: Number(lowest),
      highest: Number(highest),
      missing: Number(/\((\d+) bars missing\)/.exec(section)?.[1] ?? 0),
      zeroVolume: Number(/zero-volume bars (\d+)/.exec(section)?.[1] ?? 0),
      sha256,
    }];
  });
}

/** The market a recording is read as, from its name. */
export function marketOf(path: string): Market {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const symbol = name.startsWith("BTCUSDT-PERP")
    ? "BTCUSDT_PERP"
    : name.startsWith("BTCUSDT-SPOT")
    ? "BTCUSDT"
    : `${/BTC|ETH|SOL/.exec(name)?.[0]}_USDC_PERP`;
  const market = findMarket(symbol);
  assert.ok(market !== undefined, symbol);
  return market;
}
