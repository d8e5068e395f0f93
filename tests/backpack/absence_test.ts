// Nothing is gone before it could not arrive any more, and before two complete looks missed it.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Absence } from "../../lib/backpack/absence.ts";
import { at } from "./orders.ts";

const nobody: ReadonlySet<number> = new Set();
const doubt = { id: 1, since: at(0) };

function watched(): Absence {
  const absence = new Absence();
  absence.watch([doubt]);
  return absence;
}

Deno.test("the first look is due after window and speed bump, the second two seconds later", () => {
  const absence = watched();
  assert.equal(absence.lookAt, at(2_100));
  assert.deepEqual(absence.looked({ askedAt: at(2_100), known: nobody, isComplete: true }), []);
  assert.equal(absence.lookAt, at(4_100));
  assert.deepEqual(absence.looked({ askedAt: at(4_100), known: nobody, isComplete: true }), [1]);
});

Deno.test("looks that prove nothing", () => {
  const rows = [
    ["too early", { askedAt: at(2_099), known: nobody, isComplete: true }],
    ["not far enough back", { askedAt: at(2_100), known: nobody, isComplete: false }],
    ["known", { askedAt: at(2_100), known: new Set([1]), isComplete: true }],
  ] as const;
  for (const [name, look] of rows) {
    const absence = watched();
    absence.looked(look);
    const second = { askedAt: at(9_000), known: nobody, isComplete: true };
    assert.deepEqual(absence.looked(second), [], name);
  }
});

Deno.test("two looks too close together are one", () => {
  const absence = watched();
  absence.looked({ askedAt: at(3_000), known: nobody, isComplete: true });
  const soon = { askedAt: at(4_999), known: nobody, isComplete: true };
  assert.deepEqual(absence.looked(soon), []);
});

Deno.test("a doubt that ends is forgotten, one that arises anew starts anew", () => {
  const absence = watched();
  absence.looked({ askedAt: at(3_000), known: nobody, isComplete: true });
  absence.watch([]);
  assert.equal(absence.lookAt, undefined);
  absence.watch([doubt]);
  assert.equal(absence.lookAt, at(2_100));
  absence.looked({ askedAt: at(3_000), known: nobody, isComplete: true });
  absence.watch([{ id: 1, since: at(4_000) }]);
  assert.equal(absence.lookAt, at(6_100));
});

Deno.test("never gone unless two complete looks, late enough and far enough apart, missed it", () => {
  const look = fc.record({
    gapMs: fc.integer({ min: 1, max: 3_000 }),
    isKnown: fc.boolean(),
    isComplete: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(look, { maxLength: 12 }), (looks) => {
    const absence = watched();
    let ms = 0;
    const misses: number[] = [];
    for (const { gapMs, isKnown, isComplete } of looks) {
      ms += gapMs;
      const known = isKnown ? new Set([1]) : nobody;
      if (isKnown) misses.length = 0;
      else if (isComplete && ms >= 2_100) misses.push(ms);
      const gone = absence.looked({ askedAt: at(ms), known, isComplete });
      const first = misses[0];
      const proven = !isKnown && isComplete && first !== undefined && ms - first >= 2_000 &&
        misses.length > 1;
      assert.deepEqual(gone, proven ? [1] : []);
      if (proven) return;
    }
  }));
});
