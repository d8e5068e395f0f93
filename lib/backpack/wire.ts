// The door for socket frames: one text in, one typed event out. A frame that breaks a rule comes
// back as a fault and is never thrown, since one odd frame must not end the stream; whoever asked
// for the frame decides whether it can go on without it.

import { type AccountUpdate, balanceUpdateOf, positionsOf } from "./wire_account.ts";
import { WireFault } from "./wire_fault.ts";
import { orderUpdateOf, type OwnOrderUpdate } from "./wire_order.ts";
import { type Markets, readRow, Row } from "./wire_row.ts";
import {
  barEventOf,
  depthOf,
  markEventOf,
  type PublicEvent,
  tickerEventOf,
  touchOf,
  tradeOf,
} from "./wire_stream.ts";

/** What a frame can say. */
export type WireEvent =
  | PublicEvent
  | OwnOrderUpdate
  | AccountUpdate
  | {
    /** Our frame was refused; the socket stays open. 4003 is a bad signature, 4006 an unknown stream. */
    readonly kind: "refusal";
    readonly code: number;
    readonly message: string;
  };

type Reader = (row: Row, markets: Markets) => WireEvent;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["bookTicker", touchOf],
  ["depth", depthOf],
  ["trade", tradeOf],
  ["markPrice", markEventOf],
  ["kline", barEventOf],
  ["ticker", tickerEventOf],
  ["account.orderUpdate", orderUpdateOf],
  ["account.balanceUpdate", balanceUpdateOf],
]);

const POSITIONS = "account.positionUpdate";

/**
 * One frame of the socket. Undefined for a stream nobody here reads, and for the list of positions
 * of an account that has none. Never throws.
 */
export function parseFrame(text: string, markets: Markets): WireEvent | WireFault | undefined {
  try {
    return read(readRow("frame", text), markets);
  } catch (error) {
    if (error instanceof WireFault) return error;
    throw error;
  }
}

function read(frame: Row, markets: Markets): WireEvent | undefined {
  if (frame.has("error")) {
    const error = frame.row("error");
    return { kind: "refusal", code: error.whole("code"), message: error.text("message") };
  }
  const stream = frame.text("stream");
  const type = typeOf(stream);
  if (type === POSITIONS) {
    const [first, ...rest] = frame.rowOrRows("data", stream);
    return first === undefined ? undefined : positionsOf([first, ...rest], markets);
  }
  return readers.get(type)?.(frame.row("data", stream), markets);
}

/** `depth.200ms.SOL_USDC` is of type depth, `account.orderUpdate.SOL_USDC` of account.orderUpdate. */
function typeOf(stream: string): string {
  const from = stream.startsWith("account.") ? "account.".length : 0;
  const dot = stream.indexOf(".", from);
  return dot < 0 ? stream : stream.slice(0, dot);
}
