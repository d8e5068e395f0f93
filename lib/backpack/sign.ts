// Proof that a request is ours: Ed25519 over the text Backpack rebuilds from the request. The secret
// goes into a key object when the signer is made and is never seen again; nothing that prints a
// signer can print it. Signing is native, since every order waits for it.

import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { assert } from "../core/assert.ts";

/** When a request was made and how long it may take to arrive. */
export interface Stamp {
  /** Whole ms since 1970. */
  readonly timestampMs: number;
  /** Whole ms, 1 to 60,000: Backpack rejects more. */
  readonly windowMs: number;
}

/** Query parameters or body members. Undefined is left out; null must not be sent. */
export type Params = { readonly [name: string]: string | number | boolean | undefined };

/** What a signed request carries beside its body. */
export type SignedHeaders = {
  readonly "X-API-Key": string;
  readonly "X-Signature": string;
  readonly "X-Timestamp": string;
  readonly "X-Window": string;
};

/** A key pair as Backpack shows it: base64 of the 32-byte seed and of the 32-byte public key. */
export interface KeyPair {
  readonly secret: string;
  readonly publicKey: string;
}

/** Backpack rejects a window above this. */
export const MOST_WINDOW_MS = 60_000;

const SEED_BYTES = 32;
/** What PKCS8 puts before an Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The text to sign: `instruction=…`, the parameters in ascending order of their names, then timestamp
 * and window. Each order of a batch brings its own instruction. Values are plain text, not
 * URL-encoded. Throws `RangeError` on a stamp Backpack would reject.
 */
export function signingString(
  instruction: string,
  params: Params | readonly Params[],
  stamp: Stamp,
): string {
  const { timestampMs, windowMs } = stamp;
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0) {
    throw new RangeError(`timestampMs must be whole milliseconds: current value is ${timestampMs}`);
  }
  if (!Number.isSafeInteger(windowMs) || windowMs < 1 || windowMs > MOST_WINDOW_MS) {
    throw new RangeError(
      `windowMs must be from 1 to ${MOST_WINDOW_MS}: current value is ${windowMs}`,
    );
  }
  const segments = isBatch(params)
    ? params.map((one) => segment(instruction, one))
    : [segment(instruction, params)];
  assert(segments.length > 0, "a batch of no orders");
  return `${segments.join("&")}&timestamp=${timestampMs}&window=${windowMs}`;
}

function isBatch(params: Params | readonly Params[]): params is readonly Params[] {
  return Array.isArray(params);
}

function segment(instruction: string, params: Params): string {
  let text = `instruction=${instruction}`;
  for (const name of Object.keys(params).sort()) {
    const value = params[name];
    if (value !== undefined) text += `&${name}=${value}`;
  }
  return text;
}

/** Signs requests with one key. Throws `RangeError` on a secret that is none, without repeating it. */
export class Signer {
  /** Base64; what Backpack knows the key by. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** From base64 of a 32-byte seed, or of seed and public key as some exports have it. */
  constructor(secret: string) {
    const bytes = Buffer.from(secret, "base64");
    const whole = bytes.length === SEED_BYTES || bytes.length === 2 * SEED_BYTES;
    // Buffer skips what is not base64, so only what prints as it came was base64.
    if (!whole || bytes.toString("base64") !== secret) {
      throw new RangeError("the API secret must be base64 of 32 or 64 bytes");
    }
    const der = Buffer.concat([PKCS8_PREFIX, bytes.subarray(0, SEED_BYTES)]);
    this.#key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    this.publicKey = publicKeyOf(this.#key);
    const rest = bytes.subarray(SEED_BYTES).toString("base64");
    bytes.fill(0);
    der.fill(0);
    if (rest !== "" && rest !== this.publicKey) {
      throw new RangeError("the API secret's second half must be the public key of its first");
    }
  }

  /** Base64 of the signature of `text`. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString("base64");
  }

  /** The headers that sign a request; `params` are its query or its body. */
  headers(instruction: string, params: Params | readonly Params[], stamp: Stamp): SignedHeaders {
    return {
      "X-API-Key": this.publicKey,
      "X-Signature": this.sign(signingString(instruction, params, stamp)),
      "X-Timestamp": String(stamp.timestampMs),
      "X-Window": String(stamp.windowMs),
    };
  }

  /** The `signature` of a SUBSCRIBE frame: public key, signature, timestamp, window. */
  subscription(stamp: Stamp): readonly [string, string, string, string] {
    const headers = this.headers("subscribe", {}, stamp);
    return [
      headers["X-API-Key"],
      headers["X-Signature"],
      headers["X-Timestamp"],
      headers["X-Window"],
    ];
  }
}

/** A new key pair. The secret is the caller's to keep out of every log. */
export function keyPair(): KeyPair {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return { secret: base64(jwk.d), publicKey: base64(jwk.x) };
}

function publicKeyOf(key: KeyObject): string {
  return base64(createPublicKey(key).export({ format: "jwk" }).x);
}

/** The alphabet Backpack uses; JWK writes the URL one, without padding. */
function base64(text: string | undefined): string {
  assert(text !== undefined, "a key without its bytes");
  return Buffer.from(text, "base64url").toString("base64");
}
