// The front step: arguments in, exit code out. Everything else is `lib/app/cli.ts`, which whoever asks
// for the version alone need not wait for.

import { version } from "./lib/app/version.ts";

if (Deno.args.length === 1 && ["--version", "-V"].includes(Deno.args[0] ?? "")) {
  console.log(version);
} else {
  const { main } = await import("./lib/app/cli.ts");
  const { processShell } = await import("./lib/app/shell.ts");
  Deno.exit(await main(Deno.args, processShell()));
}
