// Where market data is kept and what it is called: `SOL_USDC_PERP-1m-20250101-20250401.csv.gz` in the
// folder `market-data` of the data folder, so that a file's name says what to play it in.

import { type Holding, holdingOf } from "../data/inventory.ts";
import { DataFault } from "../data/fault.ts";
import { refusalOf, UserError } from "./errors.ts";

/** A file that was looked through, or what is wrong with it. */
export type Found =
  | { readonly kind: "holding"; readonly holding: Holding }
  | { readonly kind: "fault"; readonly path: string; readonly fault: string };

/** The folder for market data, which may not be there yet. */
export function marketFolder(dataDir: string): string {
  return `${dataDir}/market-data`;
}

/** The folder for market data, made where it is not there. Throws `UserError`. */
export function openMarketFolder(dataDir: string): string {
  const folder = marketFolder(dataDir);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    throw new UserError(`Cannot keep market data as "${folder}" must be a folder: ${refusal}`);
  }
  return folder;
}

/** Looks through every file of the folder, in the order of their names. */
export async function holdings(folder: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const name of names(folder)) {
    const path = `${folder}/${name}`;
    try {
      found.push({ kind: "holding", holding: await holdingOf(path) });
    } catch (error) {
      if (!(error instanceof DataFault)) throw error;
      found.push({ kind: "fault", path, fault: error.message });
    }
  }
  return found;
}

function names(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name, isFile }) => isFile && /\.(csv|jsonl)(\.gz)?$/.test(name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
