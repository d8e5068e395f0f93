// Everything that can be asked of a world, as plain data. A world is made anew by asking the same
// again at the same times, which is how the local exchange survives a restart: what it answered need
// not be written down.

import { z } from "zod";
import { assert, unreachable } from "../core/assert.ts";
import type { MarketState, PriceBands } from "../core/market.ts";
import { cash, type Lots, lots, type Micros, micros, ticks } from "../core/units.ts";
import type { OrderRequest } from "../exchange/order.ts";
import type { Account, Settings } from "./account.ts";
import type { World } from "./world.ts";

/** Rules of a market that may change while it runs. */
export interface Rules {
  readonly minQuantity?: Lots;
  readonly bands?: PriceBands;
}

/** Something that was asked. */
export type Command =
  | {
    readonly kind: "open";
    readonly publicKey: string;
    readonly balances: { readonly [asset: string]: number };
  }
  | {
    readonly kind: "set";
    readonly publicKey: string;
    readonly settings: Readonly<Partial<Settings>>;
  }
  | { readonly kind: "place"; readonly publicKey: string; readonly request: OrderRequest }
  | {
    readonly kind: "cancel";
    readonly publicKey: string;
    readonly symbol: string;
    readonly orderIds: readonly string[];
  }
  | { readonly kind: "state"; readonly symbol: string; readonly state: MarketState }
  | { readonly kind: "rules"; readonly symbol: string; readonly rules: Rules };

const price = z.number().transform(ticks);
const quantity = z.number().transform(lots);
const reference = z.enum(["LastPrice", "MarkPrice", "IndexPrice"]);
const band = z.strictObject({ min: z.number(), max: z.number() }).exactOptional();

const request = z.strictObject({
  symbol: z.string(),
  clientId: z.number().exactOptional(),
  side: z.enum(["bid", "ask"]),
  type: z.enum(["limit", "market"]),
  price: price.exactOptional(),
  quantity: quantity.exactOptional(),
  quoteQuantity: z.number().transform(cash).exactOptional(),
  timeInForce: z.enum(["GTC", "IOC", "FOK"]),
  postOnly: z.boolean(),
  reduceOnly: z.boolean(),
  selfTradePrevention: z.enum(["RejectTaker", "RejectMaker", "RejectBoth"]),
  slippageTolerance: z.union([
    z.strictObject({ ticks: z.number() }),
    z.strictObject({ percent: z.number() }),
  ]).exactOptional(),
  trigger: z.union([
    z.strictObject({ price, by: reference, quantity }),
    z.strictObject({ price, by: reference, percentOfPosition: z.number() }),
  ]).exactOptional(),
  autoLendRedeem: z.boolean().exactOptional(),
});

const flag = z.boolean().exactOptional();
const at = z.number().transform(micros);
const line = z.discriminatedUnion("kind", [
  z.strictObject({
    at,
    kind: z.literal("open"),
    publicKey: z.string(),
    balances: z.record(z.string(), z.number()),
  }),
  z.strictObject({
    at,
    kind: z.literal("set"),
    publicKey: z.string(),
    settings: z.strictObject({
      autoBorrowSettlements: flag,
      autoLend: flag,
      autoRepayBorrows: flag,
      leverage: z.number().exactOptional(),
    }),
  }),
  z.strictObject({ at, kind: z.literal("place"), publicKey: z.string(), request }),
  z.strictObject({
    at,
    kind: z.literal("cancel"),
    publicKey: z.string(),
    symbol: z.string(),
    orderIds: z.array(z.string()),
  }),
  z.strictObject({
    at,
    kind: z.literal("state"),
    symbol: z.string(),
    state: z.enum(["Open", "Closed", "CancelOnly", "LimitOnly", "PostOnly"]),
  }),
  z.strictObject({
    at,
    kind: z.literal("rules"),
    symbol: z.string(),
    rules: z.strictObject({
      minQuantity: quantity.exactOptional(),
      bands: z.strictObject({ last: band, mark: band, impact: band }).exactOptional(),
    }),
  }),
]);

/** A command and when it was given. */
export type Noted = Command & { readonly at: Micros };

/** A command from a line of JSON; undefined for anything else. */
export function notedOf(text: string): Noted | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Asks the world once more, without waiting for its answer. Its clock must show the command's time. */
export function repeat(world: World, command: Command): void {
  switch (command.kind) {
    case "open":
      world.open(command.publicKey, command.balances);
      return;
    case "set":
      return world.set(accountOf(world, command.publicKey), command.settings);
    case "place":
      void world.place(accountOf(world, command.publicKey), command.request);
      return;
    case "cancel": {
      const account = accountOf(world, command.publicKey);
      for (const orderId of command.orderIds) world.cancel(account, command.symbol, { orderId });
      return;
    }
    case "state":
      return world.setState(command.symbol, command.state);
    case "rules":
      return world.setRules(command.symbol, command.rules);
    default:
      return unreachable(command);
  }
}

function accountOf(world: World, publicKey: string): Account {
  const account = world.account(publicKey);
  assert(account !== undefined, `no account of ${publicKey}`);
  return account;
}
