// The exchange's markets and their ranking, asked of the local exchange and of answers that are odd.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { chooseMarkets, listedMarkets } from "../../lib/app/markets_live.ts";
import { connect } from "../../lib/app/connect.ts";
import { anAnswer, onExchange } from "./exchange_scene.ts";

const { signal } = new AbortController();

/** A sound row of Backpack's list, with what differs. */
function row(symbol: string, more: object = {}) {
  return {
    ...{ symbol, baseSymbol: "SOL", quoteSymbol: "USDC", marketType: "PERP", visible: true },
    orderBookState: "Open",
    filters: {
      price: { tickSize: "0.01", minPrice: "0.01" },
      quantity: { stepSize: "0.01", minQuantity: "0.01" },
    },
    ...more,
  };
}

function ticker(symbol: string, more: object = {}) {
  return {
    ...{ symbol, firstPrice: "100", lastPrice: "101", high: "104", low: "98", volume: "50000" },
    ...{ quoteVolume: "5000000", trades: "900" },
    ...more,
  };
}

const depth = {
  ...{ bids: [["100.99", "500"]], asks: [["101.01", "500"]], lastUpdateId: "1" },
  timestamp: 1_700_000_000_000_000,
};

/** An exchange of these rows, and what it was asked. */
function anExchange(
  markets: readonly object[],
  tickers: readonly { readonly symbol: string }[],
) {
  const asked: string[] = [];
  const server = anAnswer((path) => {
    asked.push(path.replace("/api/v1/", ""));
    if (path.endsWith("/markets")) return Response.json(markets);
    if (path.endsWith("/tickers")) return Response.json(tickers);
    const symbol = new URLSearchParams(path.split("?")[1]).get("symbol");
    if (path.includes("/depth")) return Response.json(depth);
    const found = tickers.find((one) => one.symbol === symbol);
    return found === undefined ? new Response(null, { status: 204 }) : Response.json(found);
  });
  return { ...server, asked };
}

Deno.test("the local exchange's markets are listed and ranked, each chosen or left out", async () => {
  await onExchange(async ({ connection }) => {
    const listed = await listedMarkets(connection, signal);
    equal(listed.kind, "ok");
    const { chosen, leftOut } = await chooseMarkets(connection, "flow", signal);
    deepEqual(chosen.map(({ market }) => market.symbol), ["SOL_USDC_PERP"]);
    deepEqual(leftOut, [{ symbol: "SOL_USDC", reason: "is no perp" }]);
  });
});

Deno.test("markets that are hidden, or that nobody can count, are named and asked nothing more", async () => {
  await using server = anExchange(
    [
      row("A"),
      row("HIDDEN", { visible: false }),
      row("SHUT", { orderBookState: "Closed" }),
      row("ODD", { marketType: "PREDICTION" }),
      row("SILENT"),
      row("OLD", { visible: undefined }),
    ],
    [ticker("A"), ticker("HIDDEN"), ticker("SHUT"), ticker("OLD"), ticker("STRANGER")],
  );
  using connection = connect({ api: server.url, ws: server.ws }, undefined);
  const { chosen, leftOut } = await chooseMarkets(connection, "flow", signal);
  deepEqual(chosen.map(({ market }) => market.symbol), ["A", "OLD"]);
  deepEqual(leftOut.slice(0, 3), [
    { symbol: "HIDDEN", reason: "is not shown by the exchange" },
    { symbol: "SHUT", reason: "is Closed" },
    { symbol: "SILENT", reason: "did not trade in 24 h" },
  ]);
  equal(leftOut[3]?.symbol, "ODD");
  match(leftOut[3]?.reason ?? "", /^cannot be traded here: marketType must be one of SPOT, PERP/);
  deepEqual(server.asked.filter((path) => path.startsWith("depth")).length, 2);
});

Deno.test("one odd ticker costs one market, not all of them", async () => {
  await using server = anExchange(
    [row("A"), row("B")],
    [ticker("A"), ticker("B", { firstPrice: "100.005" })],
  );
  using connection = connect({ api: server.url, ws: server.ws }, undefined);
  const { chosen, leftOut } = await chooseMarkets(connection, "flow", signal);
  deepEqual(chosen.map(({ market }) => market.symbol), ["A"]);
  equal(leftOut[0]?.symbol, "B");
  match(
    leftOut[0]?.reason ?? "",
    /^has a day that could not be read: .*firstPrice must be a price/,
  );
});

Deno.test("where the list cannot be had there is one line and no ranking", async () => {
  await using server = anAnswer(() => new Response("<title>Sign in</title>", { status: 403 }));
  using connection = connect({ api: server.url, ws: server.ws }, undefined);
  await rejects(
    () => chooseMarkets(connection, "flow", signal),
    /^UserError: Cannot read the markets as 127\.0\.0\.1:\d+ gave no answer: HTTP 403 with a web page/,
  );
});
