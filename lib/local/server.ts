// The local exchange's HTTP side: every route over one world, which is brought up to its clock before
// each request. Whoever serves it must do the same in between: an order behind the speed bump is only
// answered once the world has come so far.

import { Hono } from "hono";
import { Door } from "./door.ts";
import { addHistoryRoutes } from "./history.ts";
import { addOrderRoutes } from "./order_routes.ts";
import { addPrivateRoutes } from "./private_routes.ts";
import { addPublicRoutes } from "./public_routes.ts";
import { Refused, text } from "./refuse.ts";
import type { World } from "./world.ts";

/** What stands around the routes. */
export interface ServerOptions {
  /** off: any number of requests is answered. Default on. */
  readonly limits?: "on" | "off";
  /** Takes a WebSocket; without it there is none. */
  readonly upgrade?: (request: Request) => Response;
  /** Does something to a request or its reply; `proceed` answers it. */
  readonly disturb?: (request: Request, proceed: () => Promise<Response>) => Promise<Response>;
}

/** What `Deno.serve` calls with each request. */
export function makeServer(
  world: World,
  { limits = "on", upgrade, disturb }: ServerOptions = {},
): (request: Request) => Promise<Response> {
  const app = new Hono();
  const door = new Door(world, limits);
  addPublicRoutes(app, door);
  addPrivateRoutes(app, door);
  addOrderRoutes(app, door);
  addHistoryRoutes(app, door);
  app.notFound(() => text("not found", 404));
  app.onError((error) => {
    if (error instanceof Refused) return error.response();
    throw error;
  });
  const answer = async (request: Request) => {
    world.advance();
    return await app.fetch(request);
  };
  return async (request) => {
    if (upgrade !== undefined && isUpgrade(request)) return upgrade(request);
    if (disturb === undefined) return await answer(request);
    return await disturb(request, () => answer(request));
  };
}

function isUpgrade({ headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}
