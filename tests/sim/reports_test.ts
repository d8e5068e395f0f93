// Every report of the exchange as the run hears it, one row each.

import assert from "node:assert/strict";
import type { Event } from "../../lib/core/event.ts";
import { base, cash, lots, micros, ticks } from "../../lib/core/units.ts";
import type { Report } from "../../lib/exchange/report.ts";
import { eventOf } from "../../lib/sim/reports.ts";

type Told = Exclude<Report, { kind: "print" }>;

const time = micros(1_700_000_000_000_000);
const about = {
  time,
  account: 3,
  symbol: "SOL_USDC_PERP",
  orderId: 900,
  clientId: 7,
};
/** An order that the run never sent: a person's, or the exchange's own. */
const strange = { ...about, clientId: undefined };
const traded = {
  fillId: 55,
  side: "ask",
  price: ticks(15_000),
  quantity: lots(25),
  maker: true,
  feeCash: cash(-12),
  feeBase: base(34),
} as const;
const fill = {
  kind: "fill",
  feeAsset: "USDC",
  systemOrderType: undefined,
  ...traded,
} as const;
const closed = {
  side: "ask",
  price: ticks(15_000),
  quantity: lots(25),
} as const;

const rows: readonly (readonly [Told, Event | undefined])[] = [
  [{ kind: "accepted", ...about }, { kind: "accepted", time, id: 7 }],
  [{ kind: "cancelled", ...about }, { kind: "cancelled", time, id: 7 }],
  [
    { kind: "rejected", ...about, reason: "PostOnlyTaker" },
    { kind: "rejected", time, id: 7, reason: "PostOnlyTaker" },
  ],
  [
    { kind: "expired", ...about, reason: "ImmediateOrCancel" },
    { kind: "expired", time, id: 7, reason: "ImmediateOrCancel" },
  ],
  [
    { kind: "modified", ...about, quantity: lots(4) },
    { kind: "modified", time, id: 7, quantity: lots(4) },
  ],
  [{ ...fill, ...about }, { kind: "fill", time, id: 7, ...traded }],
  [{ ...fill, ...strange }, {
    kind: "foreignFill",
    time,
    ...traded,
    origin: "USER",
  }],
  [
    { ...fill, ...strange, systemOrderType: "LiquidatePositionOnBook" },
    { kind: "foreignFill", time, ...traded, origin: "LiquidatePositionOnBook" },
  ],
  [
    { ...fill, ...strange, systemOrderType: "LiquidatePositionOnAdl" },
    { kind: "foreignFill", time, ...traded, origin: "LiquidatePositionOnAdl" },
  ],
  [
    {
      kind: "funding",
      time,
      account: 3,
      symbol: "SOL_USDC_PERP",
      payment: cash(-81),
      rate: 0.0001,
    },
    { kind: "funding", time, payment: cash(-81), rate: 0.0001 },
  ],
  [{ kind: "accepted", ...strange }, undefined],
  [{ kind: "cancelled", ...strange }, undefined],
  [{ kind: "expired", ...strange, reason: "Liquidation" }, undefined],
  [{ kind: "triggerPlaced", ...about }, undefined],
  [{ kind: "triggered", ...about }, undefined],
  [
    { kind: "triggerFailed", ...about, reason: "InsufficientMargin" },
    undefined,
  ],
  [{ kind: "liquidation", ...about, ...closed }, undefined],
  [{ kind: "adl", ...about, ...closed }, undefined],
];

Deno.test("each report is the event with the same figures, or none", () => {
  for (const [report, event] of rows) {
    assert.deepEqual(eventOf(report), event, report.kind);
  }
});

Deno.test("a client number of zero is an order of the run like any other", () => {
  assert.deepEqual(eventOf({ kind: "accepted", ...about, clientId: 0 }), {
    kind: "accepted",
    time,
    id: 0,
  });
});
