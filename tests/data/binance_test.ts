// Rows of Binance's archives of every form, typed in from public files, and the ones that are wrong.

import { deepEqual, equal, match } from "node:assert/strict";
import { readBinance } from "../../lib/data/binance.ts";
import { faultOf } from "./files.ts";

async function read(text: string, pieceLength = 1 << 20) {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    pieces.push(bytes.slice(at, at + pieceLength));
  }
  const lines: string[] = [];
  const kinds = new Set<string>();
  const counts = await readBinance("b.csv", pieces, ({ kind, text: line }) => {
    kinds.add(kind);
    lines.push(line);
  });
  return { lines, kinds: [...kinds], late: counts.late };
}

const forms = [
  {
    name: "spot candles, in ms and without a header",
    text: "1704067200000,101.72000000,101.90000000,101.50000000,101.80000000,2711.10000000," +
      "1704067259999,275701.0,1014,1399.1,142284.0,0\n",
    kind: "klines",
    line: "1704067200000,101.72000000,101.90000000,101.50000000,101.80000000,2711.10000000",
  },
  {
    name: "spot candles since 2025, in µs",
    text: "1735689600000000,189.31,189.4,189.0,189.1,10.5,1735689659999999,1985.5,9,4,756.4,0\n",
    kind: "klines",
    line: "1735689600000,189.31,189.4,189.0,189.1,10.5",
  },
  {
    name: "futures candles with a header",
    text: "open_time,open,high,low,close,volume,close_time,quote_volume,count," +
      "taker_buy_volume,taker_buy_quote_volume,ignore\n" +
      "1704067200000,101.71,101.89,101.5,101.79,2711,1704067259999,275701.0,1014,1399,142284.0,0\n",
    kind: "klines",
    line: "1704067200000,101.71,101.89,101.5,101.79,2711",
  },
  {
    name: "futures aggTrades with a header",
    text:
      "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n" +
      "493017045,101.7,12,1125390107,1125390108,1704067200043,true\n",
    kind: "trades",
    line: "1704067200043000,101.7,12,sell",
  },
  {
    name: "spot aggTrades",
    text: "493017045,101.70000000,12.00000000,1125390107,1125390108,1704067200043,False,True\r\n",
    kind: "trades",
    line: "1704067200043000,101.70000000,12.00000000,buy",
  },
  {
    name: "futures trades with a header",
    text: "id,price,qty,quote_qty,time,is_buyer_maker\n" +
      "1125390107,101.7,7e-05,0.007,1704067200043,false\n",
    kind: "trades",
    line: "1704067200043000,101.7,0.00007,buy",
  },
  {
    name: "spot trades since 2025, in µs",
    text: "1125390107,101.7,3,305.1,1735689600000123,True,True\n",
    kind: "trades",
    line: "1735689600000123,101.7,3,sell",
  },
  {
    name: "bookTicker with a header",
    text: "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time," +
      "event_time\n" +
      "3817004583312,101.70,205,101.71,38,1704067200043,1704067200048\n",
    kind: "bbo",
    line: "1704067200043000,101.70,205,101.71,38",
  },
] as const;

for (const { name, text, kind, line } of forms) {
  Deno.test(`${name} are told from their shape`, async () => {
    deepEqual(await read(text), { lines: [line], kinds: [kind], late: 0 });
    deepEqual(await read(text.trimEnd(), 7), { lines: [line], kinds: [kind], late: 0 });
  });
}

const trade = (id: number, time: number, more = "") => `${id},101.7,12,1,2,${time},true${more}\n`;

Deno.test("a trade stamped before the one above it takes its time and is counted", async () => {
  const text = trade(1, 1704067200043) + trade(2, 1704067200040) + trade(3, 1704067200043);
  const { lines, late } = await read(text);
  deepEqual(lines.map((line) => line.slice(0, 16)), Array(3).fill("1704067200043000"));
  equal(late, 1);
});

Deno.test("a side of the book that is empty may have any price", async () => {
  const { lines } = await read("3817,101.70,205,0,0,1704067200043,1704067200048\n");
  deepEqual(lines, ["1704067200043000,101.70,205,0,0"]);
});

Deno.test("a row that is wrong is told by its line and its column", async () => {
  const good = trade(1, 1704067200043);
  const candle = (time: number, more: string) => `${time},${more},1704067259999,1,1,1,1,0\n`;
  const rows: readonly (readonly [string, RegExp])[] = [
    ["", /the file must hold a row$/],
    ["hello,world\n", /row 1 must be a row of Binance's klines, trades, aggTrades or bookTicker/],
    ["1,2,3\n", /row 1 must be a row of Binance's/],
    [good + good, /row 2 column "id" must be above that of the row before/],
    [good + trade(2, 17), /row 2 column "time" must be a time in ms or µs/],
    [good + "2,-1,12,1,2,1704067200043,true\n", /row 2 column "price" must be a number not below/],
    [good + "2,0.0,12,1,2,1704067200043,true\n", /row 2 column "price" must be above zero/],
    [good + "2,1,12,1,2,1704067200043,maybe\n", /row 2 column "is_buyer_maker" must be true or/],
    [candle(1704067200000, "1,2,1,3,1"), /row 1 column "close" must be within low and high/],
    [
      candle(1704067200000, "1,2,1,2,1") + candle(1704067200000, "1,2,1,2,1"),
      /row 2 column "time" must be after the row before/,
    ],
    [candle(1735689600000001, "1,2,1,2,1"), /row 1 column "time" must be a whole ms/],
    ["3817,101.7,2,101.6,3,1704067200043,1704067200048\n", /column "ask" must be at least the bid/],
    ["id,price,qty,base_qty,time,is_buyer_maker\n", /an inverse contract is worth quote currency/],
    [`${"1".repeat(70_000)}`, /a line must be below 65536 bytes/],
  ];
  for (const [text, message] of rows) match(await faultOf(() => read(text)), message);
});
