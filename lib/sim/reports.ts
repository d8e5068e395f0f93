// What the simulated exchange says of an account, in the words of the loop.

import type { Event } from "../core/event.ts";
import { unreachable } from "../core/assert.ts";
import type { Report } from "../exchange/report.ts";

/** The event of a report; undefined for what the run's own kinds of order never meet. */
export function eventOf(report: Exclude<Report, { kind: "print" }>): Event | undefined {
  const { time } = report;
  if (report.kind === "funding") {
    return { kind: "funding", time, payment: report.payment, rate: report.rate };
  }
  const id = report.clientId;
  if (report.kind === "fill") {
    const { fillId, side, price, quantity, maker, feeCash, feeBase } = report;
    const fill = { time, fillId, side, price, quantity, maker, feeCash, feeBase };
    return id === undefined
      ? { kind: "foreignFill", ...fill, origin: report.systemOrderType ?? "USER" }
      : { kind: "fill", ...fill, id };
  }
  if (id === undefined) return undefined;
  switch (report.kind) {
    case "accepted":
    case "cancelled":
      return { kind: report.kind, time, id };
    case "rejected":
    case "expired":
      return { kind: report.kind, time, id, reason: report.reason };
    case "modified":
      return { kind: "modified", time, id, quantity: report.quantity };
    case "triggerPlaced":
    case "triggered":
    case "triggerFailed":
    case "liquidation":
    case "adl":
      return undefined;
    default:
      return unreachable(report);
  }
}
