// The routes under /wapi/v1/history: what was, newest first, in pages whose numbers come in headers.

import type { Context, Hono } from "hono";
import type { Market } from "../core/market.ts";
import type { SystemOrderType } from "../exchange/report.ts";
import type { Account, FillRow } from "./account.ts";
import type { Door } from "./door.ts";
import type { Fields } from "./fields.ts";
import { positionFacts } from "./holdings.ts";
import { milliseconds } from "./print.ts";
import { printEpisode, printFunding, printSettlement } from "./print_account.ts";
import { printFill, printPastOrder } from "./print_order.ts";
import { json } from "./refuse.ts";

const USUAL_ROWS = 100;
const MOST_ROWS = 1_000;
const sources = [
  ...["BackstopLiquidation", "CulledBorrowInterest", "CulledRealizePnl"] as const,
  ...["CulledRealizePnlBookUtilization", "FundingPayment", "RealizePnl", "TradingFees"] as const,
  ...["TradingFeesSystem"] as const,
];
const fillTypes = [
  ...["User", "BookLiquidation", "Adl", "Backstop", "Liquidation", "AllLiquidation"] as const,
  ...["CollateralConversion", "CollateralConversionAndSpotLiquidation"] as const,
];

/** Which system orders a fill type means; those left out never happen here. */
const ofFillType: {
  readonly [T in (typeof fillTypes)[number]]?: readonly (SystemOrderType | undefined)[];
} = {
  User: [undefined],
  BookLiquidation: ["LiquidatePositionOnBook"],
  Adl: ["LiquidatePositionOnAdl"],
  Liquidation: ["LiquidatePositionOnBook"],
  AllLiquidation: ["LiquidatePositionOnBook", "LiquidatePositionOnAdl"],
};

/** Mounts them. */
export function addHistoryRoutes(app: Hono, door: Door): void {
  const route = (
    name: string,
    instruction: string,
    rows: (account: Account, fields: Fields) => readonly unknown[],
  ) =>
    app.get(`/wapi/v1/history/${name}`, (context: Context) => {
      const { account, fields } = door.signedQuery(context, instruction);
      return page(rows(account, fields), fields);
    });
  route("orders", "orderHistoryQueryAll", (account, fields) => {
    const id = fields.id("orderId");
    const isWanted = marketFilter(door, fields);
    return account.orders
      .filter((order) => isWanted(order.market) && (id === undefined || order.id === id))
      .map(printPastOrder);
  });
  route("fills", "fillHistoryQueryAll", (account, fields) => fillsOf(door, account, fields));
  route("funding", "fundingHistoryQueryAll", (account, fields) => {
    const isWanted = marketFilter(door, fields);
    return account.fundings
      .filter(({ market }) => isWanted(market))
      .map((row) => printFunding(row, account));
  });
  route("settlement", "settlementHistoryQueryAll", (account, fields) => {
    const source = fields.word("source", "SettlementSourceFilter", sources);
    return account.settlements
      .filter((row) => source === undefined || row.source === source)
      .map((row) => printSettlement(row, account));
  });
  route("position", "positionHistoryQueryAll", (account, fields) => {
    const state = fields.word("state", "PositionState", ["Open", "Closed"]);
    const isWanted = marketFilter(door, fields);
    return account.episodes.all
      .filter(({ market, closedAt }) =>
        isWanted(market) &&
        (state === undefined || (state === "Open") === (closedAt === undefined))
      )
      .map((episode) => {
        const isOpen = episode.closedAt === undefined;
        const facts = isOpen
          ? positionFacts(door.world, account, episode.market.symbol)
          : undefined;
        return printEpisode(episode, account, facts);
      });
  });
}

function fillsOf(door: Door, account: Account, fields: Fields): unknown[] {
  const id = fields.id("orderId");
  const isWanted = marketFilter(door, fields);
  const ms = (name: string) => fields.whole(name, "integer_int64", Number.MAX_SAFE_INTEGER);
  const [from = -Infinity, to = Infinity] = [ms("from"), ms("to")];
  const type = fields.word("fillType", "FillType", fillTypes);
  const origins = type === undefined ? undefined : ofFillType[type] ?? [];
  const isIn = (row: FillRow) => {
    const at = milliseconds(row.time);
    return at >= from && at < to;
  };
  return account.fills
    .filter((row) =>
      isWanted(row.market) && isIn(row) && (id === undefined || row.orderId === id) &&
      (origins === undefined || origins.includes(row.systemOrderType))
    )
    .map(printFill);
}

/** Whether a market is among those asked for by `symbol` and `marketType`. */
function marketFilter(door: Door, fields: Fields): (market: Market) => boolean {
  const wanted = fields.marketIfAny(door.marketOf);
  const type = fields.word("marketType", "MarketType", ["SPOT", "PERP"]);
  return (market) =>
    (wanted === undefined || market.symbol === wanted.symbol) &&
    (type === undefined || market.kind.toUpperCase() === type);
}

/** One page of rows given oldest first. */
function page(rows: readonly unknown[], fields: Fields): Response {
  const limit = fields.limit(USUAL_ROWS, MOST_ROWS);
  const offset = fields.offset();
  const ascends = fields.word("sortDirection", "SortDirection", ["Asc", "Desc"]) === "Asc";
  const sorted = ascends ? rows : rows.toReversed();
  const pages = limit === 0 ? 0 : Math.ceil(rows.length / limit);
  return json(sorted.slice(offset, offset + limit), {
    headers: {
      "X-Total": String(rows.length),
      "X-Page-Size": String(limit),
      "X-Page-Count": String(pages),
      "X-Current-Page": String(limit === 0 ? 1 : Math.floor(offset / limit) + 1),
    },
  });
}
