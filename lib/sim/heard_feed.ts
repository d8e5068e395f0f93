// A market that is heard as it happens: what a live stream says is played into the exchange, so that
// a paper run trades against the real book. It knows nothing of the future, so whoever turns the crank
// must not ask for more than has been heard.

import { unreachable } from "../core/assert.ts";
import type { MarketEvent } from "../core/event.ts";
import { type Micros, micros } from "../core/units.ts";
import type { Crowd } from "../exchange/crowd.ts";
import type { Feed, Floor } from "./feed.ts";

/** A feed that is filled while it is played. */
export class HeardFeed implements Feed {
  readonly ticking = true;
  readonly #heard: MarketEvent[] = [];
  #until: Micros;
  #played = 0;

  /** `time` is the start of the run. */
  constructor(time: Micros) {
    this.#until = time;
  }

  get played(): number {
    return this.#played;
  }

  /** What was heard and not played yet; with nothing left, after all that was heard. */
  get nextAt(): Micros {
    return this.#heard[0]?.time ?? micros(this.#until + 1);
  }

  /** All that happened until then has been heard. */
  get heardUntil(): Micros {
    return this.#until;
  }

  /** Takes what the market says; times never go back. */
  hear(event: MarketEvent): void {
    this.until(event.time);
    this.#heard.push({ ...event, time: this.#until });
  }

  /** Nothing more happened until `time`. */
  until(time: Micros): void {
    if (time > this.#until) this.#until = time;
  }

  step(floor: Floor): Micros {
    const time = this.nextAt;
    while (this.#heard[0]?.time === time) {
      const event = this.#heard.shift();
      if (event === undefined) break;
      play(event, floor);
      this.#played++;
    }
    return time;
  }
}

function play(event: MarketEvent, { crowd, tell }: Floor): void {
  switch (event.kind) {
    case "depth":
      return playDepth(event, crowd);
    case "trade":
      return crowd.crowdTrade(event.aggressor, event.price, event.quantity, event.time);
    case "mark":
    case "bar":
    case "state":
    case "rules":
      return tell(event);
    default:
      return unreachable(event);
  }
}

/** Removals first, since the crowd never trades with itself. */
function playDepth(
  { bids, asks, snapshot, time }: Extract<MarketEvent, { kind: "depth" }>,
  crowd: Crowd,
): void {
  if (snapshot) crowd.crowdReset();
  const sides = [["bid", bids], ["ask", asks]] as const;
  for (const removes of [true, false]) {
    for (const [side, levels] of sides) {
      for (const { price, quantity } of levels) {
        if ((quantity === 0) === removes) crowd.crowdLevel(side, price, quantity, time);
      }
    }
  }
}
