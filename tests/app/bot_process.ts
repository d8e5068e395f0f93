// A bot as a process of its own, for tests that stop it by force. It has a door and nothing else:
// asked to stop it ends with the exit code and the orders that it was started with.

import { serveControl } from "../../lib/app/control.ts";
import type { End } from "../../lib/app/control.ts";
import { aStatus } from "../support/status.ts";
import { aRun } from "./a_bot.ts";

const [dataDir = "", mode = "", exitCode = "0", orders = "none"] = Deno.args;
const stop = Promise.withResolvers<void>();
const left: End["orders"] = orders === "kept" || orders === "unknown" ? orders : "none";
{
  await using control = serveControl({
    dataDir,
    run: aRun({ mode: mode === "live" ? "live" : "paper" }),
    answers: {
      status: () => aStatus(),
      ask: () => stop.resolve(),
      set: ({ key, value }) => ({ key, before: null, after: value }),
      undo: () => ({ key: "", before: null, after: null }),
      loopAgeMs: () => 0,
    },
  });
  console.log("ready");
  await stop.promise;
  // A bot that dies does not say how it ended.
  if (orders !== "dies") control.ended({ exitCode: Number(exitCode), orders: left });
}
