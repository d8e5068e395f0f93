import assert from "node:assert/strict";
import { Clock } from "../../lib/core/clock.ts";
import { after, START } from "../support/core.ts";

Deno.test("time is that of the latest stamp and never goes back", () => {
  const clock = new Clock(START);
  for (const [stamp, time] of [[10, 10], [5, 10], [900, 900], [0, 900], [901, 901]] as const) {
    clock.arrive(after(stamp));
    assert.equal(clock.time, after(time));
  }
});

Deno.test("where a clock was set back time goes on from where it was", () => {
  const clock = new Clock(START);
  clock.arrive(after(10_000));
  clock.arrive(after(-3_600_000));
  assert.equal(clock.time, after(10_000));
  clock.arrive(after(-3_600_000 + 250));
  assert.equal(clock.time, after(10_250));
  assert.equal(clock.timed({ time: after(-3_600_000 + 250) }).time, after(10_250));
});

Deno.test("after a restart time goes on from the last process, or from the clock where that is ahead", () => {
  for (
    const [stamp, first, second] of [[60_000, 60_000, 60_500], [-9_000, 10_000, 10_500]] as const
  ) {
    const clock = new Clock(START);
    clock.reach(after(10_000));
    clock.reach(after(9_000));
    clock.arrive(after(stamp));
    assert.equal(clock.time, after(first));
    clock.arrive(after(stamp + 500));
    assert.equal(clock.time, after(second));
  }
});

Deno.test("an event is not copied while no clock was set back", () => {
  const clock = new Clock(START);
  const event = { time: after(1) };
  clock.arrive(event.time);
  assert.equal(clock.timed(event), event);
});
