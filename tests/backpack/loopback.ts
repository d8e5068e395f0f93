// A loopback exchange that believes nobody: it rebuilds the text of every signature from what
// arrived, with code of its own, and lets a second implementation verify it. Its answers are given
// by the test. Beside it, a listener that cuts connections and counts what came through them.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { verifyAsync } from "@noble/ed25519";
import { Limiter, type LimiterOptions } from "../../lib/backpack/limiter.ts";
import { Rest } from "../../lib/backpack/rest.ts";
import type { RestOptions } from "../../lib/backpack/requests.ts";
import { ServerClock } from "../../lib/backpack/server_clock.ts";
import { Signer } from "../../lib/backpack/sign.ts";
import { markets, plain } from "./examples.ts";
import { samples } from "./samples.ts";

/** A request that arrived. */
export interface Asked {
  /** `GET /api/v1/order`. */
  readonly route: string;
  /** As it stood in the address, without the question mark. */
  readonly search: string;
  readonly body: string;
  readonly headers: Headers;
  /** Undefined where it was not signed. */
  readonly signed: { readonly instruction: string; readonly windowMs: number } | undefined;
}

/** An exchange on loopback. */
export interface Loopback extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
}

/** The time of every request: the client's clock is held. */
export const NOW_MS = 1_760_000_000_000;

export const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const instructions = new Map([
  ["GET /api/v1/account", "accountQuery"],
  ["GET /api/v1/capital", "balanceQuery"],
  ["GET /api/v1/capital/collateral", "collateralQuery"],
  ["GET /api/v1/position", "positionQuery"],
  ["GET /api/v1/order", "orderQuery"],
  ["POST /api/v1/order", "orderExecute"],
  ["DELETE /api/v1/order", "orderCancel"],
  ["GET /api/v1/orders", "orderQueryAll"],
  ["POST /api/v1/orders", "orderExecute"],
  ["DELETE /api/v1/orders", "orderCancelAll"],
  ["GET /wapi/v1/history/orders", "orderHistoryQueryAll"],
  ["GET /wapi/v1/history/fills", "fillHistoryQueryAll"],
  ["GET /wapi/v1/history/funding", "fundingHistoryQueryAll"],
]);

/** Serves `answer` to every request whose signature holds; one that should have one and has none gets 401. */
export function loopback(
  answer: (asked: Asked) => Response | Promise<Response>,
): Loopback {
  const asked: Asked[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const route = `${request.method} ${pathname}`;
    const body = await request.text();
    const instruction = instructions.get(route);
    const signed = instruction === undefined
      ? undefined
      : await verified(instruction, { search, body, headers: request.headers });
    if (instruction !== undefined && signed === undefined) {
      return refusal(401, "INVALID_SIGNATURE", "Invalid signature");
    }
    const one = { route, search: search.slice(1), body, headers: request.headers, signed };
    asked.push(one);
    return await answer(one);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A reply of Backpack's. */
export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}

/** A refusal of Backpack's. */
export function refusal(status: number, code: string, message: string): Response {
  return json({ code, message }, status);
}

/** The body of a reply of that kind. */
export function sample(name: string): unknown {
  const found = samples.find((one) => one.name === name);
  assert.ok(found, `no sample ${name}`);
  return found.message;
}

/** What the reader of that sample makes of it. */
export function meaning(name: string): unknown {
  const found = samples.find((one) => one.name === name);
  return plain(found?.read(JSON.stringify(found.message)));
}

/** A client with its clock held, its own budget and a key. */
export function aRest(url: string, options: Partial<RestOptions> = {}): Rest & Disposable {
  const rest = new Rest({
    url,
    signer: new Signer(secret),
    clock: new ServerClock(() => NOW_MS),
    limiter: aLimiter(),
    markets: () => markets,
    ...options,
  });
  return Object.assign(rest, { [Symbol.dispose]: () => rest.close() });
}

/** A budget of which nothing is spent. */
export function aLimiter(options: LimiterOptions = {}): Limiter {
  return new Limiter({ nowMs: () => 0, random: () => 0, ...options });
}

async function verified(
  instruction: string,
  { search, body, headers }: { search: string; body: string; headers: Headers },
): Promise<Asked["signed"]> {
  const [key, signature, timestamp, window] = ["Key", "Signature", "Timestamp", "Window"]
    .map((name) => headers.get(name === "Key" ? "X-API-Key" : `X-${name}`));
  if (!key || !signature || !timestamp || !window) return undefined;
  const rows: unknown[] = body === ""
    ? [Object.fromEntries(new URLSearchParams(search))]
    : [JSON.parse(body)].flat();
  const segments = rows.map((row) => {
    const pairs = Object.entries(row ?? {}).toSorted(([a], [b]) => a < b ? -1 : 1);
    return [`instruction=${instruction}`, ...pairs.map(([name, value]) => `${name}=${value}`)]
      .join("&");
  });
  const text = `${segments.join("&")}&timestamp=${timestamp}&window=${window}`;
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
  const holds = await verifyAsync(bytes(signature), new TextEncoder().encode(text), bytes(key));
  return holds ? { instruction, windowMs: Number(window) } : undefined;
}

/** A host that speaks raw bytes. */
export interface RawHost extends Disposable {
  readonly port: number;
  /** Every request that came, whole: an end of connection in between would show. */
  readonly came: string[];
}

/** Gives `bytesFor` every request and then hangs up, unless the answer asks for another. */
export function rawHost(bytesFor: (request: string) => string): RawHost {
  const came: string[] = [];
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serve = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const read = await connection.read(buffer).catch(() => null);
      if (read === null) break;
      const request = new TextDecoder().decode(buffer.subarray(0, read));
      came.push(request);
      const bytes = bytesFor(request);
      if (bytes !== "") await connection.write(new TextEncoder().encode(bytes));
      if (!bytes.includes("keep-alive")) break;
    }
    connection.close();
  };
  const accept = async () => {
    for await (const connection of listener) void serve(connection);
  };
  void accept();
  return { port: listener.addr.port, came, [Symbol.dispose]: () => listener.close() };
}
