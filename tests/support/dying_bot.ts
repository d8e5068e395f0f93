// The bot as a process that kills itself for good, SIGKILL and no farewell, right after its n-th
// journal row of its own or its n-th request to place or cancel. Arguments: row|request, n, then the
// command line.

import { main } from "../../lib/app/cli.ts";
import { processShell } from "../../lib/app/shell.ts";
import { Requests } from "../../lib/backpack/requests.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { isMarketData } from "../../lib/core/event.ts";
import { RunJournal } from "../../lib/journal/run_journal.ts";

const [at = "", count = "0", ...args] = Deno.args;
let left = Number(count);

function passed(): void {
  if (--left === 0) Deno.kill(Deno.pid, "SIGKILL");
}

if (at === "row") {
  const { seen } = RunJournal.prototype;
  RunJournal.prototype.seen = function (event: Event, commands: readonly Command[]) {
    seen.call(this, event, commands);
    if (commands.length > 0 || !isMarketData(event) && event.kind !== "timer") passed();
  };
} else {
  const { command, sendPrepared } = Requests.prototype;
  Requests.prototype.command = function (...given) {
    const reply = command.call(this, ...given);
    // The request leaves in this turn of the loop; some die before it is taken, some after.
    setTimeout(passed, left % 3);
    return reply as never;
  };
  Requests.prototype.sendPrepared = function (...given) {
    const reply = sendPrepared.call(this, ...given);
    setTimeout(passed, left % 3);
    return reply as never;
  };
}
Deno.exit(await main(args, processShell()));
