// `status`: what a running bot is doing, as a screen or as JSON.

import { ControlClient } from "../control_client.ts";
import { print, type Shell, warn } from "../shell.ts";
import { chooseBot, findBots } from "../running.ts";

/** Flags of `status`. */
export interface StatusFlags {
  readonly dataDir: string;
  readonly json?: true;
}

/** A screen for whoever has no terminal. */
const PLAIN = { columns: 120, rows: 400 };

/** Prints the status of a run. Exit 3 where none is running, 5 where it does not answer. */
export async function statusCommand(
  name: string | undefined,
  { dataDir, json }: StatusFlags,
  shell: Shell,
): Promise<number> {
  const bots = findBots(dataDir);
  for (const { address, state } of bots) {
    if (state === "running") continue;
    const { id } = address;
    warn(shell, `Run ${id} has died and its orders may remain: bpx-bot stop ${id}`);
  }
  const running = bots.filter(({ state }) => state === "running");
  const client = new ControlClient(chooseBot(running, { name, dataDir }).address);
  if (json) print(shell, JSON.stringify(await client.status()));
  else {
    const size = shell.outSize() ?? PLAIN;
    // The last line of a terminal is the prompt's.
    for (const line of await client.screen(size)) print(shell, line);
  }
  return 0;
}
