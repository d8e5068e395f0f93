// The routes about an account, its capital and its positions (PROTOCOL 4); orders and history have
// files of their own.

import type { Hono } from "hono";
import { formatPrice, formatQuantity } from "../core/market.ts";
import { lots } from "../core/units.ts";
import type { Settings } from "./account.ts";
import type { Door } from "./door.ts";
import { mostOrderable } from "./most_orderable.ts";
import { priceOf } from "./order_request.ts";
import { printAccount, printCapital, printCollateral, printPosition } from "./print_account.ts";
import { json, Refused } from "./refuse.ts";

/** The most leverage an account may set. */
const MOST_LEVERAGE = 50;

/** Mounts them. */
export function addPrivateRoutes(app: Hono, door: Door): void {
  const { world } = door;
  app.get("/api/v1/account", (context) => {
    const { account } = door.signedQuery(context, "accountQuery");
    return json(printAccount(world, account));
  });
  app.patch("/api/v1/account", async (context) => {
    const payload = "UpdateAccountSettingsRequest";
    const { account, fields } = await door.signedBody(context, "accountUpdate", payload);
    const settings: Partial<Settings> = {};
    for (const name of ["autoBorrowSettlements", "autoLend", "autoRepayBorrows"] as const) {
      const flag = fields.flag(name);
      if (flag !== undefined) settings[name] = flag;
    }
    const leverage = fields.decimal("leverageLimit");
    if (leverage !== undefined) settings.leverage = leverageOf(leverage);
    world.set(account, settings);
    return new Response(null, { status: 200 });
  });
  app.get("/api/v1/capital", (context) => {
    const { account } = door.signedQuery(context, "balanceQuery");
    return json(printCapital(world, account));
  });
  app.get("/api/v1/capital/collateral", (context) => {
    const { account } = door.signedQuery(context, "collateralQuery");
    return json(printCollateral(world, account));
  });
  app.get("/api/v1/position", (context) => {
    const { account, fields } = door.signedQuery(context, "positionQuery");
    const market = fields.marketIfAny(door.marketOf);
    const found = world.positions(account).filter((position) =>
      market === undefined || position.market.symbol === market.symbol
    );
    return json(found.map((position) => printPosition(position, account)));
  });
  addLimitRoute(app, door);
}

function addLimitRoute(app: Hono, door: Door): void {
  const { world } = door;
  app.get("/api/v1/account/limits/order", (context) => {
    const { account, fields } = door.signedQuery(context, "maxOrderQuantity");
    const market = fields.market(door.marketOf);
    const side = fields.neededWord("side", "Side", ["Bid", "Ask"]) === "Bid" ? "bid" : "ask";
    const book = world.exchange.book(market.symbol);
    const given = priceOf(fields, "price", market);
    const price = given ?? book.best(side === "bid" ? "ask" : "bid") ?? book.last;
    const flags = ["reduceOnly", "autoBorrow", "autoBorrowRepay", "autoLendRedeem"] as const;
    const held = world.exchange.position(account.id, market.symbol);
    const reducible = side === "bid" ? -held : held;
    const most = fields.flag("reduceOnly") === true
      ? lots(Math.max(0, reducible))
      : price === undefined
      ? lots(0)
      : mostOrderable(world, account, { market, side, price });
    return json({
      maxOrderQuantity: formatQuantity(market, most),
      symbol: market.symbol,
      side: side === "bid" ? "Bid" : "Ask",
      price: given === undefined ? null : formatPrice(market, given),
      ...Object.fromEntries(flags.map((name) => [name, fields.flag(name) ?? null])),
    });
  });
}

function leverageOf(text: string): number {
  const leverage = Number(text);
  if (leverage >= 1 && leverage <= MOST_LEVERAGE) return leverage;
  const message = `Leverage must be between 1 and ${MOST_LEVERAGE}`;
  throw new Refused(400, "MAX_LEVERAGE_REACHED", message);
}
