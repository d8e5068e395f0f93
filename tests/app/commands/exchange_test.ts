// The command of the local exchange: what it says on its first line and to whom, which mistakes it
// names, and how it ends.

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { keyPair, Signer } from "../../../lib/backpack/sign.ts";
import { exchangeCommand, serveExchange } from "../../../lib/app/commands/exchange.ts";
import { ExitCode, UserError } from "../../../lib/app/errors.ts";
import { type ExchangeFlags, exchangeSettings } from "../../../lib/app/exchange_flags.ts";
import { COIN } from "../../../lib/core/units.ts";
import { aShell, type FakeShell } from "../../support/shell.ts";

const top = new URL("../../../", import.meta.url);

const usual: ExchangeFlags = {
  market: ["SOL_USDC"],
  seed: "1",
  postOnlyReply: "error",
  port: "0",
  speed: "1",
  limits: true,
};

Deno.test("the first line says where the exchange is, and with a demo key how to trade there", async () => {
  const demo = keyPair();
  await using scene = await aScene(usual, demo);
  const { url, ws, apiKey, apiSecret, adminToken, markets } = scene.said;
  match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  equal(ws, url.replace("http", "ws"));
  deepEqual([apiKey, apiSecret, markets], [demo.publicKey, demo.secret, ["SOL_USDC"]]);
  equal(scene.shell.printed.out.trim().split("\n").length, 1, "one line on stdout");
  match(scene.shell.printed.err, /^A local exchange for SOL_USDC is open at http.*Ctrl\+C/);
  ok(!scene.shell.printed.err.includes(demo.secret), "the secret is on stdout alone");

  const stamp = { timestampMs: Date.now(), windowMs: 5_000 };
  const headers = new Signer(demo.secret).headers("balanceQuery", {}, stamp);
  const capital = await (await fetch(`${url}/api/v1/capital`, { headers })).json();
  deepEqual([capital.USDC.available, capital.SOL.available], ["10000", "50"]);
  const admin = await fetch(`${url}/admin/faults`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  equal((await admin.json()).rates.drop, 0);
});

Deno.test("without a demo key there is no key, no secret and no back door", async () => {
  await using scene = await aScene(usual, undefined);
  deepEqual(Object.keys(scene.said), ["url", "ws", "markets"]);
  const admin = await fetch(`${scene.said.url}/admin/faults`);
  equal(admin.status, 404);
  await admin.body?.cancel();
});

Deno.test("flags become settings, and files are read", async () => {
  await inFolder(async (folder) => {
    const publicKey = keyPair().publicKey;
    const keys = `${folder}/keys.json`;
    const rows = [{ publicKey, balances: { USDC: "250.5", SOL: "0" } }];
    await Deno.writeTextFile(keys, `// the testers\n${JSON.stringify(rows)}`);
    const settings = await exchangeSettings({
      ...usual,
      market: ["BTC_USDC", "BTC_USDC", "SOL_USDC_PERP"],
      faults: "drop=0.5",
      postOnlyReply: "expired",
      speed: "30",
      limits: false,
      keys,
      dataDir: `${folder}/kept`,
    });
    deepEqual(settings.markets.map(({ symbol }) => symbol), ["BTC_USDC", "SOL_USDC_PERP"]);
    deepEqual(settings.accounts, [{ publicKey, balances: { USDC: 250.5 * COIN, SOL: 0 } }]);
    deepEqual([settings.postOnlyReply, settings.speed, settings.limits], ["expired", 30, "off"]);
    equal(settings.faults.drop, 0.5);
    ok((await Deno.stat(`${folder}/kept`)).isDirectory);
  });
});

Deno.test("a tape is played in the one market it is of", async () => {
  await inFolder(async (folder) => {
    const tape = `${folder}/bbo.csv.gz`;
    await writeTicks(tape);
    const settings = await exchangeSettings({ ...usual, tape });
    deepEqual([settings.tape?.name, settings.tape?.rows.length], [tape, 2]);
    await rejects(exchangeSettings({ ...usual, market: ["SOL_USDC", "BTC_USDC"], tape }), {
      message:
        `Cannot open the exchange as --tape must go with one --market: current value is ${tape}`,
    });
    await using scene = await aScene({ ...usual, tape }, undefined);
    const depth = await (await fetch(`${scene.said.url}/api/v1/depth?symbol=SOL_USDC`)).json();
    deepEqual(depth.bids.at(-1), ["149.99", "10"]);
  });
});

Deno.test("mistakes are one line that names the flag and the value", async () => {
  await inFolder(async (folder) => {
    const file = (name: string, text: string) => {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    const [key] = [keyPair().publicKey];
    const twice = [{ publicKey: key, balances: {} }, { publicKey: key, balances: {} }];
    const poor = [{ publicKey: key, balances: { USDC: "-1" } }];
    const rows: readonly (readonly [Partial<ExchangeFlags>, RegExp])[] = [
      [{ market: ["SOL_USD"] }, /--market must be a known market.*nearest: SOL_USDC.*is SOL_USD$/],
      [{ faults: "drpo=1" }, /^Cannot read --faults as faults must name only .*is drpo$/],
      [{ port: "70000" }, /--port must be between 0 and 65535: current value is 70000$/],
      [{ speed: "0" }, /--speed must be between 0\.01 and 10000: current value is 0$/],
      [{ postOnlyReply: "maybe" }, /--post-only-reply must be one of error, expired/],
      [{ keys: `${folder}/none` }, /^Cannot load keys file ".*none" as the file must be readable/],
      [{ keys: file("a", "{") }, /keys file ".*a" as it must be JSON/],
      [{ keys: file("b", "[{}]") }, /keys file ".*b" as 0\.publicKey: /],
      [{ keys: file("c", JSON.stringify(poor)) }, /0\.balances\.USDC: must be a decimal from 0/],
      [{ keys: file("d", JSON.stringify(twice)) }, /must name a public key once/],
    ];
    for (const [flags, message] of rows) {
      const error: unknown = await exchangeSettings({ ...usual, ...flags }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      ok(error instanceof UserError, `${JSON.stringify(flags)}: ${error}`);
      match(error.message, message);
      equal(error.exitCode, ExitCode.usage);
    }
  });
});

Deno.test("a port that is taken and a key that is none are named", async () => {
  await using scene = await aScene(usual, undefined);
  const { port } = new URL(scene.said.url);
  await rejects(exchangeCommand({ ...usual, port }, aShell()), {
    message: `Cannot open the exchange as --port must be free: current value is ${port}`,
  });
  await inFolder(async (folder) => {
    const keys = `${folder}/keys.json`;
    await Deno.writeTextFile(keys, '[{"publicKey": "none", "balances": {}}]');
    await rejects(exchangeCommand({ ...usual, keys }, aShell()), {
      message: /^Cannot open the exchange as a key must be base64 of 32 bytes/,
    });
  });
});

Deno.test("a process says one line, keeps its demo key in its folder, and SIGTERM ends it with 0", async () => {
  await inFolder(async (folder) => {
    const said: string[] = [];
    for (let runs = 0; runs < 2; runs++) {
      const flags = JSON.stringify({ ...usual, demoKey: true, dataDir: folder });
      const script = `
        import { exchangeCommand } from "${new URL("lib/app/commands/exchange.ts", top)}";
        import { processShell } from "${new URL("lib/app/shell.ts", top)}";
        Deno.exit(await exchangeCommand(${flags}, processShell()));`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--config", new URL("deno.json", top).pathname, script],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value = "" } = await reader.read();
      said.push(JSON.parse(value).apiSecret);
      child.kill("SIGTERM");
      equal((await reader.read()).done, true, "nothing more on stdout");
      equal((await child.status).code, ExitCode.done);
    }
    equal(said[0], said[1]);
    equal((Deno.statSync(`${folder}/demo-secret`).mode ?? 0) & 0o777, 0o600);
  });
});

interface Said {
  readonly url: string;
  readonly ws: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly adminToken?: string;
  readonly markets: readonly string[];
}

/** An exchange that the command opened, and what it said. */
async function aScene(
  flags: ExchangeFlags,
  demo: ReturnType<typeof keyPair> | undefined,
): Promise<AsyncDisposable & { readonly said: Said; readonly shell: FakeShell }> {
  const stop = new AbortController();
  const heard = Promise.withResolvers<string>();
  const inner = aShell();
  const out = (text: string) => {
    inner.out(text);
    heard.resolve(text);
  };
  const settings = { ...await exchangeSettings(flags), pastSec: 5 };
  const ended = serveExchange(settings, { demo, shell: { ...inner, out }, stop: stop.signal });
  const said: Said = JSON.parse(await Promise.race([heard.promise, ended.then(String)]));
  return {
    said,
    shell: inner,
    async [Symbol.asyncDispose]() {
      stop.abort();
      equal(await ended, ExitCode.done);
    },
  };
}

/** Best prices of two moments, three years ago and an hour apart. */
async function writeTicks(path: string): Promise<void> {
  const rows = [
    "ts_us,bid_px,bid_qty,ask_px,ask_qty",
    "1700000000000000,149.99,10,150.01,10",
    "1700003600000000,149.90,10,149.95,10",
  ].join("\n");
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, packed);
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
