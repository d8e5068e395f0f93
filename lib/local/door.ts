// What every route shares: how a request is read, whose it is, whether its sender has asked too
// often. Public and private routes differ in nothing but which of these they use.

import type { Context } from "hono";
import type { Market } from "../core/market.ts";
import type { Account } from "./account.ts";
import { authenticate, proofOf } from "./auth.ts";
import { Fields, type Values } from "./fields.ts";
import { Allowance, MOST_PAST_PER_MINUTE, MOST_PER_MINUTE } from "./limits.ts";
import { Refused, unreadable } from "./refuse.ts";
import type { World } from "./world.ts";

/** Characters of a body. Fifty orders with every member are some 30,000. */
const LONGEST_BODY = 1_000_000;

/** What a private route is given. */
export interface Signed {
  readonly account: Account;
  /** The query, or the members of a body that is one object. */
  readonly fields: Fields;
  /** The objects of a body. */
  readonly objects: readonly Values[];
}

/** The way in. */
export class Door {
  readonly world: World;
  readonly #limits: "on" | "off";
  readonly #accounts = new Map<Account, Allowance>();
  readonly #past = new Allowance(MOST_PAST_PER_MINUTE);

  constructor(world: World, limits: "on" | "off") {
    this.world = world;
    this.#limits = limits;
  }

  /** The market of that symbol, if there is one. */
  readonly marketOf = (symbol: string): Market | undefined =>
    this.world.records.get(symbol)?.market;

  /** The query of a request. */
  query(context: Context): Fields {
    return new Fields(context.req.query());
  }

  /** Counts a request for candles or past trades; throws `Refused`. */
  takePast(): void {
    this.#take(this.#past);
  }

  /** A request without a body, signed for that instruction; throws `Refused`. */
  signedQuery(context: Context, instruction: string): Signed {
    return this.#enter(context, instruction, context.req.query());
  }

  /** A request whose body is an object, signed for that instruction; rejects with `Refused`. */
  async signedBody(context: Context, instruction: string, payload: string): Promise<Signed> {
    const body = await bodyOf(context);
    if (!isObject(body)) throw unreadable(notA("object", payload));
    return this.#enter(context, instruction, body, payload);
  }

  /** A request whose body is a list of objects. */
  async signedList(context: Context, instruction: string, payload: string): Promise<Signed> {
    const body = await bodyOf(context);
    if (!isList(body) || body.length === 0) throw unreadable(notA("array", payload));
    return this.#enter(context, instruction, body, payload);
  }

  #enter(
    context: Context,
    instruction: string,
    values: Values | readonly Values[],
    payload?: string,
  ): Signed {
    const proof = proofOf(context.req.raw.headers);
    const account = authenticate(this.world, proof, instruction, values);
    const allowance = this.#accounts.get(account) ?? new Allowance(MOST_PER_MINUTE);
    this.#accounts.set(account, allowance);
    this.#take(allowance);
    const objects = isList(values) ? values : [values];
    return { account, fields: new Fields(objects[0] ?? {}, payload), objects };
  }

  #take(allowance: Allowance): void {
    if (this.#limits === "off" || allowance.take(this.world.now)) return;
    throw new Refused(429, "TOO_MANY_REQUESTS", "Too many requests");
  }
}

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text.length > LONGEST_BODY) throw new Refused(413, undefined, "payload too large");
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable("parse request payload error: invalid JSON");
    throw error;
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly Values[] {
  return Array.isArray(value) && value.every(isObject);
}

function notA(kind: "object" | "array", payload: string): string {
  return `parse request payload error: failed to parse "${payload}": Expected input type "${kind}"`;
}
