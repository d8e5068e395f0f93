// A shell that remembers what was printed, instead of a terminal.

import type { Shell, Size } from "../../lib/app/shell.ts";

/** What a command printed, and the shell it printed to. */
export interface FakeShell extends Shell {
  readonly printed: { out: string; err: string };
}

/** A shell with the given environment, on a terminal of the given size or on none. */
export function aShell(
  { env = {}, size, listing = "allowed" }: {
    readonly env?: { readonly [name: string]: string };
    readonly size?: Size;
    readonly listing?: "allowed" | "denied";
  } = {},
): FakeShell {
  const printed = { out: "", err: "" };
  const left = new Map(Object.entries(env));
  return {
    printed,
    out: (text) => printed.out += text,
    err: (text) => printed.err += text,
    outSize: () => size,
    errSize: () => size,
    env: (name) => left.get(name),
    envNames: () => listing === "allowed" ? [...left.keys()] : undefined,
    forget: (names) => names.forEach((name) => left.delete(name)),
  };
}
