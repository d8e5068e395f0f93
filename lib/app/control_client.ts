// The other side of a running bot's door: one request, one answer, and the plain fact that none came.
// Spoken over a bare connection, so that no proxy of the environment is ever shown the token.

import { request as open } from "node:http";
import { z } from "zod";
import { type Changed, changedShape } from "./changes.ts";
import type { End } from "./control.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { Request } from "./paced.ts";
import type { Address } from "./running.ts";
import type { Size } from "./shell.ts";

/** The bot did not answer in time, or nobody listens. */
export class NoAnswer extends UserError {
  constructor({ id, pid }: Address) {
    const text = `Run ${id} (process ${pid}) does not answer`;
    super(text, ExitCode.timeOut);
  }
}

/** How long a bot may take for an answer. */
const ANSWER_MS = 5_000;
/** Bytes of an answer: a status with a thousand orders is far below it. */
const MOST_BYTES = 4 * 2 ** 20;

const endShape: z.ZodType<End> = z.object({
  exitCode: z.int(),
  orders: z.enum(["none", "kept", "unknown"]),
});
const screenShape = z.object({ lines: z.array(z.string()) });
const statusShape = z.record(z.string(), z.unknown());
const refusalShape = z.object({ refusal: z.string() });

/** One running bot. All methods throw `NoAnswer`, and `UserError` with the bot's own refusal. */
export class ControlClient {
  readonly #address: Address;
  readonly #answerMs: number;

  constructor(address: Address, { answerMs = ANSWER_MS }: { readonly answerMs?: number } = {}) {
    this.#address = address;
    this.#answerMs = answerMs;
  }

  /** The status as the bot prints it in JSON. */
  async status(): Promise<object> {
    return await this.#call("GET", "/status", statusShape);
  }

  /** The status as lines for a terminal. */
  async screen({ columns, rows }: Size): Promise<readonly string[]> {
    const path = `/screen?columns=${columns}&rows=${rows}`;
    return (await this.#call("GET", path, screenShape)).lines;
  }

  /** Puts a wish into the bot's loop. */
  async ask(request: Request): Promise<void> {
    await this.#call("POST", "/ask", z.object({}), { request });
  }

  /** Changes a setting. */
  async set(change: { readonly key: string; readonly value: string }): Promise<Changed> {
    return await this.#call("POST", "/set", changedShape, change);
  }

  /** Takes the latest change back. */
  async undo(): Promise<Changed> {
    return await this.#call("POST", "/undo", changedShape, {});
  }

  /** Waits for the end of the run; undefined where the bot went without a word. */
  async end(signal: AbortSignal): Promise<End | undefined> {
    try {
      const { status, body } = await this.#exchange("GET", "/end", undefined, signal);
      return status === 200 ? endShape.parse(JSON.parse(body)) : undefined;
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    }
  }

  async #call<T>(
    method: "GET" | "POST",
    path: string,
    shape: z.ZodType<T>,
    body?: object,
  ): Promise<T> {
    const signal = AbortSignal.timeout(this.#answerMs);
    const answer = await this.#exchange(method, path, body, signal);
    if (answer.status === 200) return shape.parse(JSON.parse(answer.body));
    const { refusal } = refusalShape.parse(JSON.parse(answer.body));
    const exitCode = answer.status === 409 ? ExitCode.usage : ExitCode.failure;
    throw new UserError(
      answer.status === 409 ? refusal : `Run ${this.#address.id} refused: ${refusal}`,
      exitCode,
    );
  }

  /** One request and its whole answer. Whatever breaks on the way is that no answer came. */
  #exchange(
    method: "GET" | "POST",
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const { port, token } = this.#address;
    return new Promise((resolve, reject) => {
      const fail = () => reject(new NoAnswer(this.#address));
      const text = body === undefined ? "" : JSON.stringify(body);
      const outgoing = open({
        ...{ host: "127.0.0.1", port, method, path, signal, agent: false },
        headers: {
          authorization: `Bearer ${token}`,
          "content-length": new TextEncoder().encode(text).length,
        },
      }, (incoming) => {
        let answer = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (piece: string) => {
          answer += piece;
          if (answer.length > MOST_BYTES) outgoing.destroy();
        });
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: answer }));
        incoming.on("error", fail);
        incoming.on("aborted", fail);
      });
      outgoing.on("error", fail);
      outgoing.on("close", fail);
      outgoing.end(text);
    });
  }
}
