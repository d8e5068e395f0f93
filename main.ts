// The front step: arguments in, exit code out. Everything else is `lib/app/cli.ts`, which whoever asks
// for the version alone need not wait for.

import { about } from "./lib/app/version.ts";

const [first = "", ...others] = Deno.args;
if (["--version", "-V"].includes(first) && others.every((word) => word === "--json")) {
  console.log(about(others.length === 0 ? "text" : "json"));
} else {
  const { main } = await import("./lib/app/cli.ts");
  const { processShell } = await import("./lib/app/shell.ts");
  Deno.exit(await main(Deno.args, processShell()));
}
