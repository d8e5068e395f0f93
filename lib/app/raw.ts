// A way to the exchange for what `Rest` reads only in part: replies kept as they came, and fields that
// matter to a person choosing a market and to no order.

import { Requests } from "../backpack/requests.ts";
import type { Connection } from "./connect.ts";

/** Requests within the budget and by the clock of a connection. Close them when done. */
export function requestsOf({ urls, clock, limiter, markets }: Connection): Requests {
  return new Requests({ url: urls.api, clock, limiter, markets: () => markets });
}
