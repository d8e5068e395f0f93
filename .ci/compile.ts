// `deno task compile`: one program with everything in it and its permissions baked in. Flags:
//   --allow-host HOST:PORT   another host it may reach (mail, a plugin's data); repeatable
//   --output FILE            default dist/bpx-bot
// DENORT_BIN names a base to build on where Deno's own cannot be downloaded.

import { parseArgs } from "node:util";
import { permissionFlags, permissions } from "../lib/app/permissions.ts";
import { type Build, buildFile } from "../lib/app/version.ts";

/** The top of the repository. */
export const top = new URL("../", import.meta.url);

/** What to build. */
export interface Order {
  readonly output: string;
  /** Hosts beside the usual ones. */
  readonly hosts?: readonly string[];
  /** As `deno compile --target`; absent = this machine, on DENORT_BIN where that is set. */
  readonly target?: string;
}

/** The base that a program is built on cannot be had. */
export class NoBase extends Error {
  override readonly name = "NoBase";
  constructor(readonly why: string) {
    super(`Cannot compile as the base must be had, or DENORT_BIN name one: ${why}`);
  }
}

/** Builds one program. Throws `NoBase`, or an `Error` with what Deno said. */
export async function compile({ output, hosts = [], target }: Order): Promise<Build> {
  const wrong = hosts.find((host) => !/^([\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(host));
  if (wrong !== undefined) {
    throw new Error(`Cannot compile as --allow-host must be HOST:PORT: current value is ${wrong}`);
  }
  const build = { commit: await commit(), ...await permissions(hosts) };
  await Deno.mkdir(new URL(".", buildFile), { recursive: true });
  await Deno.writeTextFile(buildFile, `${JSON.stringify(build, null, 2)}\n`);
  const args = [
    // Types are what `deno task check` is for.
    ...["compile", "--quiet", "--no-check", "--frozen", "--exclude-unused-npm"],
    // The cache is a file of a known name in the machine's common temporary folder, of compiled code
    // that is run as it is found: whoever writes it first would sign with our keys.
    "--no-code-cache",
    ...permissionFlags(build),
    ...(await filesReadByName()).flatMap((path) => ["--include", path]),
    ...(target === undefined ? [] : ["--target", target]),
    ...["--output", output, "main.ts"],
  ];
  const { DENORT_BIN, ...env } = Deno.env.toObject();
  const base = DENORT_BIN === undefined || target !== undefined ? {} : { DENORT_BIN };
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    ...{ args, cwd: top, clearEnv: true, env: { ...env, ...base, NO_COLOR: "1" } },
    ...{ stdout: "null", stderr: "piped" },
  }).output();
  if (success) return build;
  const said = new TextDecoder().decode(stderr);
  if (!said.includes("Setting up base binary")) throw new Error(`Cannot compile: ${said}`);
  const [, why = said] = /^ *1: ([^)]*\)?)/m.exec(said) ?? [];
  throw new NoBase(why);
}

/**
 * What the sources name by `new URL("…", import.meta.url)`: workers, presets, pages, and the file just
 * written. No import leads there, so Deno would leave them out.
 */
async function filesReadByName(): Promise<readonly string[]> {
  const found = new Set<string>();
  const walk = async (folder: URL) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const file = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await walk(file);
      else if (name.endsWith(".ts")) {
        const text = await Deno.readTextFile(file);
        for (
          const [, path = ""] of text.matchAll(
            /new URL\(\s*"(\.[^"]*\w[^"]*)",\s*import\.meta\.url/g,
          )
        ) {
          found.add(new URL(path, file).pathname);
        }
      }
    }
  };
  await walk(new URL("lib/", top));
  return [...found].sort();
}

/** Where the sources are, `-dirty` where they were changed since; "unknown" without git. */
async function commit(): Promise<string> {
  const args = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  try {
    const { success, stdout } = await new Deno.Command("git", {
      ...{ args, cwd: top, stderr: "null" },
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown";
    throw error;
  }
}

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      // `deno task` hands on the "--" that a person sets before the flags.
      args: Deno.args.filter((word) => word !== "--"),
      options: {
        "allow-host": { type: "string", multiple: true, default: [] },
        output: { type: "string", default: "dist/bpx-bot" },
      },
    });
    const { output } = values;
    const { commit } = await compile({ output, hosts: values["allow-host"] });
    const { size } = await Deno.stat(new URL(output, top));
    console.log(`${output}: ${(size / 1e6).toFixed(1)} MB, commit ${commit}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
