// `deno task release`: the program for each platform whose base can be had, their SHA-256 sums, and
// the list of what is inside, all in dist/release. What could not be built is named, and what an
// earlier release left there is gone first.

import { createHash } from "node:crypto";
import { version } from "../lib/app/version.ts";
import { compile, NoBase, top } from "./compile.ts";
import { type Lock, sbom } from "./sbom.ts";

const targets = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

const folder = new URL("dist/release/", top);

/** Gives the exit code: 1 where nothing could be built. */
async function release(): Promise<number> {
  await Deno.remove(folder, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  let count = 0;
  for (const target of targets) {
    const why = await built(target);
    console.log(why === undefined ? `built      ${target}` : `not built  ${target}: ${why}`);
    if (why === undefined) count++;
  }
  if (Deno.env.has("DENORT_BIN")) {
    console.log("On the base that DENORT_BIN names, not on Deno's own");
  }
  await Deno.writeTextFile(new URL(`bpx-bot-${version}.cdx.json`, folder), await bill());
  await Deno.writeTextFile(new URL("SHA256SUMS", folder), await sums());
  console.log(`${count} of ${targets.length} programs in ${folder.pathname}`);
  return count === 0 ? 1 : 0;
}

/** Builds for one platform; gives why it could not. */
async function built(target: string): Promise<string | undefined> {
  const ending = target.includes("windows") ? ".exe" : "";
  const output = new URL(`bpx-bot-${version}-${target}${ending}`, folder).pathname;
  // DENORT_BIN is a base for this machine alone.
  const isHere = target === Deno.build.target;
  try {
    await compile(isHere ? { output } : { output, target });
    return undefined;
  } catch (error) {
    if (error instanceof NoBase) return error.why;
    throw error;
  }
}

async function bill(): Promise<string> {
  const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", top)));
  const product = { version, deno: Deno.version.deno, imported: await imported() };
  return `${JSON.stringify(sbom(lock, product), null, 2)}\n`;
}

/** The npm packages that Deno finds on the way from main.ts. */
async function imported(): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    ...{ args: ["info", "--json", "main.ts"], cwd: top },
  }).output();
  const { modules }: { readonly modules: readonly { readonly specifier: string }[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const names = modules.flatMap(({ specifier }) => {
    const [, name] = /^npm:\/((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)];
}

/** As `sha256sum --check` reads it. */
async function sums(): Promise<string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const lines: string[] = [];
  for (const name of names) {
    const hash = createHash("sha256").update(await Deno.readFile(new URL(name, folder)));
    lines.push(`${hash.digest("hex")}  ${name}\n`);
  }
  return lines.join("");
}

Deno.exit(await release());
