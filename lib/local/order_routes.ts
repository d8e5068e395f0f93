// The routes that send, show and cancel orders (PROTOCOL 4 and 5). A reply to a new order waits for
// the engine, speed bump and all, as Backpack's does: it is the engine's own answer.

import type { Hono } from "hono";
import type { Door, Signed } from "./door.ts";
import type { Fields } from "./fields.ts";
import { MOST_IN_BATCH, orderRequestOf } from "./order_request.ts";
import { printOrder } from "./print_order.ts";
import { badRequest, json, notFound, orderRefusal } from "./refuse.ts";
import type { OrderName, Placement } from "./world_options.ts";

/** Mounts them. */
export function addOrderRoutes(app: Hono, door: Door): void {
  addPlaceRoutes(app, door);
  addLookRoutes(app, door);
  addCancelRoutes(app, door);
}

function addPlaceRoutes(app: Hono, door: Door): void {
  const { world } = door;
  app.post("/api/v1/order", async (context) => {
    const { account, objects } = await door.signedBody(
      context,
      "orderExecute",
      "OrderExecutePayload",
    );
    const [request] = requestsOf(door, objects);
    if (request === undefined) throw badRequest("No order");
    const placement = await world.place(account, request);
    if (placement.kind === "refused") throw orderRefusal(placement.reason);
    return json(printOrder(placement.order));
  });
  app.post("/api/v1/orders", async (context) => {
    const { account, objects } = await door.signedList(
      context,
      "orderExecute",
      "OrderExecutePayload",
    );
    if (objects.length > MOST_IN_BATCH) {
      throw badRequest(`A batch holds at most ${MOST_IN_BATCH} orders`);
    }
    const requests = requestsOf(door, objects);
    const placements = await Promise.all(requests.map((request) => world.place(account, request)));
    return json(placements.map(printPlacement));
  });
}

function requestsOf(door: Door, objects: Signed["objects"]) {
  return objects.map((values) => orderRequestOf(values, door.marketOf));
}

function printPlacement(placement: Placement) {
  if (placement.kind === "order") return { operation: "Ok", ...printOrder(placement.order) };
  const { code, message } = orderRefusal(placement.reason);
  return { operation: "Err", code, message };
}

function addLookRoutes(app: Hono, door: Door): void {
  const { world } = door;
  app.get("/api/v1/order", (context) => {
    const { account, fields } = door.signedQuery(context, "orderQuery");
    const { symbol } = fields.market(door.marketOf);
    const order = world.openOrder(account, symbol, nameOf(fields));
    if (order === undefined) throw notFound();
    return json(printOrder(order));
  });
  app.get("/api/v1/orders", (context) => {
    const { account, fields } = door.signedQuery(context, "orderQueryAll");
    const market = fields.marketIfAny(door.marketOf);
    const type = fields.word("marketType", "MarketType", ["SPOT", "PERP"]);
    const found = world.openOrders(account, market?.symbol).filter((order) =>
      type === undefined || order.market.kind.toUpperCase() === type
    );
    return json(found.map(printOrder));
  });
}

function addCancelRoutes(app: Hono, door: Door): void {
  const { world } = door;
  app.delete("/api/v1/order", async (context) => {
    const payload = "OrderCancelPayload";
    const { account, fields } = await door.signedBody(context, "orderCancel", payload);
    const { symbol } = fields.market(door.marketOf);
    const order = world.cancel(account, symbol, nameOf(fields));
    if (order === undefined) throw notFound();
    return json(printOrder(order));
  });
  app.delete("/api/v1/orders", async (context) => {
    const payload = "OrderCancelAllPayload";
    const { account, fields } = await door.signedBody(context, "orderCancelAll", payload);
    const { symbol } = fields.market(door.marketOf);
    const type = fields.word("orderType", "CancelOrderTypeEnum", [
      "RestingLimitOrder",
      "ConditionalOrder",
    ]);
    const which = type === undefined ? "both" : type === "ConditionalOrder" ? "waiting" : "resting";
    return json(world.cancelAll(account, symbol, which).map(printOrder));
  });
}

/** Exactly one of the two ids; both at once are rejected, as the specification says. */
function nameOf(fields: Fields): OrderName {
  const orderId = fields.id("orderId");
  const clientId = fields.clientId();
  if (orderId !== undefined && clientId === undefined) return { orderId };
  if (clientId !== undefined && orderId === undefined) return { clientId };
  throw badRequest("Must specify exactly one of `orderId` and `clientId`");
}
