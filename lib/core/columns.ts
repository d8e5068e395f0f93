// Market data at rest, column by column: what files are read into and what the simulator plays.
// Typed arrays, because an object per row would cost more than everything done with it.

/** Bars of one length, ascending. Prices in ticks, volume in lots of base. */
export interface Candles {
  readonly length: number;
  readonly barSec: number;
  /** Start of each bar, in µs. */
  readonly time: Float64Array;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly volume: Float64Array;
}

/** What a tape row is; the columns it uses are named beside it. */
export const ROW = {
  /** A trade with a bid as the aggressor: price, quantity. */
  tradeBid: 0,
  /** A trade with an ask as the aggressor: price, quantity. */
  tradeAsk: 1,
  /** Best bid (price, quantity) and best ask (askPrice, askQuantity); quantity 0 = that side is empty. */
  bbo: 2,
  /** New absolute quantity of a bid level: price, quantity; 0 deletes. */
  bidLevel: 3,
  /** New absolute quantity of an ask level: askPrice, askQuantity; 0 deletes. */
  askLevel: 4,
  /** Forget the book: it is not known until new rows say more, at the same time as a rule. */
  reset: 5,
  /** Mark price (price) and index price (askPrice, 0 = none); the funding rate × 1e10 in quantity. */
  mark: 6,
} as const;

/** Ticks as recorded, ascending in time; at equal times in the order they are to be played. */
export interface Tape {
  readonly length: number;
  /** One of `ROW`. */
  readonly kind: Uint8Array;
  /** In µs. */
  readonly time: Float64Array;
  readonly price: Int32Array;
  readonly quantity: Int32Array;
  readonly askPrice: Int32Array;
  readonly askQuantity: Int32Array;
}

/** Room for `length` tape rows, all zero. */
export function emptyTape(length: number): Tape {
  return {
    length,
    kind: new Uint8Array(length),
    time: new Float64Array(length),
    price: new Int32Array(length),
    quantity: new Int32Array(length),
    askPrice: new Int32Array(length),
    askQuantity: new Int32Array(length),
  };
}

/** The rows `from` to `to` of `tape`, sharing its memory. */
export function sliceTape(tape: Tape, from: number, to: number): Tape {
  return {
    length: to - from,
    kind: tape.kind.subarray(from, to),
    time: tape.time.subarray(from, to),
    price: tape.price.subarray(from, to),
    quantity: tape.quantity.subarray(from, to),
    askPrice: tape.askPrice.subarray(from, to),
    askQuantity: tape.askQuantity.subarray(from, to),
  };
}
