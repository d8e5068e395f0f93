// A bot that is spoken to, without a market: an open door whose answers a test can read.

import { type Control, serveControl } from "../../lib/app/control.ts";
import type { Answers } from "../../lib/app/control.ts";
import { ControlClient } from "../../lib/app/control_client.ts";
import { type Address, findBots, type RunName } from "../../lib/app/running.ts";
import { aStatus } from "../support/status.ts";

/** The name of a run, changed as wanted. */
export function aRun(change: Partial<RunName> = {}): RunName {
  return {
    ...{ id: "20250101-000000-grid-SOL_USDC_PERP", strategy: "grid", mode: "paper" },
    ...{ account: "paper", market: "SOL_USDC_PERP", tag: 200 },
    ...change,
  };
}

/** Where a run listens, with a token of the test's own. */
export function anAddress(change: Partial<Address> = {}): Address {
  return { ...aRun(change), pid: Deno.pid, port: 9, token: "token", ...change };
}

/** A folder that is gone after the test. */
export function aFolder(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** An open door. `asked` holds what was put into the loop. */
export interface Bot extends AsyncDisposable {
  readonly control: Control;
  readonly asked: string[];
  readonly address: Address;
  readonly client: ControlClient;
}

/** Opens the door of a run in `dataDir`. */
export function aBot(
  dataDir: string,
  given: { readonly run?: Partial<RunName>; readonly answers?: Partial<Answers> } = {},
): Bot {
  const asked: string[] = [];
  const control = serveControl({
    dataDir,
    run: aRun(given.run),
    answers: {
      status: () => aStatus(),
      ask: (request) => asked.push(request),
      set: ({ key, value }) => ({ key, before: null, after: value }),
      undo: () => ({ key: "maxOrderUsd", before: 5, after: null }),
      loopAgeMs: () => 12,
      ...given.answers,
    },
  });
  const address = findBots(dataDir).find(({ address }) => address.port === control.port)?.address;
  if (address === undefined) throw new Error("the bot is not found");
  const client = new ControlClient(address);
  return {
    ...{ control, asked, address, client },
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

/** Writes the file of a bot whose process is gone. */
export function leaveBehind(dataDir: string, address: Address): string {
  Deno.mkdirSync(`${dataDir}/running`, { recursive: true });
  const path = `${dataDir}/running/${address.id}.json`;
  Deno.writeTextFileSync(path, JSON.stringify(address));
  return path;
}
