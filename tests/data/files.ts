// Small recordings for the tests of this folder: written to a folder that is removed afterwards,
// or held in memory and cut into pieces of any length.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { defineMarket, type Market } from "../../lib/core/market.ts";
import { DataFault } from "../../lib/data/fault.ts";
import type { Source } from "../../lib/data/source.ts";

/** A market with a tick of 0.01 and a lot of 0.01. */
export const sol: Market = defineMarket({
  symbol: "SOL_USDC",
  base: "SOL",
  quote: "USDC",
  kind: "spot",
  tickSize: "0.01",
  lotSize: "0.01",
  minQuantity: "0.01",
  minPrice: "0.01",
});

/** As `sol`, with a tick of 0.25: rounding to it is not cutting off decimals. */
export const coarse: Market = defineMarket({
  symbol: "COARSE_USDC",
  base: "COARSE",
  quote: "USDC",
  kind: "spot",
  tickSize: "0.25",
  lotSize: "0.5",
  minQuantity: "0.5",
  minPrice: "0.25",
});

/** A folder of test files, removed when the block ends. */
export class Folder implements Disposable {
  readonly #path = Deno.makeTempDirSync({ prefix: "bpx-data-" });

  /** Writes a text as it is, or compressed when the name ends in .gz. Returns the path. */
  write(name: string, text: string | readonly string[]): string {
    const whole = typeof text === "string" ? text : `${text.join("\n")}\n`;
    const bytes = new TextEncoder().encode(whole);
    return this.writeBytes(name, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  }

  writeBytes(name: string, bytes: Uint8Array): string {
    Deno.writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  path(name: string): string {
    return `${this.#path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#path, { recursive: true });
  }
}

/** A source in memory, handed out in pieces of `pieceLength` bytes. */
export function memorySource(text: string, pieceLength = 1 << 20): Source {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    pieces.push(bytes.slice(at, at + pieceLength));
  }
  const header = text.slice(0, text.indexOf("\n")).trimEnd().split(",");
  return { path: "memory.csv", header, sha256: "", chunks: () => pieces };
}

/** Runs `read` and returns the fault it must end in, without the folder in its text. */
export async function faultOf(read: () => Promise<unknown>): Promise<string> {
  const fault = await read().then(
    () => assert.fail("nothing was refused"),
    (error: unknown) => error,
  );
  assert.ok(fault instanceof DataFault, String(fault));
  return fault.message.replace(/"[^"]*\//, '"');
}

/** The path of a shared recording, or undefined where the recordings are not at hand. */
export function sharedFile(name: string): string | undefined {
  const path = new URL(`../../../shared/data/${name}`, import.meta.url).pathname;
  try {
    Deno.statSync(path);
    return path;
  } catch {
    console.log(`skipped: no ../shared/data/${name} beside the repository`);
    return undefined;
  }
}
