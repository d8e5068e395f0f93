// Streams over events that a test makes up, and clients that note what they hear.

import { lots, type Micros } from "../../lib/core/units.ts";
import { type Clock, Faults, parseFaults } from "../../lib/local/faults.ts";
import type { PositionFacts, Published } from "../../lib/local/published.ts";
import { recordedSpelling, type Spelling, Streams } from "../../lib/local/streams.ts";
import { markets } from "../backpack/examples.ts";
import { type Data, perp, start } from "./stream_events.ts";

/** A frame as JSON. */
export interface Frame {
  readonly stream: string;
  readonly data: Data;
}

/** Streams over events that the test makes up. Account 1 holds `held`; 1.5 SOL are open. */
export function aScene(spelling: Spelling = recordedSpelling) {
  const listeners = new Set<(event: Published) => void>();
  const held: PositionFacts[] = [];
  const clock: Clock = { now: () => 0, sleep: () => new Promise(() => {}) };
  const stop = new AbortController().signal;
  const faults = new Faults({ rates: parseFaults(""), seed: 1, clock, stop });
  const moment: { time: Micros } = { time: start };
  const streams = new Streams({
    source: {
      listen(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      isMarket: (symbol) => markets.has(symbol),
      now: () => moment.time,
      accountOf: ([key]) => Number(key),
      positions: (account) => account === 1 ? held : [],
      openInterest: () => [{ market: perp, quantity: lots(150) }],
    },
    faults,
    clock,
    spelling,
  });
  return {
    moment,
    held,
    faults,
    listeners,
    publish: (event: Published) => listeners.forEach((listener) => listener(event)),
    clientOf: (account: number, ...names: readonly string[]) => aClient(streams, account, names),
    client: (...names: readonly string[]) => aClient(streams, 1, names),
    streams,
  };
}

/** A socket of an account that has asked for some streams. */
function aClient(streams: Streams, account: number, names: readonly string[]) {
  const sent: string[] = [];
  const closed: number[] = [];
  const session = streams.connect({
    bufferedAmount: 0,
    send: (text) => void sent.push(text),
    close: (code) => void closed.push(code),
  });
  const signature = [String(account), "", "", ""];
  const hear = (...params: readonly string[]) =>
    session.hear(JSON.stringify({ method: "SUBSCRIBE", params, signature }));
  hear(...names);
  return { session, sent, closed, hear, frames: () => sent.map((text): Frame => JSON.parse(text)) };
}
