// How long a question is asked: until it is answered, refused, stopped, or tried often enough.

import { deepEqual, equal, match } from "node:assert/strict";
import type { Reply } from "../../lib/backpack/reply.ts";
import { MOST_LIMITED, MOST_TRIES, patiently } from "../../lib/app/patience.ts";
import { A_MINUTE_MS, aDownload, second } from "./history_scene.ts";

const ok: Reply<number> = { kind: "ok", value: 7 };
const refused: Reply<number> = {
  kind: "refused",
  status: 400,
  refusal: { code: "INVALID_MARKET", message: "no" },
};
const lost: Reply<number> = { kind: "unknown", reason: "HTTP 503" };
const limited: Reply<number> = { kind: "limited" };

async function asked(replies: readonly Reply<number>[]) {
  const scene = aDownload("", { from: second(0), to: second(1) }, {});
  let asked = 0;
  const reply = await patiently(scene.terms.patience, () => {
    const answer = replies[Math.min(asked++, replies.length - 1)] ?? ok;
    if (answer.kind === "limited") scene.limiter.limited("history");
    return Promise.resolve(answer);
  });
  return { kind: reply.kind, asked, waits: scene.waits, ms: scene.nowMs() };
}

Deno.test("an answer and a refusal are final", async () => {
  deepEqual(await asked([ok]), { kind: "ok", asked: 1, waits: [], ms: 0 });
  deepEqual(await asked([refused, ok]), { kind: "refused", asked: 1, waits: [], ms: 0 });
});

Deno.test("a question nobody answered is asked again, later each time, and not for ever", async () => {
  equal((await asked([lost, lost, ok])).kind, "ok");
  const { kind, asked: times, waits, ms } = await asked([lost]);
  deepEqual([kind, times], ["unknown", MOST_TRIES]);
  equal(waits.length, MOST_TRIES - 1);
  match(waits[0] ?? "", /^no answer \(HTTP 503\), asking again$/);
  equal(ms > 10_000 && ms < 60_000, true, `${ms}`);
});

Deno.test("after a 429 it waits as long as the budget says, and says why", async () => {
  const { kind, asked: times, waits, ms } = await asked([limited, ok]);
  deepEqual([kind, times], ["ok", 2]);
  deepEqual(waits, ["the exchange answers 30 requests for history a minute"]);
  equal(ms >= 1_000, true);
});

Deno.test("a budget that somebody else spends is waited for longer than a minute, not for ever", async () => {
  const { kind, asked: times, ms } = await asked([limited]);
  deepEqual([kind, times], ["limited", MOST_LIMITED]);
  equal(ms > 2 * A_MINUTE_MS && ms < 15 * A_MINUTE_MS, true, `${ms}`);
});

Deno.test("the thirty-first question of a minute waits for the next", async () => {
  const { terms, limiter, waits, nowMs } = aDownload("", { from: second(0), to: second(1) }, {});
  for (let i = 0; i < 31; i++) {
    await patiently(terms.patience, () => {
      limiter.spend("history");
      return Promise.resolve(ok);
    });
    if (i === 29) equal(nowMs(), 0);
  }
  equal(nowMs() >= A_MINUTE_MS && nowMs() < A_MINUTE_MS + 1_000, true, `${nowMs()}`);
  equal(waits.length, 1);
});

Deno.test("once stopped nothing more is asked", async () => {
  const { terms, stop } = aDownload("", { from: second(0), to: second(1) }, {});
  stop.abort();
  let asked = 0;
  await patiently(terms.patience, () => {
    asked++;
    return Promise.resolve(ok);
  });
  equal(asked, 0);
});
