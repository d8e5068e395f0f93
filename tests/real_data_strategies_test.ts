// Every preset over hours of real markets that went sideways, fell and crashed, and over real ticks
// under each fill model (../shared/data beside the repository; where it is absent each test says so
// and passes): no order leaves with which a limit on exposure could be exceeded, and the money adds
// up. What they earn or lose is for `tests/bench/strategies_table.ts`: here nothing depends on it.

import assert from "node:assert/strict";
import { presetNames, readPreset } from "../lib/app/config_file.ts";
import { candleSpans, play, type Span, tickSpans } from "./bench/real_spans.ts";
import { sharedFile } from "./data/files.ts";

/** Some hours of each span, the worst of the falls among them: a day of the ladders takes seconds. */
const hours: { readonly [span: string]: readonly [from: string, to: string] } = {
  ranging: ["2025-05-19T00:00Z", "2025-05-19T06:00Z"],
  falling: ["2025-02-02T20:00Z", "2025-02-03T03:00Z"],
  crash: ["2025-10-10T18:00Z", "2025-10-11T00:00Z"],
};

function isThere({ files }: Span): boolean {
  return files.every((name) => sharedFile(name) !== undefined);
}

for (const [name, [from, to]] of Object.entries(hours)) {
  Deno.test(`no preset could exceed its limit in hours of ${name}`, async () => {
    let fills = 0;
    for (const preset of presetNames()) {
      const { strategy, market = "" } = readPreset(preset);
      const spans = candleSpans[market.endsWith("_PERP") ? "perp" : "spot"];
      const span = spans.find((one) => one.name === name);
      assert.ok(span !== undefined, name);
      if (strategy === "flow" || !isThere(span)) continue;
      const played = await play({ preset, span: { ...span, from, to }, fillModel: "touch" });
      assert.equal(played.exceeded, 0, preset);
      assert.equal(played.report.ledger.identityError, "0", preset);
      fills += played.report.fills;
    }
    assert.ok(
      fills > 100 || !isThere({ name, files: candleSpans.perp[0]?.files ?? [] }),
      `${fills}`,
    );
  });
}

for (const span of tickSpans) {
  Deno.test(`no preset could exceed its limit on ticks of ${span.name}`, async () => {
    if (!isThere(span)) return;
    let fills = 0;
    for (const preset of presetNames()) {
      if (!readPreset(preset).market?.endsWith("_PERP")) continue;
      const set = readPreset(preset).strategy === "grid"
        ? ["priceRange=0.01", "quantity=0.02"]
        : [];
      for (const fillModel of ["touch", "through", "queue"] as const) {
        const played = await play({ preset, market: span.market, set, span, fillModel });
        assert.equal(played.exceeded, 0, `${preset}, ${fillModel}`);
        assert.equal(played.report.ledger.identityError, "0", `${preset}, ${fillModel}`);
        assert.equal(played.report.metrics.makerSharePct ?? 100, 100, "makers alone, in minutes");
        fills += played.report.fills;
      }
    }
    assert.ok(fills > 100, `only ${fills} fills`);
  });
}
