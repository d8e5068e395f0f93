// What no stream tells: the account's money and margin, its settings, funding, and the rules of the
// market. Asked for every few seconds to minutes; a request that is not answered is asked again at the
// next turn, and nothing is told in its place.

import type { Event } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import { type Micros, NEVER } from "../core/units.ts";
import { accountEvent, type Holdings, type Others } from "./account_news.ts";
import { rulesChange } from "./market_rules.ts";
import type { Notice } from "./notice.ts";
import { pages } from "./pages.ts";
import type { Reply } from "./reply.ts";
import type { Rest } from "./rest.ts";
import type { Account } from "./wire_account.ts";

/** The requests that are made. */
export type AccountRest = Pick<
  Rest,
  "account" | "capital" | "collateral" | "positions" | "funding" | "market"
>;

/** What the watch is made of. */
export interface AccountWatchOptions {
  readonly market: Market;
  readonly rest: AccountRest;
  readonly now: () => Micros;
  /** What other runs hold and have lost; absent where nobody knows. */
  readonly others?: (() => Others) | undefined;
  tell(event: Event): void;
  onNotice(notice: Notice): void;
  /** The run cannot go on in this market. */
  onEnd(reason: string): void;
}

/** How Backpack answers about a market it does not have. */
const unlisted: readonly number[] = [400, 404];

/** Watches one account in one market. */
export class AccountWatch {
  readonly #options: AccountWatchOptions;
  #market: Market;
  #holdings: Holdings | undefined;
  /** Funding up to here has been told. */
  #fundedUntil = NEVER;
  /** How often in a row the exchange did not know the market. */
  #unlisted = 0;
  #isOver = false;

  constructor(options: AccountWatchOptions) {
    this.#options = options;
    this.#market = options.market;
  }

  /** By its latest rules. */
  get market(): Market {
    return this.#market;
  }
  /** As last asked for. */
  get holdings(): Holdings | undefined {
    return this.#holdings;
  }

  /** Funding paid after this is to be told; before this is called none is. */
  resume(fundedUntil: Micros): void {
    this.#fundedUntil = fundedUntil;
  }

  /** Asks for the account and keeps the answer. The first request that is not answered is the reply. */
  async ask(signal: AbortSignal): Promise<Reply<Holdings>> {
    const { rest } = this.#options;
    const [account, balances, collateral, positions] = await Promise.all([
      rest.account(signal),
      rest.capital(signal),
      rest.collateral(signal),
      rest.positions(this.#market, signal),
    ]);
    if (account.kind !== "ok") return account;
    if (balances.kind !== "ok") return balances;
    if (collateral.kind !== "ok") return collateral;
    if (positions.kind !== "ok") return positions;
    const value: Holdings = {
      account: account.value,
      balances: balances.value,
      collateral: collateral.value,
      position: positions.value.find(({ market }) => market.symbol === this.#market.symbol),
    };
    const before = this.#holdings?.account;
    if (before !== undefined) this.#compare(before, value.account);
    this.#holdings = value;
    return { kind: "ok", value };
  }

  /** Tells the loop how the account stands. */
  async account(signal: AbortSignal): Promise<Holdings | undefined> {
    const { tell, now } = this.#options;
    const reply = await this.ask(signal);
    if (reply.kind !== "ok" || signal.aborted) return undefined;
    const others = this.#options.others?.();
    tell(accountEvent(this.#market, reply.value, { time: now(), others }));
    return reply.value;
  }

  /** Tells of funding since the last time, oldest first. */
  async funding(signal: AbortSignal): Promise<void> {
    const { rest, tell, now } = this.#options;
    const since = this.#fundedUntil;
    const reply = await pages((page) => rest.funding(this.#market, page, signal), {
      since,
      timeOf: ({ time }) => time,
      keyOf: ({ time }) => time,
    });
    if (reply.kind !== "ok" || signal.aborted) return;
    for (const { time, payment, rate } of reply.value.rows.toSorted((a, b) => a.time - b.time)) {
      if (time <= this.#fundedUntil) continue;
      this.#fundedUntil = time;
      tell({ kind: "funding", time: now(), payment, rate });
    }
  }

  /** Tells of new rules, and ends the run where it cannot go on by them. */
  async rules(signal: AbortSignal): Promise<void> {
    const { rest, tell, now } = this.#options;
    const reply = await rest.market(this.#market.symbol, signal);
    if (signal.aborted || this.#isOver) return;
    if (reply.kind === "refused" && unlisted.includes(reply.status)) {
      // Once may be somebody else's answer, a proxy's for instance.
      if (++this.#unlisted < 2) return;
      return this.#end(`${this.#market.symbol} is no longer listed: ${reply.refusal.message}`);
    }
    if (reply.kind !== "ok") return;
    this.#unlisted = 0;
    const change = rulesChange(this.#market, reply.value, now());
    if (change.kind === "none") return;
    if (change.kind === "stop") return this.#end(change.reason);
    this.#market = reply.value;
    tell(change.event);
  }

  #end(reason: string): void {
    this.#isOver = true;
    this.#options.onEnd(reason);
  }

  /** Settings a person may have changed while we run. */
  #compare(before: Account, after: Account): void {
    const { kind, symbol } = this.#market;
    const fees = ({ spotFees, perpFees }: Account) => kind === "spot" ? spotFees : perpFees;
    const [was, is] = [fees(before), fees(after)];
    if (was.maker !== is.maker || was.taker !== is.taker) {
      const text = `Fees in ${symbol} are now ${is.maker} / ${is.taker} bps, ` +
        `before ${was.maker} / ${was.taker}: this run plans by those it started with`;
      this.#options.onNotice({ level: "warn", text });
    }
    if (before.leverageLimit !== after.leverageLimit) {
      const text =
        `The leverage limit is now ${after.leverageLimit}, before ${before.leverageLimit}`;
      this.#options.onNotice({ level: "warn", text });
    }
    if (!before.liquidating && after.liquidating) {
      this.#options.onNotice({ level: "error", text: "The account is being liquidated" });
    }
  }
}
