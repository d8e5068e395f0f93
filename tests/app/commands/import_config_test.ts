// The old bots' files, typed in by value, and what becomes of them: a file `check` takes, secrets in
// their own place, and every key accounted for.

import assert from "node:assert/strict";
import { checkCommand } from "../../../lib/app/commands/check.ts";
import { importCommand } from "../../../lib/app/commands/import_config.ts";
import { aShell } from "../../support/shell.ts";

const CANARY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";

const defi = `# defi grid
EXCHANGE=backpack
API_BASE=https://api.backpack.exchange
API_KEY=auto-ed25519
API_SECRET=
SYMBOL=SOL_USDC_PERP
LIVE=false            # paper first
LOG_LEVEL=INFO
SIDE=LONG
GRID_STEP_BPS=6       # between rungs
GRID_LEVELS=22
ROLLING_WINDOW_BIDS=10
ROLLING_WINDOW_ASKS=10
ORDER_USD=25
MAX_POS_USD=3500
ORDER_TTL_SEC=7
WINDOW_MS=900
ORDER_TOPCHASE_TICKS=3
ALO_JOIN_BEST=true
MAX_DEV_BPS=45
TAKE_PROFIT_PCT=1.6
TP_OFFSET_BPS=4
REDUCE_ONLY_TP_GUARD=true
MAX_HOLD_SEC=7200
ENABLE_AMM_BIDS=true
ENABLE_AMM_ASKS=true
STRICT_MAKER=true
STRICT_MAKER_NEAR_TOP=true
LEVERAGE=7
`;

const grid = {
  api: { base_url: "https://api.backpack.exchange", api_key: "", api_secret: CANARY },
  trading: {
    ...{ symbol: "SOL_USDC", grid_upper: 180, grid_lower: 150, grid_num: 25, quantity: 0.25 },
    ...{ auto_price: false, price_range: 0.15, duration: 3600, interval: 5, use_websocket: false },
  },
  risk: {
    ...{ max_drawdown: 0.1, volatility_pause: true, atr_threshold: 3, atr_period: 14 },
    email_alerts: false,
  },
  telegram: { enabled: true, bot_token: `1:${CANARY}`, chat_id: "42" },
};

const points = `{
  // the account
  "api_key": "", "secret_key": "${CANARY}", "base_url": "https://api.backpack.exchange",
  "testnet": false,
  "trading_settings": {
    "target_symbol": "BTC", "base_coin_symbol": "USDC", "grid_price_interval": 40,
    "grid_usdc_per_order": 50, "num_grids": 3, "out_want": 0.004, // 0.4 %
    "trade_pct": 50, "delay_between_operations": 3, "delay_between_grids": 1
  },
  "risk_management": {
    "max_loss_percentage": 5, "stop_loss_enabled": true, "max_position_size": 500,
    "daily_loss_limit": 50
  }
}`;

interface Result {
  readonly code: number;
  readonly out: string;
  readonly preset: { readonly [key: string]: unknown };
  readonly env: string | undefined;
  readonly folder: string;
}

async function imported(text: string): Promise<Result> {
  const folder = Deno.makeTempDirSync();
  const source = `${folder}/old`;
  Deno.writeTextFileSync(source, text);
  const shell = aShell();
  const code = await importCommand(source, { out: folder }, shell);
  const name = [...Deno.readDirSync(folder)].find(({ name }) => name.startsWith("imported-"))?.name;
  const env = `${folder}/.env`;
  return {
    code,
    out: shell.printed.out + shell.printed.err,
    preset: JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)),
    env: [...Deno.readDirSync(folder)].some(({ name }) => name === ".env")
      ? Deno.readTextFileSync(env)
      : undefined,
    folder,
  };
}

async function passesCheck({ folder, preset }: Result, price: string): Promise<void> {
  const shell = aShell();
  const config = [`${folder}/imported-${String(preset["strategy"])}.json`];
  // An `.env` of the folder this runs in is none of this test's.
  const flags = { config, price, seed: "1", envFile: "/dev/null" };
  assert.equal(await checkCommand(flags, shell), 0, shell.printed.out + shell.printed.err);
}

Deno.test("a DeFi grid's .env becomes amm, and the pair it made by itself is made", async () => {
  const result = await imported(defi);
  assert.equal(result.code, 0, result.out);
  assert.deepEqual(result.preset, {
    description: "Imported from a DeFi grid .env.",
    market: "SOL_USDC_PERP",
    strategy: "amm",
    params: {
      ...{ bias: "long", stepBps: 6, levels: 22, windowBids: 10, windowAsks: 10, orderUsd: 25 },
      ...{ maxPositionUsd: 3500, refreshSec: 7, everyMs: 900, chaseTicks: 3, joinBest: true },
      ...{ maxDeviationBps: 45, takeProfitPct: 1.6, tpOffsetBps: 4, tpGuard: true },
      ...{ maxHoldSec: 7200, enableBids: true, enableAsks: true, strictMaker: true },
      ...{ strictNearTop: true, leverage: 7 },
    },
    risk: {},
  });
  assert.match(result.env ?? "", /^BPX_API_KEY=\S{44}\nBPX_API_SECRET=\S{44}\n$/);
  assert.equal((Deno.statSync(`${result.folder}/.env`).mode ?? 0) & 0o777, 0o600);
  await passesCheck(result, "150");
});

