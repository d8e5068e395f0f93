// Every account of the local exchange, by key and by number, and how a new one begins.

import { Buffer } from "node:buffer";
import { assert } from "../core/assert.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AccountId } from "../exchange/report.ts";
import { Account, type Terms } from "./account.ts";

/** Backpack's first fee tier, in bps. */
const FIRST_TIER = { spot: { maker: 8, taker: 10 }, perp: { maker: 2, taker: 5 } } as const;
const KEY_BYTES = 32;
const FIRST_SETTINGS = {
  autoBorrowSettlements: false,
  autoLend: false,
  autoRepayBorrows: false,
  leverage: 10,
};

/** All accounts. */
export class Accounts {
  readonly #exchange: Exchange;
  readonly #fees: Terms["fees"];
  readonly #accounts: Account[] = [];
  readonly #byKey = new Map<string, Account>();

  constructor(exchange: Exchange, fees: Terms["fees"] = FIRST_TIER) {
    this.#exchange = exchange;
    this.#fees = fees;
  }

  /** In the order they were opened. */
  get all(): readonly Account[] {
    return this.#accounts;
  }

  /** The account of a key (base64). */
  ofKey(publicKey: string): Account | undefined {
    return this.#byKey.get(publicKey);
  }

  /** The account of that number. Throws `Bug` if there is none. */
  get(id: AccountId): Account {
    const account = this.#accounts[id - 1];
    assert(account !== undefined, `no account ${id}`);
    return account;
  }

  /** As `World.open`. */
  open(publicKey: string, balances: { readonly [asset: string]: number }): Account {
    const bytes = Buffer.from(publicKey, "base64");
    if (bytes.length !== KEY_BYTES || bytes.toString("base64") !== publicKey) {
      throw new RangeError(`a key must be base64 of 32 bytes: current value is ${publicKey}`);
    }
    if (this.#byKey.has(publicKey)) throw new RangeError(`key ${publicKey} has an account already`);
    // The engine keeps this object and reads it whenever it decides, so settings may change in it.
    const terms: Terms = { ...FIRST_SETTINGS, fees: this.#fees, balances };
    const account = new Account(this.#exchange.openAccount(terms), publicKey, terms);
    this.#accounts.push(account);
    this.#byKey.set(publicKey, account);
    return account;
  }
}
