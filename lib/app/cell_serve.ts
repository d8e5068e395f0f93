// The inside of a cell: takes one question after the other, calls the plugin, and answers in text.
// Whatever the plugin throws is an answer too. It keeps its own door: the plugin has none.

import { Random } from "../core/random.ts";
import type { Observation, Setup, Strategy, View } from "../core/strategy.ts";
import type { Fence, OwnFiles } from "./cell_fence.ts";
import { plainText } from "./cell_plain.ts";
import type { Asked, Beginning, Entry, Opening, Question, SeenView } from "./cell_protocol.ts";
import { MOST_ANSWER, MOST_FAULT, SHARED_HEAD } from "./cell_protocol.ts";

/** How a kind of cell answers what `serveCell` does not. */
export interface Extra {
  /** Most characters of an answer. Default `MOST_ANSWER`. */
  readonly mostAnswer?: number;
  backtest?(
    strategy: Strategy,
    fence: Fence,
    question: Extract<Question, { kind: "backtest" }>,
  ): Promise<object>;
}

/** Serves this thread's parent for ever. `raise` shuts the plugin in before it is imported. */
export function serveCell(raise: (files: OwnFiles) => Fence, extra: Extra = {}): void {
  const opened = (event: Event) => {
    if (!(event instanceof MessageEvent)) return;
    const { port, shared }: Opening = event.data;
    const answers = answering(port, shared, extra.mostAnswer ?? MOST_ANSWER);
    const inside = new Inside(raise, extra);
    // Nobody waits for it, and Deno would print it as it is.
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      answers({ id: 0, now: false }, { fault: faultText(event.reason), said: inside.said() });
    });
    // Taken before the fence: afterwards these are not there any more.
    port.onmessage = ({ data }: MessageEvent<Asked>) => {
      inside.answer(data.question).then(
        (value) => answers(data, { value, said: inside.said() }),
        (error: unknown) => answers(data, { fault: faultText(error), said: inside.said() }),
      );
    };
  };
  addEventListener("message", opened, { once: true });
}

/** `value` is JSON already. */
type Reply = { readonly said: readonly string[] } & ({ value: string } | { fault: string });

/** What writes an answer, with everything it needs taken now. */
function answering(port: MessagePort, shared: SharedArrayBuffer, most: number) {
  const { store, notify } = Atomics;
  const post = port.postMessage.bind(port);
  const encoder = new TextEncoder();
  const encode = encoder.encode.bind(encoder);
  const head = new Int32Array(shared, 0, 2);
  const body = new Uint8Array(shared, SHARED_HEAD);
  const text = (id: number, reply: Reply) => {
    if ("fault" in reply) return JSON.stringify({ id, ...reply });
    const { value, said } = reply;
    if (value.length <= most) return `{"id":${id},"said":${JSON.stringify(said)},"value":${value}}`;
    const fault = `its answer of ${value.length} characters is longer than ${most}`;
    return JSON.stringify({ id, fault, said });
  };
  return ({ id, now }: Pick<Asked, "id" | "now">, reply: Reply) => {
    const answer = text(id, reply);
    if (!now) return post(answer);
    const bytes = encode(answer);
    body.set(bytes.subarray(0, body.length));
    store(head, 1, bytes.length);
    store(head, 0, 1);
    notify(head, 0);
  };
}

/** The plugin and what it remembers. */
class Inside {
  readonly #raise: (files: OwnFiles) => Fence;
  readonly #extra: Extra;
  readonly #heap: () => number;
  #fence: Fence | undefined;
  #strategy: Strategy | undefined;
  #begun: Beginning | undefined;

  constructor(raise: (files: OwnFiles) => Fence, extra: Extra) {
    this.#raise = raise;
    this.#extra = extra;
    const { memoryUsage } = Deno;
    this.#heap = () => {
      const { heapUsed, external } = memoryUsage();
      return heapUsed + external;
    };
  }

  said(): readonly string[] {
    return this.#fence?.said() ?? [];
  }

  // Async although little here waits: a plain throw becomes an answer like any other.
  async answer(question: Question): Promise<string> {
    switch (question.kind) {
      case "describe":
        return plainText(await this.#describe(question.entry));
      case "terms":
        return plainText(termsOf(this.#plugin, question.setup));
      case "plan":
        return plainText(this.#plan(question));
      case "try":
        return plainText(answerTo(this.#plugin, question, []));
      case "beat":
        return JSON.stringify({ heapBytes: this.#heap() });
      case "backtest": {
        const [fence, { backtest }] = [this.#fence, this.#extra];
        if (fence === undefined || backtest === undefined) throw new Error("no backtests here");
        return JSON.stringify(await backtest(this.#plugin, fence, question));
      }
    }
  }

  get #plugin(): Strategy {
    if (this.#strategy === undefined) throw new Error("asked before the plugin was imported");
    return this.#strategy;
  }

  async #describe({ url, files }: Entry): Promise<unknown> {
    this.#fence = this.#raise(new Map(files));
    const module: { default?: Strategy; capabilities?: unknown } = await import(url);
    const { default: strategy, capabilities } = module;
    if (strategy === undefined) throw new Error("it must export default defineStrategy({ … })");
    this.#strategy = strategy;
    const { api, name, summary, params, start, plan } = strategy;
    const has = { start: typeof start, plan: typeof plan };
    return { api, name, summary, params, has, capabilities };
  }

  #plan(question: Extract<Question, { kind: "plan" }>): unknown {
    this.#begun = question.begin ?? this.#begun;
    if (this.#begun === undefined) throw new Error("asked for a plan before the setup");
    const { observations, ...asked } = question;
    const answer = answerTo(this.#plugin, { ...asked, begin: this.#begun }, observations);
    this.#begun = { ...this.#begun, memory: answer.memory };
    return answer;
  }
}

/** Starts where there is no memory yet, takes what happened, and plans if there is a view. */
function answerTo(
  strategy: Strategy,
  { begin, start, view }: Pick<Extract<Question, { kind: "try" }>, "begin" | "start" | "view">,
  observations: readonly Observation[],
) {
  const { setup, seed } = begin;
  const memory = begin.memory ?? (start && strategy.start(setup, seenBy(start, seed)));
  if (memory === undefined) throw new Error("asked for a plan before the start");
  for (const event of observations) strategy.observe?.(memory, event, setup);
  const plan = view && strategy.plan(memory, seenBy(view, seed), setup);
  return { plan, memory };
}

function termsOf(strategy: Strategy, setup: Setup): unknown {
  return {
    observes: strategy.needs?.(setup) ?? strategy.observes ?? ["fill"],
    everyMs: strategy.cadence?.(setup).everyMs,
    limits: strategy.limits?.(setup) ?? {},
    warmup: strategy.warmup?.(setup),
  };
}

/** The view as the engine would show it in this process: it draws the same. */
function seenBy(view: SeenView, seed: number): View {
  let dice: Random | undefined;
  return {
    ...view,
    random() {
      dice ??= new Random(view.time, seed);
      return dice.next();
    },
  };
}

/** What went wrong, in one line; `Error` is left away, other kinds are told. */
function faultText(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${typeof error}`;
  // The loader of modules wraps what the fence throws into a kind of its own.
  return String(error).replace(/^(TypeError: )?Error: /, "").slice(0, MOST_FAULT);
}
