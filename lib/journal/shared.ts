// What several bots on one account must know of each other: how many share its request budget, and
// what the others hold and have lost. Each writes its own row of a small database in the data folder.
// A bot that falls silent frees its share of the budget, but its position does not vanish with it.

import type { DatabaseSync } from "node:sqlite";
import { type Cash, cash, DAY, type Micros, SECOND } from "../core/units.ts";
import { guarded } from "./fault.ts";
import type { Pair } from "./runs.ts";
import { openDatabase } from "./schema.ts";

/** What a bot holds against the account-wide limits. */
export interface Stake {
  /** The most it may come to hold, in quote currency. */
  readonly exposure: Cash;
  /** Since 00:00 UTC; positive is a loss. */
  readonly lossToday: Cash;
}

/** A bot that has said nothing for so long is dead. */
const ALIVE_FOR = 10 * SECOND;
/** So long the last word of a bot counts: whoever leaves a position behind should look after it by then. */
const COUNTS_FOR = DAY;

const MIGRATIONS = [
  `CREATE TABLE bots (
     account TEXT NOT NULL,
     market TEXT NOT NULL,
     tag INTEGER NOT NULL,
     beatAt INTEGER NOT NULL,
     presence TEXT NOT NULL,
     exposure INTEGER NOT NULL,
     lossToday INTEGER NOT NULL,
     PRIMARY KEY (account, market, tag)
   ) WITHOUT ROWID`,
];

/** One bot's place among those on its account. Times are the wall clock's. Throws `JournalFault`. */
export class AccountShare implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #pair: Pair;
  readonly #statements;

  constructor(folder: string, pair: Pair) {
    this.#path = `${folder}/shared.sqlite`;
    this.#pair = pair;
    const database = openDatabase(this.#path, { access: "write", migrations: MIGRATIONS });
    this.#database = database;
    this.#statements = guarded(this.#path, () => {
      // So little is written that its checkpoints need no worker.
      database.exec("PRAGMA wal_autocheckpoint = 1000");
      return {
        report: database.prepare("INSERT OR REPLACE INTO bots VALUES (?, ?, ?, ?, 'here', ?, ?)"),
        leave: database.prepare(
          "UPDATE bots SET presence = 'left' WHERE account = ? AND market = ? AND tag = ?",
        ),
        alive: database.prepare(
          `SELECT count(*) AS bots FROM bots WHERE account = ? AND presence = 'here'
             AND beatAt > ? AND NOT (market = ? AND tag = ?)`,
        ),
        others: database.prepare(
          `SELECT coalesce(sum(exposure), 0) AS exposure,
             coalesce(sum(CASE WHEN beatAt >= ? THEN lossToday END), 0) AS lossToday
           FROM bots WHERE account = ? AND beatAt > ? AND NOT (market = ? AND tag = ?)`,
        ),
      };
    });
  }

  /** Says that this bot is alive, and what it holds. Call it every second or so. */
  report(time: Micros, { exposure, lossToday }: Stake): void {
    const { account, market, tag } = this.#pair;
    guarded(this.#path, () => {
      this.#statements.report.run(account, market, tag, time, exposure, lossToday);
    });
  }

  /** This bot's part of the account's request budget: 1 when it is alone. */
  budgetShare(time: Micros): number {
    const { account, market, tag } = this.#pair;
    const row = guarded(
      this.#path,
      () => this.#statements.alive.get(account, time - ALIVE_FOR, market, tag),
    );
    return 1 / (1 + Number(row?.bots));
  }

  /** What the others on the account hold and have lost today. */
  others(time: Micros): Stake {
    const { account, market, tag } = this.#pair;
    const midnight = Math.floor(time / DAY) * DAY;
    const row = guarded(
      this.#path,
      () => this.#statements.others.get(midnight, account, time - COUNTS_FOR, market, tag),
    );
    return { exposure: cash(Number(row?.exposure)), lossToday: cash(Number(row?.lossToday)) };
  }

  /** Frees this bot's part of the budget at once. Does nothing the second time. */
  leave(): void {
    if (!this.#database.isOpen) return;
    const { account, market, tag } = this.#pair;
    guarded(this.#path, () => {
      this.#statements.leave.run(account, market, tag);
      this.#database.close();
    });
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}
