// Something that stands between a client and the local exchange and does not tell the truth: what it
// says in its own words, the exchange never hears of.

/** One request, and the way on. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
  /** Sends it on, and gives the exchange's answer. */
  forward(): Promise<Response>;
}

/** Who lies at an address of its own until the block ends. */
export interface Liar extends AsyncDisposable {
  readonly url: string;
}

/** Passes all requests on to `exchange` but for those that `lie` has an answer to. */
export function aLiar(
  exchange: string,
  lie: (asked: Asked) => Promise<Response | undefined> | Response | undefined,
): Liar {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { method, headers, url } = request;
      const { pathname: path, search } = new URL(url);
      const body = await request.text();
      const sent = body === "" ? {} : { body };
      const forward = () => fetch(exchange + path + search, { method, headers, ...sent });
      return await lie({ method, path, body, forward }) ?? await forward();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
