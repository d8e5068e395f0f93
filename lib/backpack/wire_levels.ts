// Levels of a book on the wire: pairs of price and absolute quantity, both text. Apart from the
// other readers, since they are most of what ever comes and a pair has no names to read by.

import { type Market, parsePrice, parseQuantity } from "../core/market.ts";
import type { Level } from "../core/strategy.ts";
import { WireFault } from "./wire_fault.ts";
import type { Row } from "./wire_row.ts";

/** The levels under `name` in the order they came; quantity zero removes one. Throws `WireFault`. */
export function readLevels(row: Row, name: string, market: Market): Level[] {
  const pairs = row.list(name);
  const levels: Level[] = [];
  for (const pair of pairs) levels.push(readLevel(row.place, name, pair, market));
  return levels;
}

function readLevel(place: string, name: string, pair: unknown, market: Market): Level {
  const [priceText, quantityText]: readonly unknown[] = Array.isArray(pair) ? pair : [];
  if (typeof priceText !== "string" || typeof quantityText !== "string") {
    const rule = "must hold pairs of a price and a quantity, both text";
    throw new WireFault({ place, field: name, rule, value: pair });
  }
  const price = parsePrice(market, priceText);
  if (price === undefined || price <= 0) {
    const rule = "must hold prices on the tick grid";
    throw new WireFault({ place, field: name, rule, value: priceText });
  }
  const quantity = parseQuantity(market, quantityText);
  if (quantity === undefined || quantity < 0) {
    const rule = "must hold quantities on the lot grid";
    throw new WireFault({ place, field: name, rule, value: quantityText });
  }
  return { price, quantity };
}
