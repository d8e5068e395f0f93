// The program in which attempts to break out are made, run from source and as a compiled binary. Reads
// attempts from a file, gives each a cell (behind the fence, or without it) and prints, a JSON line
// each, what came of it. It has every right itself, so that only the fence can stop an attempt.

import { Cell } from "../../lib/app/cell.ts";
import { readDescription, readPlanned, readTerms } from "../../lib/app/cell_answers.ts";
import { entryOf, readable } from "../../lib/app/plugins.ts";
import { micros, ticks } from "../../lib/core/units.ts";
import { cash, lots } from "../../lib/core/units.ts";
import { aMarketOf } from "./known_market.ts";

/** What came of one attempt. */
export interface Outcome {
  readonly name: string;
  /** What the plugin says it got. */
  readonly got: string;
  /** Its plan and memory, as far as somebody would have used them. */
  readonly used: string;
  /** What it printed through the fence. */
  readonly said: readonly string[];
  /** Messages the process got that no cell may send. */
  readonly strayed: number;
  /** How much memory of the process the attempt took, in MB. */
  readonly grewMb: number;
}

/** How long one answer may take here. */
const WITHIN_MS = { describe: 2000, plan: 400 };

const view = {
  time: micros(1_000_000),
  ...{ bestBid: ticks(99), bestAsk: ticks(101), midTicks: 100, bids: [], asks: [] },
  ...{ position: lots(0), sellable: lots(0), equity: cash(1), openOrders: [] },
};
const setup = {
  market: aMarketOf("SOL_USDC"),
  ...{ params: {}, fees: { maker: 0, taker: 0 }, capital: cash(1) },
};

const [mode = "", list = ""] = Deno.args;
const attempts: [string, string][] = JSON.parse(Deno.readTextFileSync(list));
const alone = attempts.length === 1;

async function fenced(name: string, path: string): Promise<Outcome> {
  const said: string[] = [];
  const before = Deno.memoryUsage().rss;
  const outcome = { got: "nothing", used: "" };
  try {
    const entry = entryOf(path);
    using cell = new Cell({
      host: new URL("../../lib/app/cell_host.ts", import.meta.url),
      files: readable(entry),
      onSaid: (line) => said.push(line),
    });
    const described = await cell.ask({ kind: "describe", entry }, { ms: WITHIN_MS.describe });
    outcome.got = readDescription(described).summary;
    readTerms(cell.askNow({ kind: "terms", setup }, WITHIN_MS.plan));
    const question = {
      kind: "plan" as const,
      ...{ begin: { setup, seed: 1 }, start: view, view, observations: [] },
    };
    const answer = await cell.ask(question, { ms: WITHIN_MS.plan });
    outcome.used = JSON.stringify(readPlanned(answer));
    // A message nobody asked for, or a late throw, would come now.
    await cell.ask({ kind: "beat" }, { ms: WITHIN_MS.plan });
    if (name.includes("rejection")) await Promise.race([cell.ended, after(1000)]);
    if (cell.reason !== undefined) throw new Error(cell.reason);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    outcome.got = `${outcome.got}; stopped: ${reason}`;
  }
  return { name, ...outcome, said, strayed: 0, grewMb: grown(before) };
}

async function open(name: string, path: string): Promise<Outcome> {
  const before = Deno.memoryUsage().rss;
  const worker = new Worker(new URL("./sandbox_open_host.ts", import.meta.url), {
    type: "module",
    deno: { permissions: "inherit" },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const outcome = { got: "no answer", used: "", strayed: 0 };
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    outcome.got = String(data.summary);
    outcome.used = inspect(data);
    resolve();
  };
  worker.onmessage = () => {
    if (++outcome.strayed >= 10_000) resolve();
  };
  worker.postMessage({ url: `file://${path}`, port: port2 }, [port2]);
  const memory = setInterval(() => grown(before) > 600 && resolve(), 50);
  const patience = setTimeout(resolve, name.includes("without end") ? 15_000 : 1000);
  await promise;
  // What comes after the answer: an error that nobody caught.
  if (alone) await after(200);
  clearInterval(memory);
  clearTimeout(patience);
  worker.terminate();
  port1.close();
  return { name, ...outcome, said: [], grewMb: grown(before) };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function inspect(data: unknown): string {
  return Deno.inspect(data, { depth: 6, iterableLimit: 3, strAbbreviateSize: 200 });
}

function grown(before: number): number {
  return Math.round((Deno.memoryUsage().rss - before) / 2 ** 20);
}

const heard = new BroadcastChannel("canary");
let broadcasts = 0;
heard.onmessage = () => broadcasts++;
for (const [name, path] of attempts) {
  const before = broadcasts;
  const outcome = await (mode === "open" ? open(name, path) : fenced(name, path));
  if (name.includes("broadcast")) await after(100);
  console.log(JSON.stringify({ ...outcome, strayed: outcome.strayed + broadcasts - before }));
}
Deno.exit(0);
