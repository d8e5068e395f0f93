// `exchange`: a test network that Backpack does not offer. A whole exchange on this machine, which
// any client of Backpack's can trade on by its address alone. The first line on stdout is JSON, for
// programs that start it; everything for people is on stderr.

import { randomBytes } from "node:crypto";
import { type KeyPair, keyPair, Signer } from "../../backpack/sign.ts";
import { COIN } from "../../core/units.ts";
import type { ExchangeSettings, OpenExchange } from "../../local/open.ts";
import { readText } from "../config_file.ts";
import { exists } from "../environment.ts";
import { badValue, ExitCode, UserError } from "../errors.ts";
import { type ExchangeFlags, exchangeSettings, type FlagSettings } from "../exchange_flags.ts";
import { print, type Shell, warn } from "../shell.ts";
import { listenForStop } from "../stop.ts";

/** What the account of `--demo-key` begins with. */
const demoBalances = { USDC: 10_000 * COIN, SOL: 50 * COIN };

/** Runs an exchange until SIGINT or SIGTERM. */
export async function exchangeCommand(flags: ExchangeFlags, shell: Shell): Promise<number> {
  const settings = await exchangeSettings(flags);
  const demo = flags.demoKey ? demoPair(settings.dataDir) : undefined;
  using stop = listenForStop(() => warn(shell, "Ended at once by a second signal"));
  return await serveExchange(settings, { demo, shell, stop: stop.signal });
}

/** The demo account's keys: new ones, or those that the folder keeps. */
function demoPair(dataDir: string | undefined): KeyPair {
  if (dataDir === undefined) return keyPair();
  const path = `${dataDir}/demo-secret`;
  if (exists(path)) {
    const secret = readText("the demo key", path).trim();
    return { secret, publicKey: new Signer(secret).publicKey };
  }
  const made = keyPair();
  Deno.writeTextFileSync(path, `${made.secret}\n`, { createNew: true, mode: 0o600 });
  return made;
}

/** Runs an exchange until it is stopped; says where it is as soon as it is open. */
export async function serveExchange(
  settings: FlagSettings,
  { demo, shell, stop }: {
    /** The demo account; its keys and the way in by the back door are said on stdout. */
    readonly demo: KeyPair | undefined;
    readonly shell: Shell;
    readonly stop: AbortSignal;
  },
): Promise<number> {
  const adminToken = randomBytes(24).toString("base64url");
  const { url, ws, shut } = await open({
    ...settings,
    accounts: demo === undefined
      ? settings.accounts
      : [...settings.accounts, { publicKey: demo.publicKey, balances: demoBalances }],
    ...(demo === undefined ? {} : { adminToken }),
    stop,
  });
  const markets = settings.markets.map(({ symbol }) => symbol);
  const secrets = demo === undefined
    ? {}
    : { apiKey: demo.publicKey, apiSecret: demo.secret, adminToken };
  print(shell, JSON.stringify({ url, ws, ...secrets, markets }));
  warn(shell, `A local exchange for ${markets.join(", ")} is open at ${url}; Ctrl+C shuts it.`);
  await shut;
  return ExitCode.done;
}

async function open(settings: ExchangeSettings): Promise<OpenExchange> {
  const { openExchange } = await import("../../local/open.ts");
  try {
    return openExchange(settings);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      const { port } = settings;
      throw badValue({
        doing: "open the exchange",
        key: "--port",
        rule: "must be free",
        value: port,
      });
    }
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`Cannot open the exchange as ${error.message}`);
  }
}
