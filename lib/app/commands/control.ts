// `pause`, `resume`, `flatten` and `stop`: what a person asks of a running bot. The first three are
// put into its loop and shown by `status`; `stop` comes back when the bot is gone.

import { ControlClient } from "../control_client.ts";
import { exchangeUrls, type UrlFlags } from "../urls.ts";
import { ExitCode } from "../errors.ts";
import { readKeys } from "../keys.ts";
import { chooseBot, findBots, type Found } from "../running.ts";
import { print, type Shell, warn } from "../shell.ts";
import { stopBot } from "../stopping.ts";
import { listenForStop } from "../stop.ts";
import { wallClock } from "../wall.ts";

/** Flags of `pause`, `resume` and `flatten`. */
export interface AskFlags {
  readonly dataDir: string;
}

/** Flags of `stop`. */
export interface StopFlags extends AskFlags, UrlFlags {
  readonly force?: true;
  readonly envFile?: string;
}

const asked = {
  pause: "holds: its orders are cancelled, its position stays",
  resume: "goes on, and no hold of a limit is left",
  flatten: "closes its position reduce-only, and then holds",
} as const;

/** Puts a wish into a bot's loop. Exit 3 where none is running, 5 where it does not answer. */
export async function askCommand(
  request: keyof typeof asked,
  name: string | undefined,
  { dataDir }: AskFlags,
  shell: Shell,
): Promise<number> {
  const running = findBots(dataDir).filter(({ state }) => state === "running");
  const { address } = chooseBot(running, { name, dataDir });
  await new ControlClient(address).ask(request);
  print(shell, `Run ${address.id} ${asked[request]}`);
  return ExitCode.done;
}

/** Stops a bot, alive or dead, and gives 0 with proof that nothing of it is left, else 8. */
export async function stopCommand(
  name: string | undefined,
  flags: StopFlags,
  shell: Shell,
): Promise<number> {
  const { dataDir } = flags;
  const urls = exchangeUrls(flags, shell);
  const bot = meant(name, dataDir);
  using stop = listenForStop(() => warn(shell, "Ended at once by a second signal"));
  return await stopBot(bot, {
    dataDir,
    silent: flags.force ? "end it" : "ask first",
    clock: wallClock,
    signal: stop.signal,
    tell: (line) => print(shell, line),
    sweep: async ({ id }) => {
      const { sweepDeadRun } = await import("../dead_run.ts");
      return await sweepDeadRun({
        ...{ dataDir, id, urls, clock: wallClock, signal: stop.signal },
        signer: readKeys(shell, flags.envFile),
        tell: (line) => print(shell, line),
      });
    },
  });
}

/** One that runs comes before one that is dead, unless a name says otherwise. */
function meant(name: string | undefined, dataDir: string): Found {
  const bots = findBots(dataDir);
  const running = bots.filter(({ state }) => state === "running");
  const among = name === undefined && running.length > 0 ? running : bots;
  return chooseBot(among, { name, dataDir });
}
