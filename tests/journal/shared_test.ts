// Tests lib/journal/shared.ts: what bots on one account know of each other, also of those that died.

import assert from "node:assert/strict";
import { cash, DAY, micros } from "../../lib/core/units.ts";
import { AccountShare } from "../../lib/journal/shared.ts";
import { Folder } from "../data/files.ts";
import { assertFault, at, pair } from "./samples.ts";

function stake(exposure: number, lossToday: number) {
  return { exposure: cash(exposure), lossToday: cash(lossToday) };
}

/** Two bots of one account, and one of another. */
function bots(folder: Folder) {
  return {
    sol: new AccountShare(folder.path(""), pair),
    btc: new AccountShare(folder.path(""), { ...pair, market: "BTC_USDC" }),
    stranger: new AccountShare(folder.path(""), { ...pair, account: "another" }),
  };
}

Deno.test("live bots of one account share its budget, and know what the others hold", () => {
  using folder = new Folder();
  const { sol, btc, stranger } = bots(folder);
  assert.equal(sol.budgetShare(at(0)), 1, "alone before anybody has said a word");
  sol.report(at(0), stake(100, 5));
  btc.report(at(0), stake(70, -2));
  stranger.report(at(0), stake(9000, 900));
  assert.deepEqual([sol, btc, stranger].map((bot) => bot.budgetShare(at(1))), [0.5, 0.5, 1]);
  assert.deepEqual([sol, btc].map((bot) => bot.others(at(1))), [stake(70, -2), stake(100, 5)]);
  btc.report(at(2), stake(30, 4));
  assert.deepEqual(sol.others(at(2)), stake(30, 4));
  for (const bot of [sol, btc, stranger]) bot.leave();
});

Deno.test("a bot that fell silent frees its budget at once, and its position when it is a day old", () => {
  using folder = new Folder();
  const { sol, btc, stranger } = bots(folder);
  btc.report(at(0), stake(70, 3));
  assert.equal(sol.budgetShare(at(9.9)), 0.5);
  assert.equal(sol.budgetShare(at(10)), 1);
  assert.deepEqual(sol.others(at(3600)), stake(70, 3));
  // START is noon: at midnight a loss is yesterday's.
  assert.deepEqual(sol.others(at(13 * 3600)), stake(70, 0));
  assert.deepEqual(sol.others(micros(at(0) + DAY)), stake(0, 0));
  for (const bot of [sol, btc, stranger]) bot.leave();
});

Deno.test("a bot that leaves frees its budget at once; what it lost today stays lost", () => {
  using folder = new Folder();
  const { sol, btc, stranger } = bots(folder);
  btc.report(at(0), stake(0, 50));
  btc.leave();
  btc.leave();
  assert.deepEqual([sol.budgetShare(at(1)), sol.others(at(1))], [1, stake(0, 50)]);
  using again = new AccountShare(folder.path(""), { ...pair, market: "BTC_USDC" });
  again.report(at(5), stake(10, 60));
  assert.deepEqual([sol.budgetShare(at(5)), sol.others(at(5))], [0.5, stake(10, 60)]);
  for (const bot of [sol, stranger]) bot.leave();
});

Deno.test("a folder that is not there is a fault", () => {
  assertFault("missing", () => new AccountShare("/nowhere/at/all", pair));
});
