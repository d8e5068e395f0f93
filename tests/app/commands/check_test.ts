// What `check` prints of the settings and of the first plan.

import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { checkCommand } from "../../../lib/app/commands/check.ts";
import { aShell } from "../../support/shell.ts";

Deno.test("a single order has one price, and a flag is on or off", async () => {
  const shell = aShell();
  equal(await checkCommand({ preset: "points-spot", price: "150", seed: "1" }, shell), 0);
  match(shell.printed.out, /^Bids +1 at 149\.5$/m);
  match(shell.printed.out, /^compound +on +preset "points-spot"$/m);
  match(shell.printed.out, /^adaptWidth +off +default$/m);
});

const tooLarge = {
  strategy: "grid",
  market: "SOL_USDC",
  set: ["lower=147", "upper=153", "quantity=50"],
  price: "150",
  seed: "1",
} as const;
const warning = "quantity must be at most 13.48 to fit the capital: current value is 50";

Deno.test("what cannot work is refused, and with --force a warning under the plan", async () => {
  await rejects(checkCommand(tooLarge, aShell()), {
    message: `Cannot start grid as ${warning} (--force starts it anyway)`,
  });
  const shell = aShell();
  equal(await checkCommand({ ...tooLarge, force: true }, shell), 0);
  ok(shell.printed.out.includes(`\nWarning    ${warning}\n`), shell.printed.out);
  const json = aShell();
  equal(await checkCommand({ ...tooLarge, force: true, json: true }, json), 0);
  deepEqual(JSON.parse(json.printed.out).warnings, [warning]);
});

Deno.test("every value is shown with who decided it, and no secret is shown by any of them", async () => {
  const folder = Deno.makeTempDirSync();
  const secret = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";
  try {
    const [envFile, file] = [`${folder}/my.env`, `${folder}/my.json`];
    const lines = [`BPX_API_SECRET=${secret}`, `BPX_TELEGRAM_TOKEN=${secret}`];
    Deno.writeTextFileSync(envFile, [...lines, "BPX_SET__maxOrderUsd=500"].join("\n"), {
      mode: 0o600,
    });
    Deno.writeTextFileSync(file, '{ "params": { "levels": 21 } } // mine');
    const flags = {
      ...{ preset: "grid-perp", config: [file], envFile, set: ["quantity=0.3"] },
      ...{ price: "150", seed: "1" },
    };
    const env = { BPX_API_KEY: secret, BPX_SET__priceRange: "0.09" };
    for (const json of [{}, { json: true as const }]) {
      const shell = aShell({ env });
      equal(await checkCommand({ ...flags, ...json }, shell), 0);
      doesNotMatch(shell.printed.out + shell.printed.err, /Y2FuYXJ5/);
    }
    const shell = aShell({ env });
    await checkCommand({ ...flags, json: true }, shell);
    const { settings } = JSON.parse(shell.printed.out);
    const origins = new Map<string, string>();
    for (const { key, origin } of settings) origins.set(key, origin);
    equal([...origins.values()].includes(""), false);
    const said = ["strategy", "direction", "levels", "priceRange", "maxOrderUsd", "quantity"];
    deepEqual(said.map((key) => origins.get(key)), [
      'preset "grid-perp"',
      'preset "grid-perp"',
      `configuration "${file}"`,
      "BPX_SET__priceRange",
      `BPX_SET__maxOrderUsd in ${envFile}`,
      "--set",
    ]);
    equal(origins.get("spacing"), "default");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a secret in the wrong place is named and not shown", async () => {
  const folder = Deno.makeTempDirSync();
  const secret = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";
  try {
    const path = `${folder}/my.json`;
    const texts = [
      `{ "api_secret": "${secret}" }`,
      `{ "params": { "api_key": "${secret}" } }`,
      `{ "params": { "secret": ${secret} } }`,
      `{ "risk": { "token": "${secret}" }`,
    ];
    for (const text of texts) {
      Deno.writeTextFileSync(path, text);
      const flags = { preset: "grid-perp", config: [path], price: "150", seed: "1" };
      await rejects(checkCommand(flags, aShell()), (error) => {
        ok(error instanceof Error);
        match(error.message, /^Cannot load configuration /);
        doesNotMatch(error.message, /Y2FuYXJ5/);
        return true;
      });
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
