// Tests lib/app/live_recovery.ts: from when on fills are asked for and told, whatever died before. The
// rest of a recovery is in tests/end_to_end_test.ts, with processes that are killed.

import assert from "node:assert/strict";
import { opened } from "../../lib/app/live_recovery.ts";
import type { Known, Opening } from "../../lib/backpack/opening.ts";
import { Facts } from "../../lib/core/facts.ts";
import { cash, type Micros, micros, SECOND } from "../../lib/core/units.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { recover } from "../../lib/journal/recover.ts";
import { aFill, anAccepted, aPlace, aStart, at, House, pair } from "../journal/samples.ts";
import { perpMarket } from "../support/core.ts";

/** From when on the venue is asked to tell fills. */
async function fillsSince(journal: Journal): Promise<Micros | undefined> {
  const recovery = await recover(journal, pair);
  let known: Known | undefined;
  const venue = {
    start: (given: Known = { live: [] }): Promise<Opening> => {
      known = given;
      return Promise.reject(new Error("asked"));
    },
  };
  const facts = new Facts(perpMarket(), cash(1), undefined, at(0));
  await assert.rejects(opened({ venue, engine: { facts }, journal, recovery }), /asked/);
  return known?.fillsSince;
}

Deno.test("a run whose process died before any fill asks from the last one of those before it", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(anAccepted(1), [aPlace(1)]);
  run.seen(aFill(1, 70, { at: 5_000 }), []);
  run.snapshot({});
  house.hand.time = at(6_000);
  const second = journal.begin(aStart({ continues: run.id, started: at(6_000) }), house.hand);
  second.seen(anAccepted(2, 6_001), []);
  second.snapshot({});
  assert.equal(await fillsSince(journal), micros(at(5_000) - 60 * SECOND));
});

Deno.test("a run began when the exchange's clock says so, and not this machine's", async () => {
  for (const aheadSec of [-3_600, 0, 3_600]) {
    await using house = new House();
    house.hand.time = at(10);
    const { journal, run } = house.begin({ started: at(aheadSec) });
    run.seen(anAccepted(1), [aPlace(1)]);
    assert.equal(await fillsSince(journal), at(10), `${aheadSec} s ahead`);
  }
});

Deno.test("a run whose first days are no longer kept began when it said", async () => {
  await using house = new House();
  house.hand.time = at(40 * 86_400);
  const { journal, run } = house.begin();
  run.seen(anAccepted(1), [aPlace(1)]);
  assert.equal(await fillsSince(journal), at(0));
});
