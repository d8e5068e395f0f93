// The door through which a person speaks to a running bot: HTTP on this machine's own address, opened
// by a token that only the bot's owner can read. Web pages cannot come in: they do not have the
// token, may not send its header, and by a name that leads here they do not get past the host.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Changed } from "./changes.ts";
import { UserError } from "./errors.ts";
import type { Request as Asked } from "./paced.ts";
import { Presence, type RunName } from "./running.ts";
import { screen, statusJson } from "./screen.ts";
import type { Status } from "./status.ts";

/** What a bot answers. Called between two events, never within one. */
export interface Answers {
  status(): Status;
  /** Puts the wish into the loop. */
  ask(request: Asked): void;
  /** Changes a setting. Throws `UserError` where it may not be. */
  set(change: { readonly key: string; readonly value: string }): Changed;
  /** Takes the latest change back. Throws `UserError` where there is none. */
  undo(): Changed;
  /** Since the loop last took an event. */
  loopAgeMs(): number;
}

/** What is opened, and for which run. */
export interface ControlOptions {
  readonly dataDir: string;
  readonly run: RunName;
  readonly answers: Answers;
}

/** An open door. Closing it takes the run off the list of those that run. */
export interface Control extends AsyncDisposable {
  readonly port: number;
  /** Tells whoever waits for it how the run has ended. */
  ended(end: End): void;
}

/** How a run has ended. */
export interface End {
  readonly exitCode: number;
  /** Of the run's own; none: with the exchange's word for it. */
  readonly orders: "none" | "kept" | "unknown";
}

/** Bytes of a request; a change of one setting is far below it. */
const MOST_BYTES = 4096;
/** How long an answer on its way may hold up the end of the program. */
const LINGER_MS = 1_000;
/** Cells of a screen. */
const MOST_CELLS = 1000;
const TOKEN_BYTES = 32;

const askShape = z.strictObject({ request: z.enum(["pause", "resume", "stop", "flatten"]) });
const setShape = z.strictObject({ key: z.string(), value: z.string() });

/** Opens the door of a run and says where it is. */
export function serveControl({ dataDir, run, answers }: ControlOptions): Control {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const end = Promise.withResolvers<End | undefined>();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: () => refused(500, "the bot could not answer"),
  }, async (request) => {
    const wrong = wrongDoor(request, { port, token });
    if (wrong !== undefined) return wrong;
    return await answer(request, { answers, run, end: end.promise });
  });
  const { port } = server.addr;
  const presence = announced();
  return {
    port,
    ended: (how) => end.resolve(how),
    async [Symbol.asyncDispose]() {
      end.resolve(undefined);
      await shut(server);
      presence[Symbol.dispose]();
    },
  };

  function announced(): Presence {
    try {
      return Presence.announce(dataDir, { ...nameOf(run), pid: Deno.pid, port, token });
    } catch (error) {
      server.shutdown();
      throw error;
    }
  }
}

/** Lets answers on their way go out, but does not wait for a request that never ends. */
async function shut(server: Deno.HttpServer): Promise<void> {
  const linger = Promise.withResolvers<void>();
  const timer = setTimeout(linger.resolve, LINGER_MS);
  await Promise.race([server.shutdown(), linger.promise]);
  clearTimeout(timer);
}

/** Why a request may not come in; undefined where it may. */
function wrongDoor(
  { headers }: Request,
  { port, token }: { readonly port: number; readonly token: string },
): Response | undefined {
  const host = headers.get("host");
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return refused(403, "the host must be this machine");
  }
  if (isSame(headers.get("authorization") ?? "", `Bearer ${token}`)) return undefined;
  return refused(401, "the token is not this run's");
}

/** In a time that tells nothing of where the two differ. */
function isSame(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

interface Inside {
  readonly answers: Answers;
  readonly run: RunName;
  readonly end: Promise<End | undefined>;
}

async function answer(request: Request, { answers, run, end }: Inside): Promise<Response> {
  const url = new URL(request.url);
  switch (`${request.method} ${url.pathname}`) {
    case "GET /status":
      return Response.json(statusJson({ ...answers.status(), run: run.id }));
    case "GET /screen": {
      const cells = (name: string) => Math.min(MOST_CELLS, Number(url.searchParams.get(name)) || 0);
      const size = { columns: cells("columns"), rows: cells("rows") };
      return Response.json({ lines: screen({ ...answers.status(), run: run.id }, size) });
    }
    case "GET /health":
      return Response.json({ loopAgeMs: answers.loopAgeMs() });
    case "GET /end": {
      const how = await end;
      return how === undefined ? refused(503, "the run failed") : Response.json(how);
    }
    case "POST /ask":
      return await told(request, askShape, ({ request }) => {
        answers.ask(request);
        return {};
      });
    case "POST /set":
      return await told(request, setShape, (change) => answers.set(change));
    case "POST /undo":
      return await told(request, z.strictObject({}), () => answers.undo());
    default:
      return refused(404, "there is no such request");
  }
}

/** Reads what was sent and does it; 409 with the one line a person reads where it may not be done. */
async function told<T>(
  request: Request,
  shape: z.ZodType<T>,
  act: (body: T) => object,
): Promise<Response> {
  const text = await bounded(request);
  if (text === undefined) return refused(413, `a request has at most ${MOST_BYTES} bytes`);
  const body = parsed(text, shape);
  if (body === undefined) return refused(400, "the request cannot be read");
  try {
    return Response.json(act(body));
  } catch (error) {
    if (error instanceof UserError) return refused(409, error.message);
    throw error;
  }
}

async function bounded({ body }: Request): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const piece of body ?? []) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(piece, { stream: true });
  }
  return text;
}

function parsed<T>(text: string, shape: z.ZodType<T>): T | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function refused(status: number, refusal: string): Response {
  return Response.json({ refusal }, { status });
}

/** Only what the file is to hold. */
function nameOf({ id, account, market, tag, strategy, mode }: RunName): RunName {
  return { id, account, market, tag, strategy, mode };
}
