// What goes wrong between the local exchange and its clients, on purpose: how often, and what it
// does to a request, a frame or a socket. Drawn from a seed in the order things happen, so that the
// same traffic meets the same faults. The exchange behind it never errs: a fault is what a client
// sees of a reply or a frame, never a change of what was traded.

import { Random } from "../core/random.ts";

const noFaults = {
  /** Frames: lost. */
  drop: 0,
  /** Frames: told twice. */
  duplicate: 0,
  /** Frames and replies: late. */
  delay: 0,
  /** Requests: refused before they are looked at. */
  "429": 0,
  /** Requests: refused, half of them after they were carried out. */
  "5xx": 0,
  /** Requests: carried out and never answered. */
  timeout: 0,
  /** Requests: from this one on nothing is taken for a second. */
  maintenance: 0,
  /** Seconds of an open socket: it is closed. */
  kill: 0,
  /** Seconds of an open socket: it stays open and says nothing more. */
  silence: 0,
};

/** A way to fail. */
export type FaultKind = keyof typeof noFaults;

/** How often each happens: for each frame, request or second, 0 to 1. */
export type FaultRates = Readonly<typeof noFaults>;

/** Every way to fail. */
export const faultKinds = Object.keys(noFaults).filter((kind): kind is FaultKind =>
  kind in noFaults
);

/** Wall time in ms, and a way to wait: faults are of the network, which no exchange time speeds up. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `stop` is aborted. */
  sleep(ms: number, stop: AbortSignal): Promise<void>;
}

/** What becomes of a request. */
export type RequestFate =
  | "none"
  | "429"
  /** Refused by a server that is down, before or after the request was carried out. */
  | { readonly status: 500 | 502 | 503; readonly when: "before" | "after" }
  | "timeout"
  | "maintenance";

/** What becomes of a frame. */
export interface FrameFate {
  /** 0 = lost, 2 = told twice. */
  readonly copies: 0 | 1 | 2;
  /** 0 = in time. */
  readonly delayMs: number;
}

const LATE_MS = { least: 50, most: 500 };
const MAINTENANCE_MS = 1_000;
/** Whoever waits longer for an answer that never comes is answered 504 after all. */
const MOST_HELD_MS = 120_000;
/** Requests that wait so at once; the next one is answered 504 right away. */
const MOST_HELD = 1_000;
const downStatuses = [500, 502, 503] as const;

/**
 * Rates from `drop=0.02,429=0.01`, or from the same as a JSON object; kinds left out never happen,
 * and an empty text is no faults at all. Throws `RangeError` naming the kind.
 */
export function parseFaults(text: string): FaultRates {
  const trimmed = text.trim();
  const pairs = trimmed.startsWith("{") ? jsonPairs(trimmed) : textPairs(trimmed);
  const rates = { ...noFaults };
  for (const [kind, value] of pairs) {
    const known = faultKinds.find((name) => name === kind);
    if (known === undefined) {
      throw fault(`must name only ${faultKinds.join(", ")}`, kind);
    }
    const rate = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof rate !== "number" || !(rate >= 0 && rate <= 1)) {
      throw fault(`${known} must be between 0 and 1`, value);
    }
    rates[known] = rate;
  }
  return rates;
}

function textPairs(text: string): readonly (readonly [string, unknown])[] {
  if (text === "") return [];
  return text.split(",").map((part) => {
    const [kind = "", rate, ...rest] = part.split("=");
    if (rate === undefined || rest.length > 0) throw fault("must be like drop=0.02,429=0.01", text);
    return [kind.trim(), rate] as const;
  });
}

function jsonPairs(text: string): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fault("must be JSON", text);
  }
}

function fault(rule: string, value: unknown): RangeError {
  return new RangeError(`faults ${rule}: current value is ${String(value)}`);
}

/** Throws the dice for one request. At most one fault comes of it, the first in the order here. */
export function drawRequest(rates: FaultRates, dice: Random): RequestFate {
  if (dice.chance(rates.maintenance)) return "maintenance";
  if (dice.chance(rates["429"])) return "429";
  if (dice.chance(rates["5xx"])) {
    const status = downStatuses[dice.integer(0, downStatuses.length - 1)] ?? 500;
    return { status, when: dice.chance(0.5) ? "before" : "after" };
  }
  return dice.chance(rates.timeout) ? "timeout" : "none";
}

/** Throws the dice for one frame of a stream. */
export function drawFrame(rates: FaultRates, dice: Random): FrameFate {
  if (dice.chance(rates.drop)) return { copies: 0, delayMs: 0 };
  const copies = dice.chance(rates.duplicate) ? 2 : 1;
  return { copies, delayMs: drawDelay(rates, dice) };
}

