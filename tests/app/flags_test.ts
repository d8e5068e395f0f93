// Flags that are numbers or one of a few words.

import { equal, throws } from "node:assert/strict";
import { choiceFlag, latencyFlag, numberFlag, seedFlag } from "../../lib/app/flags.ts";

Deno.test("a number flag holds its bounds and says them", () => {
  const speed = (text: string) => numberFlag("--speed", text, { type: "number", min: 1, max: 10 });
  equal(speed("2.5"), 2.5);
  const rows = [
    ["0", "must be between 1 and 10: current value is 0"],
    ["11", "must be between 1 and 10: current value is 11"],
    ["fast", "must be a number: current value is fast"],
    ["null", "must be set: current value is null"],
    ["Infinity", "must be a number: current value is Infinity"],
  ] as const;
  for (const [text, rest] of rows) {
    throws(() => speed(text), { message: `Cannot read the command line as --speed ${rest}` });
  }
});

Deno.test("seed and latency have defaults, and a seed is whole", () => {
  equal(seedFlag(), 1);
  equal(seedFlag("4294967295"), 4_294_967_295);
  equal(latencyFlag(), 50);
  throws(() => seedFlag("1.5"), /--seed must be a whole number: current value is 1.5/);
  throws(() => seedFlag("4294967296"), /--seed must be between/);
  throws(() => latencyFlag("-1"), /--latency must be between 0 and 60000 ms: current value is -1/);
});

Deno.test("a choice flag takes its words only", () => {
  equal(choiceFlag("--path", "adverse", ["nearer", "adverse"]), "adverse");
  throws(() => choiceFlag("--path", "worst", ["nearer", "adverse"]), {
    message:
      "Cannot read the command line as --path must be one of nearer, adverse: current value is worst",
  });
});
