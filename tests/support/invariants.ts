// The promises that hold in every run, checked from outside after each event: against the exchange's
// own books where there are two sides, against plain sums where there is one.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import type { Engine } from "../../lib/core/engine.ts";
import type { RiskLimits } from "../../lib/core/limits.ts";
import { SECOND } from "../../lib/core/units.ts";
import type { Rig } from "../../lib/lab/rig.ts";
import type { Observer } from "../../lib/run.ts";

/** Requests that may leave within any second: a full bucket and its refill. */
const MOST_PER_SECOND = 120;

/** Watches one run and throws at the first broken promise. */
export class Invariants implements Observer {
  readonly #rig: Rig;
  readonly #limits: RiskLimits;
  readonly #sent: { readonly time: number; readonly requests: number }[] = [];
  #bought = 0;
  /** Base fees, in 1e-8. */
  #feeBase = 0;
  checks = 0;

  constructor(parts: Rig, limits: RiskLimits) {
    this.#rig = parts;
    this.#limits = limits;
  }

  seen(event: Event, commands: readonly Command[]): void {
    const { engine, exchange, account, venue } = this.#rig;
    const { market, ledger, touch } = engine.facts;
    if (event.kind === "fill") {
      this.#bought += event.side === "bid" ? event.quantity : -event.quantity;
      this.#feeBase += event.feeBase;
    }
    const held = market.kind === "perp"
      ? this.#bought
      : Math.trunc((this.#bought * market.basePerLot - this.#feeBase) / market.basePerLot);
    assert.equal(ledger.position, held, "position is the sum of fills");
    this.#budget(event.time, commands);
    this.#exposure(engine, commands);
    this.#noOwnCross();
    if (touch !== undefined && venue.reportsOnTheWay === 0) {
      assert.equal(this.#rig.identityError(), 0, "ledger equity is exchange equity");
      if (market.kind === "perp") {
        assert.equal(exchange.position(account, market.symbol), ledger.position);
      }
      this.checks++;
    }
  }

  #budget(time: number, commands: readonly Command[]): void {
    if (commands.length === 0) return;
    const cancels = commands.filter((command) => command.kind === "cancel").length;
    const requests = cancels + (cancels < commands.length ? 1 : 0);
    this.#sent.push({ time, requests });
    while ((this.#sent[0]?.time ?? time) < time - SECOND) this.#sent.shift();
    const sum = this.#sent.reduce((total, { requests }) => total + requests, 0);
    assert.ok(sum <= MOST_PER_SECOND, `${sum} requests within a second`);
  }

  /** After sending an order that may add to a side, the worst case of that side is within the limit. */
  #exposure(engine: Engine, commands: readonly Command[]): void {
    const { maxPositionUsd } = this.#limits;
    const { touch, orders, ledger, market } = engine.facts;
    if (maxPositionUsd === undefined || touch === undefined) return;
    const worst = { bid: Number(ledger.position), ask: -ledger.position };
    for (const { side, remaining, reduceOnly } of orders.live) {
      if (!reduceOnly) worst[side] += remaining;
    }
    const most = Math.floor((maxPositionUsd * 1e8) / (touch.mark * market.cashPerTickLot));
    for (const command of commands) {
      if (command.kind === "cancel" || command.reduceOnly) continue;
      if (market.kind === "spot" && command.side === "ask") continue;
      assert.ok(
        worst[command.side] <= most,
        `worst case of ${command.side}s ${worst[command.side]} lots beyond ${most}`,
      );
    }
  }

  #noOwnCross(): void {
    const { exchange, account } = this.#rig;
    let bid = -Infinity;
    let ask = Infinity;
    for (const { side, limit } of exchange.openOrders(account)) {
      if (side === "bid") bid = Math.max(bid, limit);
      else ask = Math.min(ask, limit);
    }
    assert.ok(bid < ask, `own bid ${bid} at or above own ask ${ask}`);
  }
}
