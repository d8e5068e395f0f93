// `set key=value`: one setting of a running bot, for as long as it runs. A setting that is to stay
// belongs into the preset or the configuration file.

import type { Changed } from "../changes.ts";
import { showValue } from "../config.ts";
import { ControlClient } from "../control_client.ts";
import { badValue, ExitCode, UserError } from "../errors.ts";
import { chooseBot, findBots } from "../running.ts";
import { print, type Shell } from "../shell.ts";

/** Flags of `set`. */
export interface SetFlags {
  readonly dataDir: string;
  readonly undo?: true;
  readonly json?: true;
}

/** Changes one setting, or takes the latest change back. Exit 2 where the bot refuses it. */
export async function setCommand(
  words: readonly string[],
  flags: SetFlags,
  shell: Shell,
): Promise<number> {
  const { change, name } = flags.undo ? { change: undefined, name: oneOf(words) } : read(words);
  const { dataDir } = flags;
  const running = findBots(dataDir).filter(({ state }) => state === "running");
  const { address } = chooseBot(running, { name, dataDir });
  const client = new ControlClient(address);
  const changed = change === undefined ? await client.undo() : await client.set(change);
  print(shell, flags.json ? JSON.stringify(changed) : sentence(address.id, changed));
  return ExitCode.done;
}

function read(words: readonly string[]) {
  const [text = "", ...others] = words;
  const cut = text.indexOf("=");
  const [key, value] = [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  if (cut > 0 && key !== "" && value !== "") {
    return { change: { key, value }, name: oneOf(others) };
  }
  const rule = "must be like key=value";
  throw badValue({ doing: "change a setting", key: "set", rule, value: text });
}

function oneOf(words: readonly string[]): string | undefined {
  if (words.length <= 1) return words[0];
  throw new UserError(`Cannot read the command line as ${words.length} runs are named`);
}

function sentence(id: string, { key, before, after }: Changed): string {
  const [was, is] = [showValue(before), showValue(after)];
  if (was === is) return `${key} is ${is} already in run ${id}`;
  return `${key} was ${was} and is ${is} now in run ${id}`;
}
