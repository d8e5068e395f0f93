// A bot that dies: writes the journal of a small session and kills itself with SIGKILL the moment the
// n-th event is seen, as nothing in the program could notice. Arguments: folder, n.

import { Journal } from "../../lib/journal/journal.ts";
import { aStart, at, Hand } from "./samples.ts";
import { session } from "./session.ts";

const [folder = "", last = ""] = Deno.args;
const hand = new Hand();
const journal = Journal.open({ folder, mode: "paper", access: "write" });
const run = journal.begin(aStart(), hand);
for (const { n, event, commands } of session) {
  hand.time = at(n / 100);
  run.seen(event, commands);
  if (run.snapshotDue) run.snapshot({ after: n });
  if (n === Number(last)) Deno.kill(Deno.pid, "SIGKILL");
}
