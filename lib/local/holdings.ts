// What accounts hold, compared with what was last said of it: positions and balances are told when
// they changed, once for a whole command, after the orders that changed them.

import { cash, lots, type Micros, type Ticks } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Account } from "./account.ts";
import type { PositionFacts, Published } from "./published.ts";
import type { PublicRecord } from "./public_record.ts";

/** What holdings are compared with. */
export interface HoldingsTerms {
  readonly exchange: Exchange;
  readonly records: ReadonlyMap<string, PublicRecord>;
  publish(event: Published): void;
}

interface Said {
  readonly facts: PositionFacts;
  readonly text: string;
}

/** The positions and balances of all accounts, as last told. */
export class Holdings {
  readonly #terms: HoldingsTerms;
  readonly #positions = new Map<string, Said>();
  readonly #balances = new Map<string, string>();
  readonly #touched = new Map<Account, Set<string>>();

  constructor(terms: HoldingsTerms) {
    this.#terms = terms;
  }

  /** What the account holds now needs no telling. */
  begin(account: Account): void {
    for (const asset of this.#terms.exchange.assets(account.id)) {
      this.#balances.set(`${account.id}/${asset}`, this.#balance(account, asset).text);
    }
  }

  /** Something of the account changed in that market. */
  touch(account: Account, symbol: string): void {
    const symbols = this.#touched.get(account) ?? new Set();
    this.#touched.set(account, symbols.add(symbol));
  }

  /** Tells what changed since the last time. */
  tell(time: Micros): void {
    for (const [account, symbols] of this.#touched) {
      for (const symbol of symbols) this.#tellPosition(account, symbol, time);
      for (const asset of this.#terms.exchange.assets(account.id)) {
        this.#tellBalance(account, asset, time);
      }
    }
    this.#touched.clear();
  }

  #tellPosition(account: Account, symbol: string, time: Micros): void {
    const key = `${account.id}/${symbol}`;
    const before = this.#positions.get(key);
    const facts = positionFacts(this.#terms, account, symbol);
    if (facts === undefined) {
      if (before === undefined) return;
      this.#positions.delete(key);
      const position = closed(before.facts);
      this.#terms.publish({
        kind: "position",
        account: account.id,
        time,
        change: "closed",
        position,
      });
      return;
    }
    const { view } = facts;
    const text = [facts.id, view.lots, view.exposureLots, view.realised, view.funding].join("/");
    if (text === before?.text) return;
    this.#positions.set(key, { facts, text });
    const change = before === undefined ? "opened" : "adjusted";
    this.#terms.publish({ kind: "position", account: account.id, time, change, position: facts });
  }

  #tellBalance(account: Account, asset: string, time: Micros): void {
    const { available, locked, text } = this.#balance(account, asset);
    const key = `${account.id}/${asset}`;
    if (this.#balances.get(key) === text) return;
    this.#balances.set(key, text);
    const event = { kind: "balance", account: account.id, time, asset, available, locked } as const;
    this.#terms.publish(event);
  }

  #balance(account: Account, asset: string) {
    const { available, locked } = this.#terms.exchange.balance(account.id, asset);
    return { available, locked, text: `${available}/${locked}` };
  }
}

/** The open position of an account in a perp market; undefined where it is flat. */
export function positionFacts(
  { exchange, records }: Pick<HoldingsTerms, "exchange" | "records">,
  account: Account,
  symbol: string,
): PositionFacts | undefined {
  const market = records.get(symbol)?.market;
  if (market === undefined || market.kind !== "perp") return undefined;
  const episode = account.episodes.open(symbol);
  if (episode === undefined) return undefined;
  const view = exchange.viewPosition(account.id, symbol);
  return { market, id: episode.id, view, mark: markOf(exchange, symbol) };
}

/** What positions are valued at; whoever holds one has seen a trade. Throws `RangeError` without. */
export function markOf(exchange: Exchange, symbol: string): Ticks {
  const { mark, last } = exchange.book(symbol);
  const price = mark ?? last;
  if (price === undefined) throw new RangeError(`no price for ${symbol}`);
  return price;
}

/** A position that is over: all zero but for what it was. */
function closed(facts: PositionFacts): PositionFacts {
  const none = cash(0);
  return {
    ...facts,
    view: {
      ...facts.view,
      lots: lots(0),
      exposureLots: lots(0),
      entryTicks: undefined,
      breakEvenTicks: undefined,
      liquidationTicks: undefined,
      unrealised: none,
      initialMargin: none,
      maintenanceMargin: none,
    },
  };
}
