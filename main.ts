// The front step: arguments in, exit code out. Everything else is `lib/app/cli.ts`.

import { main } from "./lib/app/cli.ts";
import { processShell } from "./lib/app/shell.ts";

Deno.exit(await main(Deno.args, processShell()));
