// The bytes of one HTTP/1.1 answer, as they come. Read by hand because a command must be written by
// hand: fetch sends one again whose connection is cut, and takes its time over the first byte.

/** What an answer turned out to be. */
export interface ReadAnswer {
  readonly status: number;
  readonly text: string;
  /** The connection may carry the next request. */
  readonly keeps: boolean;
}

/** An answer of more is not one to a command. */
const MOST_BYTES = 8 * 2 ** 20;
const decoder = new TextDecoder();

interface Head {
  readonly status: number;
  readonly keeps: boolean;
  readonly body: "none" | "chunked" | "to the end" | number;
}

/** Reads one answer. */
export class AnswerReader {
  #bytes = new Uint8Array(0);
  #head: Head | undefined;

  /** True once anything has come. */
  get hasBegun(): boolean {
    return this.#bytes.length > 0 || this.#head !== undefined;
  }

  /** The answer once it is whole. Throws `Error` on bytes that are none. */
  push(chunk: Uint8Array): ReadAnswer | undefined {
    this.#bytes = joined(this.#bytes, chunk);
    if (this.#bytes.length > MOST_BYTES) throw new Error("an answer without end");
    while (this.#head === undefined) {
      const end = endOf(this.#bytes, "\r\n\r\n", 0);
      if (end === undefined) return undefined;
      const head = headOf(decoder.decode(this.#bytes.subarray(0, end)));
      this.#bytes = this.#bytes.slice(end);
      // 1xx only says that the answer is still to come.
      if (head.status >= 200) this.#head = head;
    }
    return this.#body(this.#head);
  }

  /** The answer if the connection ended with it. Throws `Error` on half a one. */
  end(): ReadAnswer {
    const head = this.#head;
    if (head?.body === "to the end") return answer(head, this.#bytes);
    throw new Error(this.hasBegun ? "it ended within the answer" : "it ended before an answer");
  }

  #body(head: Head): ReadAnswer | undefined {
    const bytes = this.#bytes;
    switch (head.body) {
      case "none":
        return answer(head, new Uint8Array(0));
      case "to the end":
        return undefined;
      case "chunked": {
        const whole = unchunked(bytes);
        return whole && answer(head, whole);
      }
      default:
        return bytes.length < head.body ? undefined : answer(head, bytes.subarray(0, head.body));
    }
  }
}

function answer({ status, keeps }: Head, body: Uint8Array): ReadAnswer {
  return { status, text: decoder.decode(body), keeps };
}

function headOf(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first);
  if (status === null) throw new Error("not an HTTP answer");
  const headers = new Map(
    lines.filter((line) => line !== "").map((line) => {
      const cut = line.indexOf(":");
      return [line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim().toLowerCase()];
    }),
  );
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw new Error(`an answer in ${encoding}, which nobody asked for`);
  const code = Number(status[2]);
  const body = bodyOf(code, headers);
  const closes = headers.get("connection")?.includes("close") === true || status[1] === "0";
  return { status: code, keeps: !closes && body !== "to the end", body };
}

function bodyOf(status: number, headers: ReadonlyMap<string, string>): Head["body"] {
  if (status === 204 || status === 304) return "none";
  if (headers.get("transfer-encoding")?.endsWith("chunked") === true) return "chunked";
  const length = headers.get("content-length");
  if (length === undefined) return "to the end";
  if (/^\d{1,9}$/.test(length)) return Number(length);
  throw new Error("an answer of no length");
}

/** What the chunks hold together; undefined until the last has come. */
function unchunked(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0;;) {
    const end = endOf(bytes, "\r\n", at);
    if (end === undefined) return undefined;
    const size = /^[0-9a-f]{1,8}/i.exec(decoder.decode(bytes.subarray(at, end)))?.[0];
    if (size === undefined) throw new Error("a chunk of no size");
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      // Trailers, if any, end in an empty line.
      const isOver = endOf(bytes, "\r\n\r\n", end - 2) !== undefined;
      return isOver ? parts.reduce(joined, new Uint8Array(0)) : undefined;
    }
    if (bytes.length < end + length + 2) return undefined;
    parts.push(bytes.subarray(end, end + length));
    at = end + length + 2;
  }
}

/** Behind the first `mark` from `from` on. */
function endOf(bytes: Uint8Array, mark: string, from: number): number | undefined {
  const first = mark.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < mark.length && bytes[at + length] === mark.charCodeAt(length)) length++;
    if (length === mark.length) return at + length;
  }
  return undefined;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
