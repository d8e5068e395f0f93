// What `list` shows people: values and bounds in the words that `--set` and its complaints use.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { listCommand } from "../../../lib/app/commands/list.ts";
import { aShell } from "../../support/shell.ts";
import { onExchange } from "../exchange_scene.ts";

const away = { apiUrl: "http://127.0.0.1:9", wsUrl: "ws://127.0.0.1:9" };

Deno.test("a flag is on or off, as its complaint says", async () => {
  const shell = aShell();
  equal(await listCommand("strategies", {}, shell), 0);
  match(shell.printed.out, /^ {2}autoPrice +off +on or off +/m);
  match(shell.printed.out, /^ {2}tpGuard +on +on or off +/m);
});

Deno.test("presets have a head like markets", async () => {
  const shell = aShell();
  equal(await listCommand("presets", {}, shell), 0);
  match(shell.printed.out, /^preset +market +strategy +what it is\n/);
});

Deno.test("markets are the exchange's own where it answers", async () => {
  await onExchange(async ({ urls }) => {
    const shell = aShell();
    equal(await listCommand("markets", urls, shell), 0);
    match(shell.printed.out, /^SOL_USDC_PERP +perp +0\.01 USDC +0\.01 SOL +0\.01$/m);
    equal(shell.printed.out.trim().split("\n").length, 3);
    equal(shell.printed.err, "");
    const json = aShell();
    equal(await listCommand("markets", { ...urls, json: true }, json), 0);
    deepEqual(JSON.parse(json.printed.out)[0], {
      ...{ symbol: "SOL_USDC_PERP", base: "SOL", quote: "USDC", kind: "perp", state: "Open" },
      ...{ tickSize: "0.01", lotSize: "0.01", minQuantity: "0.01", minPrice: "0.01" },
    });
  });
});

Deno.test("without the exchange the list is the program's own, and that is said", async () => {
  const shell = aShell();
  equal(await listCommand("markets", away, shell), 0);
  match(shell.printed.out, /^BTC_USDC_PERP +perp /m);
  match(shell.printed.out, /^IP_USDC_PERP .* Closed$/m);
  match(
    shell.printed.err,
    /^Cannot ask for the markets as .*: here is the list that comes with .*\n$/,
  );
});

Deno.test("a ranking shows what was chosen and why the others were not", async () => {
  await onExchange(async ({ urls }) => {
    const shell = aShell();
    equal(await listCommand("markets", { ...urls, rank: "flow" }, shell), 0);
    match(
      shell.printed.out,
      /^market +24 h volume +spread +bid depth +range +score\nSOL_USDC_PERP /,
    );
    match(shell.printed.out, /\n\nLeft out:\n {2}SOL_USDC +is no perp\n$/);
    const grid = aShell();
    equal(await listCommand("markets", { ...urls, rank: "grid" }, grid), 0);
    match(grid.printed.out, /^No market is fit for grid\.\n\nLeft out:\n/);
    const json = aShell();
    equal(await listCommand("markets", { ...urls, rank: "points", json: true }, json), 0);
    const { kind, markets } = JSON.parse(json.printed.out);
    deepEqual([kind, markets[0].symbol], ["points", "SOL_USDC_PERP"]);
  });
});

Deno.test("no ranking is made up: not offline, not of another kind, not of other things", async () => {
  const rows = [
    [
      "markets",
      { ...away, rank: "flow" },
      /Cannot read the markets as 127\.0\.0\.1:9 gave no answer/,
    ],
    ["markets", { ...away, rank: "luck" }, /--rank must be one of flow, grid, points/],
    ["presets", { rank: "flow" }, /--rank must go with list markets/],
  ] as const;
  for (const [what, flags, message] of rows) {
    await rejects(() => listCommand(what, flags, aShell()), message);
  }
});
