// Whose request it is: the text Backpack signs is rebuilt from the parsed values, so that neither the
// order of members nor white space matter, and checked against the key's signature. Two texts pass
// besides the plain one, as clients in use send them: with URL-encoded values, and with a boolean
// capitalised in the query but not in the signed text.

import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type Micros, MILLISECOND } from "../core/units.ts";
import { MOST_WINDOW_MS, type Params, signingString, type Stamp } from "../backpack/sign.ts";
import type { Account } from "./account.ts";
import type { Values } from "./fields.ts";
import { badRequest, Refused } from "./refuse.ts";

/** Where accounts are found, and the time that windows are counted in. */
export interface Registry {
  readonly now: Micros;
  account(publicKey: string): Account | undefined;
}

/** What a request proves itself by. */
export interface Proof {
  readonly publicKey: string | undefined;
  readonly signature: string | undefined;
  /** Whole ms. */
  readonly timestamp: string | undefined;
  /** Whole ms; default 5000. */
  readonly window: string | undefined;
}

const USUAL_WINDOW_MS = "5000";
/** How far ahead a client's clock may be. What the exchange allows is unconfirmed. */
const MOST_AHEAD_MS = 1_000;
const SIGNATURE_BYTES = 64;

const keys = new WeakMap<Account, KeyObject>();

/** The headers of a request. */
export function proofOf(headers: Headers): Proof {
  const text = (name: string) => headers.get(name) ?? undefined;
  return {
    publicKey: text("X-API-Key"),
    signature: text("X-Signature"),
    timestamp: text("X-Timestamp"),
    window: text("X-Window"),
  };
}

/** The account that signed; throws `Refused` for whatever does not hold. */
export function authenticate(
  registry: Registry,
  proof: Proof,
  instruction: string,
  values: Values | readonly Values[],
): Account {
  if (proof.publicKey === undefined) throw badRequest("Missing X-API-Key header");
  if (proof.signature === undefined) throw badRequest("Missing X-Signature header");
  const account = registry.account(proof.publicKey);
  if (account === undefined) throw new Refused(401, "UNAUTHORIZED", "Unauthorized");
  const stamp = stampOf(proof);
  const aheadMs = stamp.timestampMs - registry.now / MILLISECOND;
  if (aheadMs > MOST_AHEAD_MS || -aheadMs > stamp.windowMs) throw badRequest("Request has expired");
  const signature = Buffer.from(proof.signature, "base64");
  if (signature.length !== SIGNATURE_BYTES) throw badRequest("Invalid X-Signature header");
  const key = keyOf(account);
  const signed = texts(instruction, values, stamp).some((text) =>
    verify(null, Buffer.from(text), key, signature)
  );
  if (!signed) throw badRequest("Invalid signature");
  return account;
}

/** The account that signed a SUBSCRIBE frame (key, signature, timestamp, window), if one did. */
export function subscriber(registry: Registry, signature: readonly string[]): Account | undefined {
  const [publicKey, signed, timestamp, window] = signature;
  try {
    return authenticate(
      registry,
      { publicKey, signature: signed, timestamp, window },
      "subscribe",
      {},
    );
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function stampOf({ timestamp = "", window = USUAL_WINDOW_MS }: Proof): Stamp {
  if (!/^\d{1,15}$/.test(timestamp)) throw badRequest("Invalid X-Timestamp header");
  const windowMs = /^\d{1,9}$/.test(window) ? Number(window) : NaN;
  if (!(windowMs >= 1 && windowMs <= MOST_WINDOW_MS)) throw badRequest("Invalid X-Window header");
  return { timestampMs: Number(timestamp), windowMs };
}

/** Every text that may have been signed, the documented one first. */
function texts(
  instruction: string,
  values: Values | readonly Values[],
  stamp: Stamp,
): string[] {
  const written = (change: (text: string) => string) => {
    const params = isBatch(values)
      ? values.map((one) => paramsOf(one, change))
      : paramsOf(values, change);
    return signingString(instruction, params, stamp);
  };
  const found = new Set([
    written((text) => text),
    written(encodeURIComponent),
    written((text) => /^(True|False)$/.test(text) ? text.toLowerCase() : text),
  ]);
  return [...found];
}

function isBatch(values: Values | readonly Values[]): values is readonly Values[] {
  return Array.isArray(values);
}

/** A member that is null counts as absent: what Backpack makes of one is unconfirmed. */
function paramsOf(values: Values, change: (text: string) => string): Params {
  const params: { [name: string]: string | number | boolean } = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    if (typeof value === "string") params[name] = change(value);
    else if (typeof value === "number" || typeof value === "boolean") params[name] = value;
    else throw badRequest("Invalid signature");
  }
  return params;
}

function keyOf(account: Account): KeyObject {
  const known = keys.get(account);
  if (known !== undefined) return known;
  const x = Buffer.from(account.publicKey, "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  keys.set(account, key);
  return key;
}
