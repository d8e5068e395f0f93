// The version of the program, in a file of its own so that `--version` loads nothing else.
// CHANGELOG.md begins with the same number; a test holds them together.

import type { Permissions } from "./permissions.ts";

/** Semantic version of bpx-bot. */
export const version = "0.2.0";

/** What `deno task compile` writes into the program. */
export interface Build extends Permissions {
  /** Commit the sources were at, or "unknown". */
  readonly commit: string;
}

/** Where a compiled program has its `Build`. */
export const buildFile = new URL("../../dist/build.json", import.meta.url);

const COLUMNS = 100;

/** What `--version` prints; as `json` with every name of the environment. */
export function about(form: "text" | "json"): string {
  // What is left of the last build beside a checkout says nothing about the checkout.
  const build: Build | undefined = Deno.build.standalone
    ? JSON.parse(Deno.readTextFileSync(buildFile))
    : undefined;
  const deno = Deno.version.deno;
  return form === "json"
    ? JSON.stringify({ version, deno, ...build }, null, 2)
    : [`bpx-bot ${version}`, `Deno    ${deno}`, ...linesOf(build)].join("\n");
}

function linesOf(build: Build | undefined): readonly string[] {
  if (build === undefined) return ["Commit  unknown: runs from its sources, as Deno lets it"];
  const { commit, net, env } = build;
  const settings = env.filter((name) => name.startsWith("BPX_SET__"));
  const others = env.filter((name) => !settings.includes(name));
  return [
    `Commit  ${commit}`,
    ...wrapped("Net     ", net),
    ...wrapped("Env     ", others),
    `        BPX_SET__ before ${settings.length} names of settings: --version --json lists them`,
    "Read    any path the operator names",
    "Write   any path the operator names",
  ];
}

function wrapped(label: string, words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || label.length + last.length + word.length >= COLUMNS) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line, i) => (i === 0 ? label : " ".repeat(label.length)) + line);
}
