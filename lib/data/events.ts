// Events and commands back from the JSON they were kept as. A file may be damaged or changed by hand,
// so each field is looked at: what does not fit is refused by its name, never filled in.

import type { Command, Event } from "../core/event.ts";
import {
  type Check,
  count,
  flag,
  list,
  number,
  oneOf,
  optional,
  plain,
  positive,
  record,
  refuse,
  text,
  whole,
} from "../core/shape.ts";
import type { Level, Plan, PlannedOrder } from "../core/strategy.ts";

type Of<Kind extends Event["kind"]> = Extract<Event, { readonly kind: Kind }>;

/** An event from parsed JSON. Throws `RangeError` naming the field that does not fit. */
export function readEvent(value: unknown): Event {
  assertEvent(value);
  return value;
}

/** Commands from parsed JSON. Throws `RangeError` naming the field that does not fit. */
export function readCommands(value: unknown): readonly Command[] {
  assertCommands(value);
  // JSON has no way to write a field that is there and undefined.
  return value.map((command) =>
    command.kind === "place" ? { ...command, tag: command.tag } : command
  );
}

function assertEvent(value: unknown): asserts value is Event {
  const kind = kindOf(value);
  const check = events.get(kind);
  if (check === undefined) return refuse("event.kind", "a kind of event", kind);
  check(value, "event");
}

function assertCommands(value: unknown): asserts value is readonly Command[] {
  list((item, path) => {
    const kind = kindOf(item);
    if (kind === "place") return place(item, path);
    if (kind === "cancel") return cancel(item, path);
    refuse(`${path}.kind`, "place or cancel", kind);
  })(value, "commands");
}

function kindOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
}

const side = oneOf("bid", "ask");
const role = oneOf("maker", "taker");
const head = { kind: text, time: whole } as const;
const about = { ...head, id: count } as const;
const levels = list(record<Level>({ price: whole, quantity: count }));

const plan = record<Plan>({
  orders: list(record<PlannedOrder>({
    side,
    role,
    price: positive,
    quantity: positive,
    reduceOnly: optional(flag),
    tag: optional(text),
  })),
  reason: optional(text),
  holds: optional(record({ below: number, above: number })),
  finish: optional(oneOf("stop", "flatten")),
});

const fillFields = {
  fillId: whole,
  side,
  price: positive,
  quantity: positive,
  maker: flag,
  feeCash: whole,
  feeBase: whole,
} as const;

const checks: { readonly [Kind in Event["kind"]]: Check } = {
  depth: record<Of<"depth">>({ ...head, bids: levels, asks: levels, snapshot: flag }),
  trade: record<Of<"trade">>({ ...head, price: whole, quantity: count, aggressor: side }),
  mark: record<Of<"mark">>({
    ...head,
    price: whole,
    indexPrice: optional(whole),
    fundingRate: optional(number),
  }),
  bar: record<Of<"bar">>({
    ...head,
    ...{ barSec: positive, open: whole, high: whole, low: whole, close: whole, volume: count },
  }),
  state: record<Of<"state">>({ ...head, state: text }),
  rules: record<Of<"rules">>({ ...head, market: plain }),
  accepted: record<Of<"accepted">>(about),
  rejected: record<Of<"rejected">>({ ...about, reason: text }),
  cancelled: record<Of<"cancelled">>(about),
  expired: record<Of<"expired">>({ ...about, reason: text }),
  modified: record<Of<"modified">>({ ...about, quantity: count }),
  fill: record<Of<"fill">>({ ...about, ...fillFields }),
  unknown: record<Of<"unknown">>(about),
  cancelRefused: record<Of<"cancelRefused">>({ ...about, reason: text }),
  funding: record<Of<"funding">>({ ...head, payment: whole, rate: number }),
  foreignFill: record<Of<"foreignFill">>({ ...head, ...fillFields, origin: text }),
  account: record<Of<"account">>({
    ...head,
    netEquity: whole,
    available: whole,
    marginFraction: optional(number),
    maintenance: optional(number),
    liquidationPrice: optional(whole),
    positionOfAccount: whole,
    free: record({ quote: whole, base: whole }),
    others: optional(record({ exposure: whole, lossToday: whole })),
  }),
  timer: record<Of<"timer">>(head),
  pause: record<Of<"pause">>(head),
  resume: record<Of<"resume">>(head),
  flatten: record<Of<"flatten">>(head),
  stop: record<Of<"stop">>(head),
  planned: record<Of<"planned">>({ ...head, plan, memory: plain }),
};
const events = new Map<unknown, Check>(Object.entries(checks));

const place = record<Extract<Command, { readonly kind: "place" }>>({
  kind: text,
  id: count,
  side,
  price: positive,
  quantity: positive,
  role,
  reduceOnly: flag,
  tag: optional(text),
});
const cancel = record<Extract<Command, { readonly kind: "cancel" }>>({ kind: text, id: count });
