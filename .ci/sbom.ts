// What the program is made of, as a CycloneDX document: every npm package of deno.lock with its hash,
// those that only tests use as "excluded", and Deno itself. The same lock gives the same document, so
// it has no time and no serial number.

import { Buffer } from "node:buffer";

/** A package as deno.lock (version 5) has it. */
interface Locked {
  /** "sha512-" and base64. */
  readonly integrity: string;
  /** By name, with the version where the lock has several. */
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/** The part of deno.lock that is read here. */
export interface Lock {
  /** By name and version; what stands in for a peer follows behind "_". */
  readonly npm: { readonly [key: string]: Locked };
  /** "npm:zod@4.6.7" → "4.6.7". */
  readonly specifiers: { readonly [specifier: string]: string };
}

/** What the document is about. */
export interface Product {
  readonly version: string;
  readonly deno: string;
  /** Packages that the sources of the program import, by their key in the lock. */
  readonly imported: readonly string[];
}

/** The document, to be printed as JSON. Throws where the lock names a package it does not have. */
export function sbom(lock: Lock, { version, deno, imported }: Product) {
  const shipped = reached(lock, imported);
  const ref = `bpx-bot@${version}`;
  const license = { license: { id: "MIT" } };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        ...{ type: "application", "bom-ref": ref, name: "bpx-bot", version },
        licenses: [license],
      },
    },
    components: [
      {
        ...{ type: "platform", "bom-ref": `deno@${deno}`, name: "deno", version: deno },
        ...{ scope: "required", purl: `pkg:github/denoland/deno@v${deno}`, licenses: [license] },
      },
      ...Object.entries(lock.npm).map(([key, { integrity }]) => ({
        ...component(key),
        scope: shipped.has(key) ? "required" : "excluded",
        hashes: [{ alg: "SHA-512", content: hex(integrity) }],
      })),
    ],
    dependencies: [
      { ref, dependsOn: [`deno@${deno}`, ...direct(lock)] },
      ...Object.keys(lock.npm).map((key) => ({ ref: key, dependsOn: needs(lock, key) })),
    ],
  };
}

function component(key: string) {
  const [, path = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  const [name = "", group] = path.split("/").reverse();
  const purl = `pkg:npm/${path.replace("@", "%40")}@${version}`;
  return {
    ...{ type: "library", "bom-ref": key, name, version, purl },
    ...(group === undefined ? {} : { group }),
  };
}

function hex(integrity: string): string {
  const [algorithm = "", content = ""] = integrity.split("-", 2);
  if (algorithm !== "sha512") throw new Error(`Cannot read a hash of the kind ${algorithm}`);
  return Buffer.from(content, "base64").toString("hex");
}

/** What deno.json asks for. */
function direct({ npm, specifiers }: Lock): readonly string[] {
  return Object.entries(specifiers).map(([specifier, version]) => {
    const name = specifier.replace(/^npm:/, "").replace(/(?<=.)@.*$/, "");
    return keyOf(npm, `${name}@${version}`);
  });
}

function needs({ npm }: Lock, key: string): readonly string[] {
  const { dependencies = [], optionalDependencies = [] } = npm[key] ?? {};
  return [...dependencies, ...optionalDependencies].map((name) => keyOf(npm, name));
}

function keyOf(npm: Lock["npm"], name: string): string {
  const key = Object.keys(npm).find((key) =>
    key === name || key.startsWith(`${name}_`) || key.startsWith(`${name}@`)
  );
  if (key === undefined) throw new Error(`Cannot find ${name} in deno.lock`);
  return key;
}

function reached(lock: Lock, imported: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (key: string) => {
    if (found.has(key)) return;
    found.add(key);
    for (const next of needs(lock, key)) walk(next);
  };
  for (const name of imported) walk(keyOf(lock.npm, name));
  return found;
}
