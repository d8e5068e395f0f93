// Signals: the first asks, the second ends the process. Needs a process of its own to be killed.

import { deepEqual, equal } from "node:assert/strict";
import { listenForStop } from "../../lib/app/stop.ts";

const program = (file: string) => `
  import { listenForStop } from "${file}";
  const stop = listenForStop(() => console.log("at once"));
  stop.signal.addEventListener("abort", () => console.log("in order"));
  console.log("ready");
  setInterval(() => {}, 1_000_000);
`;

Deno.test("the first signal asks to stop in order, a second ends at once with 8", async () => {
  for (const [first, second] of [["SIGINT", "SIGINT"], ["SIGTERM", "SIGINT"]] as const) {
    const file = new URL("../../lib/app/stop.ts", import.meta.url).href;
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program(file)],
      stdout: "piped",
    }).spawn();
    const said: string[] = [];
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said.push(...text.trim().split("\n"));
      if (said.at(-1) === "ready") child.kill(first);
      if (said.at(-1) === "in order") child.kill(second);
    }
    deepEqual(said, ["ready", "in order", "at once"]);
    equal((await child.status).code, 8);
  }
});

Deno.test("what no longer listens leaves the signals alone", () => {
  const stop = listenForStop(() => {});
  stop[Symbol.dispose]();
  equal(stop.signal.aborted, false);
});
