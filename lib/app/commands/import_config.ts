// `import-config`: an old bot's file becomes a configuration file of ours and, where it holds keys, a
// `.env` of mode 600. Every key of it is accounted for; where one is in doubt the files are written
// all the same, and the exit code says that somebody must look.

import { keyPair } from "../../backpack/sign.ts";
import { findMarket } from "../../data/markets.ts";
import { readText } from "../config_file.ts";
import { exists } from "../environment.ts";
import { badValue, ExitCode, plain, refusalOf, UserError } from "../errors.ts";
import type { Fate, Imported } from "../import/old.ts";
import { readOld } from "../import/read.ts";
import { print, type Shell } from "../shell.ts";
import { table } from "../table.ts";

/** Flags of `import-config`. */
export interface ImportFlags {
  readonly out: string;
  readonly force?: true;
  readonly json?: true;
}

/** A file to write, whole. */
interface Output {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Reads `path` and writes what it becomes; exit 1 where anything is in doubt. */
export async function importCommand(
  path: string,
  flags: ImportFlags,
  shell: Shell,
): Promise<number> {
  const old = await readOld(path, readText(`"${path}"`, path));
  const fates = [...old.fates, ...marketDoubt(old)];
  const outputs = [presetOf(old, flags.out), ...secretsOf(old, flags.out)];
  if (!flags.force) refuseExisting(outputs);
  for (const output of outputs) write(output);
  const doubts = fates.filter(({ kind }) => kind === "doubt").length;
  const written = outputs.map(({ path }) => path);
  if (flags.json) {
    print(shell, JSON.stringify({ kind: old.kind, written, fates }, null, 2));
  } else {
    print(shell, `Read as a ${old.kind}, for the strategy ${old.strategy}.`);
    print(shell, table(fates.map(({ key, kind, text }) => [plain(key), kind, plain(text)])));
    for (const file of written) print(shell, `Written ${file}`);
    const [preset = ""] = written;
    print(
      shell,
      doubts === 0 ? `Try it: bpx-bot check -c ${preset}` : `${doubts} in doubt: look at each.`,
    );
  }
  return doubts === 0 ? ExitCode.done : ExitCode.failure;
}

/** A market nobody here knows may still be the exchange's, but somebody should look. */
function marketDoubt({ market }: Imported): readonly Fate[] {
  if (market === undefined) {
    return [{ key: "(market)", kind: "doubt", text: "no market is named: add one with -m" }];
  }
  if (findMarket(market) !== undefined) return [];
  return [{ key: "(market)", kind: "doubt", text: `${market} is not a known market` }];
}

function presetOf({ kind, strategy, market, params, risk }: Imported, folder: string): Output {
  const preset = {
    description: `Imported from a ${kind}.`,
    ...(market === undefined ? {} : { market }),
    strategy,
    params,
    risk,
  };
  const text = `${JSON.stringify(preset, null, 2)}\n`;
  return { path: `${folder}/imported-${strategy}.json`, text, mode: 0o644 };
}

function secretsOf({ secrets, wantsPair }: Imported, folder: string): readonly Output[] {
  const lines = new Map<string, string>(secrets);
  if (wantsPair && !lines.has("BPX_API_SECRET")) {
    const { secret, publicKey } = keyPair();
    lines.set("BPX_API_KEY", publicKey);
    lines.set("BPX_API_SECRET", secret);
  }
  if (lines.size === 0) return [];
  const text = [...lines].map(([name, value]) => `${name}=${value}\n`).join("");
  return [{ path: `${folder}/.env`, text, mode: 0o600 }];
}

function refuseExisting(outputs: readonly Output[]): void {
  const there = outputs.find(({ path }) => exists(path));
  if (there === undefined) return;
  const rule = "must not exist yet: use --out FOLDER, or --force to overwrite";
  throw badValue({ doing: "import", key: "the file", rule, value: there.path });
}

/** Beside the place first, then into it: what was there is never half replaced. */
function write({ path, text, mode }: Output): void {
  const beside = `${path}.${Deno.pid}.new`;
  try {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(beside, text, { createNew: true, mode });
    Deno.renameSync(beside, path);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    throw new UserError(`Cannot import as "${path}" must be writable: ${refusal}`);
  }
}
