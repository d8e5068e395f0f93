// Recorded prices and quantities onto the grid of a market. A recording of another venue may be
// finer than our ticks and lots; each is then moved to the side that makes a simulation harder,
// never kinder, and every move is counted for the report.

import type { Market } from "../core/market.ts";
import type { Cells, Column } from "./csv.ts";

/** The most a tape column holds: an int32 of ticks or lots. */
export const MOST_INT32 = 2 ** 31 - 1;

/** Reads cells of `priceColumn` and `quantityColumn` as whole ticks and lots of one market. */
export class Grid {
  readonly market: Market;
  /** Prices moved to the tick grid so far. */
  rounded = 0;
  /** Quantities cut to `MOST_INT32` so far. */
  clamped = 0;
  readonly #perTick: number;
  readonly #perLot: number;

  constructor(market: Market) {
    this.market = market;
    this.#perTick = market.tickUnits * 10;
    this.#perLot = market.lotUnits;
  }

  /** A price column: one decimal more than the market's, so that "nearest" needs no other digit. */
  priceColumn(name: string): Column {
    return { form: "decimal", name, decimals: this.market.priceDecimals + 1 };
  }

  quantityColumn(name: string): Column {
    return { form: "decimal", name, decimals: this.market.quantityDecimals };
  }

  /** The tick at or below a price. */
  down(cells: Cells, index: number): number {
    const price = cells.value(index);
    const tick = Math.floor(price / this.#perTick);
    if (tick * this.#perTick !== price || cells.cut(index) === 1) this.rounded++;
    return tick;
  }

  /** The tick at or above a price. */
  up(cells: Cells, index: number): number {
    const price = cells.value(index);
    const tick = Math.floor(price / this.#perTick);
    if (tick * this.#perTick === price && cells.cut(index) === 0) return tick;
    this.rounded++;
    return tick + 1;
  }

  /** The tick nearest to a price, the upper one of two. */
  nearest(cells: Cells, index: number): number {
    const price = cells.value(index);
    const tick = Math.floor(price / this.#perTick);
    const rest = price - tick * this.#perTick;
    if (rest !== 0 || cells.cut(index) === 1) this.rounded++;
    return rest * 2 >= this.#perTick ? tick + 1 : tick;
  }

  /** A quantity in lots, rounded down and cut to `MOST_INT32`. */
  lots(cells: Cells, index: number): number {
    const quantity = this.volume(cells, index);
    if (quantity <= MOST_INT32) return quantity;
    this.clamped++;
    return MOST_INT32;
  }

  /** A volume in lots, rounded down. */
  volume(cells: Cells, index: number): number {
    return Math.floor(cells.value(index) / this.#perLot);
  }
}

/** The rule a number of ticks breaks that no column can hold, or undefined. */
export function tickRule(tick: number): string | undefined {
  if (tick < 1) return "must be at least one tick of the market";
  return tick > MOST_INT32 ? `must be at most ${MOST_INT32} ticks of the market` : undefined;
}