/** Throws the dice for one second of an open socket. */
export function drawSecond(rates: FaultRates, dice: Random): "none" | "kill" | "silence" {
  if (dice.chance(rates.kill)) return "kill";
  return dice.chance(rates.silence) ? "silence" : "none";
}

function drawDelay(rates: FaultRates, dice: Random): number {
  return dice.chance(rates.delay) ? dice.integer(LATE_MS.least, LATE_MS.most) : 0;
}

/** The faults of one exchange: its rates, its dice and what has happened so far. */
export class Faults {
  /** May be set anew at any time. */
  rates: FaultRates;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #requests: Random;
  readonly #frames: Random;
  readonly #seconds: Random;
  readonly #counts = { ...noFaults };
  #closedUntil = -Infinity;
  #held = 0;

  constructor(
    { rates, seed, clock, stop }: {
      readonly rates: FaultRates;
      readonly seed: number;
      readonly clock: Clock;
      /** Aborted when the exchange shuts: whatever is held back then is let go. */
      readonly stop: AbortSignal;
    },
  ) {
    this.rates = rates;
    this.#clock = clock;
    this.#stop = stop;
    // Frames come by the thousand: they must not shift what happens to requests.
    this.#requests = new Random(seed, 201);
    this.#frames = new Random(seed, 202);
    this.#seconds = new Random(seed, 203);
  }

  /** Faults that happened, by kind. */
  get counts(): Readonly<Record<FaultKind, number>> {
    return this.#counts;
  }

  /** Carries a request out by `proceed`, or not, and gives the reply that its client gets. */
  async disturb(request: Request, proceed: () => Promise<Response>): Promise<Response> {
    if (this.#clock.now() < this.#closedUntil) return closed(request);
    const fate = drawRequest(this.rates, this.#requests);
    const delayMs = drawDelay(this.rates, this.#requests);
    const reply = await this.#meet(fate, request, proceed);
    if (delayMs > 0) {
      this.#counts.delay++;
      await this.#clock.sleep(delayMs, this.#stop);
    }
    return reply;
  }

  async #meet(
    fate: RequestFate,
    request: Request,
    proceed: () => Promise<Response>,
  ): Promise<Response> {
    switch (fate) {
      case "none":
        return await proceed();
      case "429":
        this.#counts["429"]++;
        return refusal(429, "TOO_MANY_REQUESTS", "Too many requests");
      case "timeout":
        this.#counts.timeout++;
        await discard(await proceed());
        return await this.#hold();
      case "maintenance":
        this.#counts.maintenance++;
        this.#closedUntil = this.#clock.now() + MAINTENANCE_MS;
        return closed(request);
      default:
        this.#counts["5xx"]++;
        if (fate.when === "after") await discard(await proceed());
        return down(fate.status);
    }
  }

  /** Waits longer than any client does. */
  async #hold(): Promise<Response> {
    if (this.#held < MOST_HELD) {
      this.#held++;
      await this.#clock.sleep(MOST_HELD_MS, this.#stop);
      this.#held--;
    }
    return refusal(504, "TIMEOUT", "Timeout");
  }

  /** What becomes of the next frame. */
  frame(): FrameFate {
    const fate = drawFrame(this.rates, this.#frames);
    if (fate.copies === 0) this.#counts.drop++;
    if (fate.copies === 2) this.#counts.duplicate++;
    if (fate.delayMs > 0) this.#counts.delay++;
    return fate;
  }

  /** What becomes of one socket in one second. */
  second(): "none" | "kill" | "silence" {
    const fate = drawSecond(this.rates, this.#seconds);
    if (fate !== "none") this.#counts[fate]++;
    return fate;
  }
}

/** The only thing that answers while nothing is taken is the question why. */
function closed({ url }: Request): Response {
  const message = "System is under maintenance";
  if (new URL(url).pathname !== "/api/v1/status") return refusal(503, "MAINTENANCE", message);
  return Response.json({ status: "Maintenance", message });
}

/** 502 is what stands in front of an exchange, and it does not speak JSON. */
function down(status: 500 | 502 | 503): Response {
  if (status !== 502) return refusal(status, "SERVER_ERROR", "Internal server error");
  const page =
    "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
  return new Response(page, { status, headers: { "Content-Type": "text/html" } });
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}

async function discard(reply: Response): Promise<void> {
  await reply.body?.cancel();
}
