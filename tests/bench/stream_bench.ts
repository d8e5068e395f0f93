// How many frames of the socket a second become a book: read, named, checked for their sequence and
// applied, beside what JSON.parse alone takes for the same text. Rounds take turns and the best of each
// counts: what else the machine does only ever adds. At least 350,000 bookTicker frames a second are
// promised.
// Run: deno run tests/bench/stream_bench.ts

import { DepthSync } from "../../lib/backpack/depth_sync.ts";
import { streamOf } from "../../lib/backpack/stream.ts";
import { parseFrame, type WireEvent } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { Book } from "../../lib/core/book.ts";
import { Random } from "../../lib/core/random.ts";
import { micros } from "../../lib/core/units.ts";
import { aMarketOf } from "../support/known_market.ts";
import { shown } from "./show.ts";

/** Few enough to stay in the processor's cache, as a frame is that has just come in. */
const FRAMES = 1_000;
const LAPS = 100;
const ROUNDS = 9;
const SYMBOL = "SOL_USDC";

const markets = new Map([[SYMBOL, aMarketOf(SYMBOL)]]);
const times = '"E":1788367430247487,"T":1788367430246081';

/** A walk of the best levels, told as Backpack prints it. */
function touchFrames(): string[] {
  const random = new Random(5);
  let bid = 9_896;
  return Array.from({ length: FRAMES }, (_, id) => {
    bid += random.integer(-1, 1);
    const [a, b] = [decimal(bid + 1), decimal(bid)];
    const [A, B] = [decimal(random.integer(1, 50_000)), decimal(random.integer(1, 50_000))];
    const levels = `"A":"${A}","B":"${B}",${times},"a":"${a}","b":"${b}"`;
    return `{"data":{${levels},"e":"bookTicker","s":"${SYMBOL}","u":${id}},"stream":"bookTicker.${SYMBOL}"}`;
  });
}

/** One level near the touch a frame, as the realtime stream has it. */
function depthFrames(): string[] {
  const random = new Random(6);
  return Array.from({ length: FRAMES }, (_, i) => {
    const away = 1 + Math.floor(random.exponential(20));
    const quantity = random.chance(0.3) ? 0 : random.integer(1, 50_000);
    const isBid = random.chance(0.5);
    const level = `["${decimal(9_896 + (isBid ? -away : away))}","${decimal(quantity)}"]`;
    const sides = isBid ? `"a":[],"b":[${level}]` : `"a":[${level}],"b":[]`;
    const ids = `"U":${i + 1},${sides},"e":"depth","s":"${SYMBOL}","u":${i + 1}`;
    return `{"data":{${times},${ids}},"stream":"depth.${SYMBOL}"}`;
  });
}

function decimal(hundredths: number): string {
  return (hundredths / 100).toFixed(2);
}

/** Applies an event; gives the number of levels there are, so that no work is done for nothing. */
function applier(): (event: WireEvent) => number {
  const book = new Book();
  const sync = new DepthSync();
  sync.snapshot({ time: micros(0), lastId: 0, bids: [], asks: [] });
  return (event) => {
    if (event.kind === "touch") {
      const { bid, ask } = event;
      book.apply(bid === undefined ? [] : [bid], ask === undefined ? [] : [ask], "snapshot");
    } else if (event.kind === "depth") {
      const step = sync.delta(event);
      if (step.kind !== "apply") throw new Error(`${event.lastId}: ${step.kind}`);
      for (const { bids, asks } of step.deltas) book.apply(bids, asks, "changes");
    }
    return book.bids.size + book.asks.size;
  };
}

function whole(frames: readonly string[]): number {
  const apply = applier();
  let sum = 0;
  for (const text of frames) {
    const event = parseFrame(text, markets);
    if (event === undefined || event instanceof WireFault) throw new Error(`${event}: ${text}`);
    sum += streamOf(text).length + apply(event);
  }
  return sum;
}

function json(frames: readonly string[]): number {
  let count = 0;
  for (const text of frames) if (JSON.parse(text) !== null) count++;
  return count;
}

/** Frames a second. */
function rate(frames: readonly string[], work: (frames: readonly string[]) => number): number {
  const start = performance.now();
  for (let lap = 0; lap < LAPS; lap++) {
    if (work(frames) < frames.length) throw new Error("too little was done");
  }
  return ((frames.length * LAPS) / (performance.now() - start)) * 1_000;
}

for (const [name, frames] of [["bookTicker", touchFrames()], ["depth", depthFrames()]] as const) {
  let bare = 0;
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    bare = Math.max(bare, rate(frames, json));
    best = Math.max(best, rate(frames, whole));
  }
  shown(`${name}: JSON.parse alone`, bare, "frames/s");
  shown(`${name}: read and applied`, best, "frames/s");
  shown(`${name}: ratio`, best / bare, "");
}
