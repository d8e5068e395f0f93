// What `run` refuses before it begins, and what a second signal leaves behind. The signals need a
// process of their own.

import { equal, match, rejects } from "node:assert/strict";
import { runCommand } from "../../../lib/app/commands/run.ts";
import { aShell } from "../../support/shell.ts";

const surroundings = {
  dataDir: "unused",
  onStart: "adopt",
  onStop: "cancel",
  onForeignFill: "halt",
  keep: "30d",
  stream: true,
};
const top = new URL("../../../", import.meta.url);

Deno.test("a time that has passed is no time to run until", async () => {
  const flags = {
    feed: "sim",
    speed: "1",
    duration: "0",
    latency: "50",
    seed: "1",
    ...surroundings,
  };
  const until = "2020-01-01T00:00:00Z";
  await rejects(runCommand({ ...flags, preset: "grid-perp", until }, aShell()), {
    message: `Cannot run as --until must be a time to come (UTC): current value is ${until}`,
  });
});

Deno.test("a second signal says that orders were not cancelled, exit 8", async () => {
  // So slow that the first stop cannot be over before the second signal comes.
  const args = ["run", "-p", "grid-perp", "--feed", "sim", "--speed", "0.01"];
  const dataDir = Deno.makeTempDirSync();
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "main.ts", ...args, "--data-dir", dataDir],
    cwd: top,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let lines = 0;
  for await (const _ of child.stdout) {
    if (++lines > 1) continue;
    // Two kinds, since two of one kind may arrive as one.
    child.kill("SIGINT");
    child.kill("SIGTERM");
  }
  equal((await child.status).code, 8);
  match(await said, /\nEnded at once by a second signal: own orders were not cancelled\n$/);
  Deno.removeSync(dataDir, { recursive: true });
});
