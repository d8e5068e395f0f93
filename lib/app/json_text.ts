// JSON as people write it: with comments and commas too many, and with mistakes. A key given twice is
// one of them, since whoever wrote it meant both. A complaint names the line and never quotes the
// file: it may hold keys of an account.

/** A token behind white space and comments; the last one is empty. */
const nextToken =
  /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*("(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"/]+|$)/y;
/** Objects and lists inside each other; more is no configuration. */
const MOST_DEPTH = 100;

/** Parses JSON that may hold comments and trailing commas. Throws `SyntaxError` "line 3: ...". */
export function parseJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(reader.next(), []);
  if (reader.next() !== "") reader.fail("nothing may follow the value");
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): string {
    nextToken.lastIndex = this.#at;
    const token = nextToken.exec(this.#text)?.[1];
    if (token === undefined) this.fail("a comment or a text does not end, or a sign is not JSON");
    this.#at = nextToken.lastIndex;
    return token;
  }

  /** The value that begins with `token`; `path` are the keys it is under. */
  value(token: string, path: readonly string[]): unknown {
    if (path.length > MOST_DEPTH) this.fail(`more than ${MOST_DEPTH} levels`);
    if (token === "{") return this.#object(path);
    return token === "[" ? this.#list(path) : this.#scalar(token);
  }

  fail(what: string): never {
    throw new SyntaxError(`line ${this.#text.slice(0, this.#at).split("\n").length}: ${what}`);
  }

  #object(path: readonly string[]): unknown {
    const values = new Map<string, unknown>();
    for (let token = this.next(); token !== "}"; token = this.#after("}")) {
      const key = token.startsWith('"') ? this.#scalar(token) : undefined;
      if (typeof key !== "string") this.fail("a key in double quotes is missing");
      // Others would take it for something else than a key, and lose it.
      if (key === "__proto__") this.fail("__proto__ cannot be a key");
      const inner = [...path, key];
      if (values.has(key)) this.fail(`${inner.join(".")} is given twice`);
      if (this.next() !== ":") this.fail("a colon is missing behind a key");
      values.set(key, this.value(this.next(), inner));
    }
    return Object.fromEntries(values);
  }

  #list(path: readonly string[]): unknown {
    const values: unknown[] = [];
    for (let token = this.next(); token !== "]"; token = this.#after("]")) {
      values.push(this.value(token, [...path, String(values.length)]));
    }
    return values;
  }

  /** The first token of what follows in an object or a list, or its end. */
  #after(end: "}" | "]"): string {
    const token = this.next();
    if (token !== "," && token !== end) this.fail(`a comma or ${end} is missing`);
    return token === "," ? this.next() : token;
  }

  #scalar(token: string): unknown {
    try {
      return JSON.parse(token);
    } catch {
      this.fail("no value is here: a text needs double quotes");
    }
  }
}