Deno.test("a grid bot's config.json becomes grid, its volatility pause a limit of the gate", async () => {
  const result = await imported(JSON.stringify(grid));
  assert.equal(result.code, 0, result.out);
  assert.deepEqual(result.preset["params"], {
    ...{ upper: 180, lower: 150, levels: 25, quantity: 0.25, autoPrice: false, priceRange: 0.15 },
  });
  assert.deepEqual(result.preset["risk"], { maxDrawdownPct: 10, atrPausePct: 3, atrBars: 14 });
  assert.match(result.out, /trading\.duration +ignored +a flag of the run: --duration 3600/);
  assert.match(result.out, /trading\.use_websocket +ignored +a flag of the run: --no-stream/);
  assert.equal(result.env, `BPX_API_SECRET=${CANARY}\nBPX_TELEGRAM_TOKEN=1:${CANARY}\n`);
  await passesCheck(result, "165");
});

Deno.test("what an old grid had switched off stays off", async () => {
  const text = JSON.stringify({
    ...grid,
    trading: { ...grid.trading, auto_price: true },
    risk: { ...grid.risk, volatility_pause: false },
  });
  const { preset } = await imported(text);
  assert.deepEqual(preset["risk"], { maxDrawdownPct: 10 });
  const params = new Map(Object.entries(preset["params"] ?? {}));
  assert.deepEqual([params.get("upper"), params.get("autoPrice")], [undefined, true]);
});

Deno.test("a points grid's config.json becomes points, its limits are limits", async () => {
  const result = await imported(points);
  assert.equal(result.code, 0, result.out);
  assert.equal(result.preset["market"], "BTC_USDC");
  assert.deepEqual(result.preset["params"], {
    ...{ bandWidth: 40, usdPerBand: 50, bands: 3, target: 0.004, capitalFraction: 0.5 },
    ...{ everyMs: 3000, bandDelayMs: 1000 },
  });
  assert.deepEqual(result.preset["risk"], {
    runLossPct: 5,
    maxPositionUsd: 500,
    dailyLossUsd: 50,
  });
});

Deno.test("no secret is printed, or written anywhere but into .env", async () => {
  for (const text of [JSON.stringify(grid), points, defi.replace("SECRET=", `SECRET=${CANARY}`)]) {
    const { out, preset, env } = await imported(text);
    assert(!out.includes(CANARY));
    assert(!JSON.stringify(preset).includes(CANARY));
    assert(env?.includes(CANARY));
  }
});

const doubts: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", `${defi}MARTINGALE=2\n`, /MARTINGALE +doubt +no such key/],
  [
    "a value out of bounds",
    defi.replace("GRID_STEP_BPS=6 ", "GRID_STEP_BPS=-6 "),
    /GRID_STEP_BPS +doubt +stepBps must be between/,
  ],
  [
    "a market nobody knows",
    defi.replace("SOL_USDC_PERP", "SOLANA"),
    /SOLANA is not a known market/,
  ],
  ["another exchange", defi.replace("=backpack", "=binance"), /EXCHANGE +doubt +must be backpack/],
  ["a test network", points.replace('"testnet": false', '"testnet": true'), /bpx-bot exchange/],
];

for (const [name, text, said] of doubts) {
  Deno.test(`${name} is a doubt: the rest is written, and the exit code is 1`, async () => {
    const { code, out } = await imported(text);
    assert.equal(code, 1);
    assert.match(out, said);
  });
}

Deno.test("a file of no old bot, and one that is no JSON, are refused without quoting them", async () => {
  for (const text of [`{"api_secret": "${CANARY}"}`, `{"api_secret": "${CANARY}`]) {
    await assert.rejects(imported(text), (error: Error) => {
      assert.match(error.message, /^Cannot import/);
      assert(!error.message.includes(CANARY));
      return true;
    });
  }
});

Deno.test("what is there is not overwritten unless asked, and then nothing is written at all", async () => {
  const { folder } = await imported(defi);
  const before = Deno.readTextFileSync(`${folder}/.env`);
  Deno.removeSync(`${folder}/imported-amm.json`);
  await assert.rejects(
    importCommand(`${folder}/old`, { out: folder }, aShell()),
    /must not exist yet: use --out FOLDER, or --force to overwrite: current value is .*\.env/,
  );
  assert.equal(Deno.readTextFileSync(`${folder}/.env`), before);
  assert(![...Deno.readDirSync(folder)].some(({ name }) => name === "imported-amm.json"));
  assert.equal(await importCommand(`${folder}/old`, { out: folder, force: true }, aShell()), 0);
});
