// What every preset earns and loses on real data, as it is: on ticks with what its fills were worth
// afterwards, on candles with the deepest fall. A row that loses is as good as one that earns; what a
// preset says of itself comes from here. It takes half an hour, most of it the ladders on candles:
// deno run -A tests/bench/strategies_table.ts [ticks | PRESET]...

import { presetNames, readPreset } from "../../lib/app/config_file.ts";
import { table } from "../../lib/app/table.ts";
import { candleSpans, play, type Played, tickSpans } from "./real_spans.ts";

/**
 * On ticks: the presets as they are, and two made narrow, since some minutes hold no rung of a wide
 * grid. On BTC settings in base or in a price are of about the same worth.
 */
const onTicks: readonly { readonly preset: string; readonly sol: string; readonly btc: string }[] =
  [
    { preset: "grid-perp", sol: "", btc: "quantity=0.0006" },
    { preset: "grid-perp", sol: "priceRange=0.005", btc: "quantity=0.0006 priceRange=0.005" },
    { preset: "amm-aggressive", sol: "", btc: "" },
    { preset: "amm-balanced", sol: "", btc: "" },
    { preset: "amm-conservative", sol: "", btc: "" },
    { preset: "flow-sol", sol: "", btc: "" },
    { preset: "flow-patient", sol: "", btc: "" },
    { preset: "points-perp", sol: "", btc: "bandWidth=300" },
    {
      preset: "points-perp",
      sol: "bandWidth=0.2 target=0.0016",
      btc: "bandWidth=60 target=0.0016",
    },
  ];

const wanted = new Set(Deno.args);
const asked = (name: string) => wanted.size === 0 || wanted.has(name);

for (const span of asked("ticks") ? tickSpans : []) await tickTable(span);
const rows: string[][] = [];
for (const preset of presetNames()) {
  const { strategy } = readPreset(preset);
  // Candles name no taker, so flow has nothing to follow.
  if (!asked(preset) || strategy === "flow") continue;
  const kind = readPreset(preset).market?.endsWith("_PERP") ? "perp" : "spot";
  for (const span of candleSpans[kind]) {
    const played = await play({ preset, span, fillModel: "through" });
    rows.push([preset, span.name, ...candleCells(played)]);
    console.error(rows.at(-1)?.join("  "));
  }
}
if (rows.length > 0) printCandles();

function printCandles(): void {
  const head = ["preset", "span", "from", "to", "market", "fills", "fees", "PnL", "max drawdown"];
  console.log("Candles, fill model through");
  console.log(table([[...head, "position", "state", "over the limit"], ...rows]));
}

async function tickTable(span: typeof tickSpans[number]): Promise<void> {
  const rows: string[][] = [];
  for (const { preset, sol, btc } of onTicks) {
    const text = span.market.startsWith("BTC") ? btc : sol;
    const set = text.split(" ").filter((one) => one !== "");
    const run = (fillModel: "touch" | "through" | "queue") =>
      play({ preset, market: span.market, set, span, fillModel });
    const [touch, through, queue] = [await run("touch"), await run("through"), await run("queue")];
    const models = [touch, through, queue];
    const { metrics, flow: { markoutBps: { bid, ask } } } = queue.report;
    const markout = (part: "after1s" | "after5s" | "after30s") =>
      `${bps(bid[part])} ${bps(ask[part])}`;
    rows.push([
      `${preset} ${text}`,
      models.map(({ report }) => report.fills).join(" "),
      metrics.makerSharePct === null ? "" : metrics.makerSharePct.toFixed(1),
      Number(metrics.fees).toFixed(4),
      ...[markout("after1s"), markout("after5s"), markout("after30s")],
      `${metrics.minPosition} to ${metrics.maxPosition}`,
      models.map(({ report }) => Number(report.metrics.netPnl).toFixed(4)).join(" "),
      `${Math.max(...models.map(({ exceeded }) => exceeded))}`,
    ]);
    console.error(rows.at(-1)?.join("  "));
  }
  const head = ["preset", "fills touch through queue", "maker %", "fees"];
  const after = [1, 5, 30].map((sec) => `bid ask ${sec} s bps`);
  const more = ["position", "PnL touch through queue", "over the limit"];
  console.log(`${span.name}; fees, markouts and position under queue`);
  console.log(`${table([[...head, ...after, ...more], ...rows])}\n`);
}

function candleCells({ report, exceeded }: Played): string[] {
  const { metrics, data, state } = report;
  const day = (time: string | null) => (time ?? "").slice(0, 10);
  return [
    ...[day(data.from), day(data.to), `${metrics.marketChangePct?.toFixed(1)} %`],
    `${report.fills}`,
    Number(metrics.fees).toFixed(2),
    Number(metrics.netPnl).toFixed(2),
    `${Number(metrics.maxDrawdown).toFixed(2)} (${metrics.maxDrawdownPct.toFixed(2)} %)`,
    `${metrics.minPosition} to ${metrics.maxPosition}`,
    state.rule === null ? state.name : `${state.name} by ${state.rule}`,
    `${exceeded}`,
  ];
}

function bps(value: number | null): string {
  return value === null ? "-" : value.toFixed(2);
}
