// .ci/run with a stand-in for Deno, so that what it makes of a result can be tested in a moment.

/** Runs .ci/run with a Deno that prints `summary` for the tests and fails where told. */
export async function ciRun(deno: { readonly summary: string; readonly fails?: string }) {
  const folder = await Deno.makeTempDir();
  try {
    const script = `#!/bin/sh
case "$*" in
  --version) echo "deno 2.9.4 (stable)" ;;
  *test) printf '%s\\n' '${deno.summary}' ;;
esac
case "$*" in *${deno.fails ?? "nothing"}*) exit 1 ;; esac
`;
    await Deno.writeTextFile(`${folder}/deno`, script, { mode: 0o755 });
    const env = { PATH: `${folder}:${Deno.env.get("PATH") ?? ""}`, DENORT_BIN: "none" };
    return await new Deno.Command(new URL("../../.ci/run", import.meta.url).pathname, { env })
      .output();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
