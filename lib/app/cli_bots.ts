// The commands that speak to bots, running or dead, and to what they have written down.

import type { Command } from "commander";
import { kept, located } from "./cli_options.ts";
import type { AskFlags, StopFlags } from "./commands/control.ts";
import type { CompareFlags } from "./commands/compare.ts";
import type { ReplayFlags } from "./commands/replay.ts";
import type { ReportFlags } from "./commands/report.ts";
import type { SetFlags } from "./commands/set.ts";
import type { StatusFlags } from "./commands/status.ts";
import type { Shell } from "./shell.ts";

/** Adds them; `ended` is told the exit code. */
export function describeBots(
  program: Command,
  shell: Shell,
  ended: (exitCode: number) => void,
): void {
  kept(program.command("status").description("show a running bot"))
    .argument("[run]", "its name or a part of it, where several run")
    .option("--json", "one JSON document on stdout")
    .action(async (run: string | undefined, flags: StatusFlags) =>
      ended(await (await import("./commands/status.ts")).statusCommand(run, flags, shell))
    );

  const wishes = {
    pause: "let a running bot hold: cancel its orders, keep its position",
    resume: "let it go on, also after a halt",
    flatten: "close its position reduce-only, then hold",
  } as const;
  for (const wish of ["pause", "resume", "flatten"] as const) {
    kept(program.command(wish).description(wishes[wish]))
      .argument("[run]", "its name or a part of it, where several run")
      .action(async (run: string | undefined, flags: AskFlags) =>
        ended(await (await import("./commands/control.ts")).askCommand(wish, run, flags, shell))
      );
  }

  located(kept(program.command("stop").description("stop a bot, alive or dead, with proof")))
    .argument("[run]", "its name or a part of it, where several run")
    .option("--force", "end a process that does not answer, then cancel its orders")
    .option("--env-file <file>", "file with keys (default: .env if there)")
    .action(async (run: string | undefined, flags: StopFlags) =>
      ended(await (await import("./commands/control.ts")).stopCommand(run, flags, shell))
    );

  kept(program.command("set").description("change one setting of a running bot, while it runs"))
    .argument("[words...]", "key=value, then the run where several run")
    .option("--undo", "take the latest change back")
    .option("--json", "one JSON document on stdout")
    .action(async (words: readonly string[], flags: SetFlags) =>
      ended(await (await import("./commands/set.ts")).setCommand(words, flags, shell))
    );

  kept(program.command("replay").description("what this program would have done in a kept run"))
    .argument("<run>", "its name or a part of it")
    .option("--json", "one JSON document on stdout")
    .action(async (run: string, flags: ReplayFlags) =>
      ended(await (await import("./commands/replay.ts")).replayCommand(run, flags, shell))
    );
  kept(program.command("compare").description("a kept run against the simulator, fill by fill"))
    .argument("<run>", "its name or a part of it")
    .option("--latency <ms>", "of the simulated run (default: as the run was heard)")
    .option("--json", "one JSON document on stdout")
    .action(async (run: string, flags: CompareFlags) =>
      ended(await (await import("./commands/compare.ts")).compareCommand(run, flags, shell))
    );
  kept(program.command("report").description("the report of a kept run"))
    .argument("<run>", "its name or a part of it")
    .option("--points <n>", "points received for it: tells what one has cost")
    .option("--json", "one JSON document on stdout")
    .action(async (run: string, flags: ReportFlags) =>
      ended(await (await import("./commands/report.ts")).reportCommand(run, flags, shell))
    );
}
