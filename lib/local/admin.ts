// The back door of the local exchange, by which a test makes things happen that no client can: faults,
// market states, other rules, a fall of the mark price, a clock that is wrong. It stands on loopback
// only and opens with a token, so that no page in a browser can use it.

import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { z } from "zod";
import { type Market, parsePrice, parseQuantity } from "../core/market.ts";
import { type Faults, parseFaults } from "./faults.ts";
import type { World } from "./world.ts";

/** What can be changed from outside. */
export interface AdminTerms {
  /** What a request must bring as `Authorization: Bearer <token>`. */
  readonly token: string;
  readonly world: World;
  readonly faults: Faults;
  /** Sets how far the exchange's clock is ahead of the right time; negative: behind. */
  setClockOffset(ms: number): void;
}

/** A day: enough for every window there is, and no number is lost on the way to µs. */
const MOST_OFFSET_MS = 86_400_000;
const LONGEST_BODY = 64 * 2 ** 10;

const band = z.strictObject({ min: z.number().positive(), max: z.number().positive() });
const bodies = {
  state: z.strictObject({
    symbol: z.string(),
    state: z.enum(["Open", "Closed", "CancelOnly", "LimitOnly", "PostOnly"]),
  }),
  filters: z.strictObject({
    symbol: z.string(),
    minQuantity: z.string().optional(),
    bands: z.strictObject({
      last: band.exactOptional(),
      mark: band.exactOptional(),
      impact: band.exactOptional(),
    }).optional(),
  }),
  liquidate: z.strictObject({ symbol: z.string(), price: z.string() }),
  clock: z.strictObject({ offsetMs: z.number().min(-MOST_OFFSET_MS).max(MOST_OFFSET_MS) }),
};

/**
 * Answers what begins with /admin/, and gives undefined for anything else. GET /admin/faults tells the
 * rates and what has happened; everything else is POST: faults (the text of `--faults`, or JSON), state
 * {symbol, state}, filters {symbol, minQuantity, bands}, liquidate {symbol, price}, clock {offsetMs}.
 */
export function makeAdmin(
  terms: AdminTerms,
): (request: Request) => Promise<Response | undefined> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/admin/")) return undefined;
    if (!isAllowed(request, terms.token)) return refuse(401, "the admin token is missing or wrong");
    const text = await request.text();
    if (text.length > LONGEST_BODY) return refuse(413, "the body is too long");
    try {
      return route(terms, `${request.method} ${pathname.slice("/admin/".length)}`, text);
    } catch (error) {
      if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
      if (error instanceof RangeError || error instanceof SyntaxError) {
        return refuse(400, error.message);
      }
      throw error;
    }
  };
}

function isAllowed(request: Request, token: string): boolean {
  const given = Buffer.from(request.headers.get("Authorization") ?? "");
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

function route(terms: AdminTerms, name: string, text: string): Response {
  const { world, faults } = terms;
  switch (name) {
    case "GET faults":
      break;
    case "POST faults":
      faults.rates = parseFaults(text);
      break;
    case "POST state": {
      const { symbol, state } = bodies.state.parse(JSON.parse(text));
      world.setState(marketOf(world, symbol).symbol, state);
      break;
    }
    case "POST filters":
      setFilters(world, bodies.filters.parse(JSON.parse(text)));
      break;
    case "POST liquidate": {
      const { symbol, price } = bodies.liquidate.parse(JSON.parse(text));
      markAt(world, marketOf(world, symbol), price);
      break;
    }
    case "POST clock":
      terms.setClockOffset(bodies.clock.parse(JSON.parse(text)).offsetMs);
      break;
    default:
      return refuse(404, `there is no ${name}`);
  }
  return Response.json({ rates: faults.rates, counts: faults.counts });
}

function setFilters(
  world: World,
  { symbol, minQuantity, bands }: z.infer<typeof bodies.filters>,
): void {
  const market = marketOf(world, symbol);
  const least = minQuantity === undefined ? undefined : parseQuantity(market, minQuantity);
  if (minQuantity !== undefined && least === undefined) {
    throw new RangeError(`minQuantity must be a quantity of ${symbol}: ${minQuantity}`);
  }
  world.setRules(symbol, {
    ...(least === undefined ? {} : { minQuantity: least }),
    ...(bands === undefined ? {} : { bands }),
  });
}

/** Values positions at a price for a moment, until the market says again where it is. */
function markAt(world: World, market: Market, text: string): void {
  const price = parsePrice(market, text);
  if (price === undefined || price <= 0) {
    throw new RangeError(`price must be a price of ${market.symbol}: ${text}`);
  }
  world.advance();
  world.exchange.setMark(market.symbol, price, undefined, world.time);
  world.advance();
}

function marketOf(world: World, symbol: string): Market {
  const market = world.records.get(symbol)?.market;
  if (market === undefined) throw new RangeError(`there is no market ${symbol}`);
  return market;
}

function refuse(status: number, message: string): Response {
  return Response.json({ code: "INVALID_CLIENT_REQUEST", message }, { status });
}
