// What reaches the other side, and how often; and that the word on it is right.

import assert from "node:assert/strict";
import { Http, type HttpOptions, type Outgoing } from "../../lib/backpack/http.ts";
import { loopback, rawHost } from "./loopback.ts";

const get: Outgoing = { method: "GET", path: "/free?a=b" };
const headers = {
  "X-API-Key": "key",
  "X-Signature": "signature",
  "X-Timestamp": "1",
  "X-Window": "2",
};
const post: Outgoing = { method: "POST", path: "/free", body: '{"é":1}', headers };
const remove: Outgoing = { ...post, method: "DELETE" };
const fine = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 4\r\n\r\nfine";

function anHttp(url: string, options: Partial<HttpOptions> = {}): Http & Disposable {
  const http = new Http({ url, ...options });
  return Object.assign(http, { [Symbol.dispose]: () => http.close() });
}

Deno.test("a request arrives as it was made, and its answer comes whole", async () => {
  await using exchange = loopback(({ body }) => new Response(`${body}!`, { status: 418 }));
  using http = anHttp(`${exchange.url}/`);
  for (const outgoing of [get, post, remove]) {
    const answer = await http.send(outgoing);
    const text = `${outgoing.body ?? ""}!`;
    assert.deepEqual(answer, { kind: "answer", status: 418, text });
  }
  assert.deepEqual(exchange.asked.map(({ route }) => route), [
    ...["GET /free", "POST /free", "DELETE /free"],
  ]);
  const [asked, posted] = exchange.asked;
  assert.equal(asked?.search, "a=b");
  assert.equal(asked?.headers.get("Content-Type"), null);
  assert.equal(posted?.headers.get("Content-Type"), "application/json");
  for (const [name, value] of Object.entries(headers)) {
    assert.equal(posted?.headers.get(name), value);
  }
});

Deno.test("a command whose connection is cut arrives once, on a new connection and on a kept one", async () => {
  for (const command of [post, remove]) {
    using host = rawHost((request) => request.startsWith("GET") ? fine : "");
    using http = anHttp(`http://127.0.0.1:${host.port}`);
    const onNew = await http.send(command);
    assert.equal(onNew.kind, "lost");
    assert.equal(host.came.length, 1, "a command was sent again by itself");
    assert.equal((await http.send(get)).kind, "answer");
    const onKept = await http.send(command);
    assert.equal(onKept.kind, "lost");
    assert.equal(host.came.length, 3, "a command was sent again by itself");
  }
});

Deno.test("half an answer, and one that is not HTTP, are lost", async () => {
  for (const bytes of ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "ICY 200\r\n\r\n"]) {
    using host = rawHost(() => bytes);
    using http = anHttp(`http://127.0.0.1:${host.port}`);
    const answer = await http.send(post);
    assert.equal(answer.kind, "lost");
    assert.equal(host.came.length, 1);
  }
});

Deno.test("gzip is unpacked, and broken gzip is lost", async () => {
  const packed = new Response("word ".repeat(1000)).body?.pipeThrough(
    new CompressionStream("gzip"),
  );
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const zipped = { headers: { "Content-Encoding": "gzip" } };
  await using exchange = loopback(({ search }) =>
    new Response(search === "a=b" ? bytes : bytes.subarray(9), zipped)
  );
  using http = anHttp(exchange.url);
  const whole = await http.send(get);
  assert.deepEqual(whole, { kind: "answer", status: 200, text: "word ".repeat(1000) });
  assert.equal((await http.send(post)).kind, "lost");
});

Deno.test("an answer that does not come in time is lost, and so is one nobody waits for any more", async () => {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<Response>();
  await using exchange = loopback(() => {
    arrived.resolve();
    return release.promise;
  });
  using hasty = anHttp(exchange.url, { timeoutMs: 20 });
  assert.deepEqual(await hasty.send(post), { kind: "lost", reason: "no answer after 20 ms" });
  await arrived.promise;
  using patient = anHttp(exchange.url);
  const stop = new AbortController();
  const answer = patient.send(post, stop.signal);
  while (exchange.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort();
  assert.deepEqual(await answer, { kind: "lost", reason: "stopped before the answer came" });
  release.resolve(new Response());
});

Deno.test("a body that does not come in time is lost", async () => {
  using host = rawHost(() => "HTTP/1.1 200 OK\r\nx: keep-alive\r\ncontent-length: 9\r\n\r\nhalf");
  using http = anHttp(`http://127.0.0.1:${host.port}`, { timeoutMs: 30 });
  assert.deepEqual(await http.send(get), { kind: "lost", reason: "no answer after 30 ms" });
});

Deno.test("what never left is unsent: stopped before, closed, no host, no TLS, no permission", async () => {
  using host = rawHost(() => "HTTP/1.1 400 Bad Request\r\n\r\n");
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port: closedPort } = listener.addr;
  listener.close();
  const closed = anHttp(`http://127.0.0.1:${host.port}`);
  closed.close();
  closed.close();
  using open = anHttp(`http://127.0.0.1:${host.port}`);
  using nobody = anHttp(`http://127.0.0.1:${closedPort}`);
  using noTls = anHttp(`https://127.0.0.1:${host.port}`);
  using fenced = anHttp("https://127.0.0.1", {
    fetch: () => Promise.reject(new Deno.errors.NotCapable("net")),
  });
  const answers = await Promise.all([
    open.send(post, AbortSignal.abort()),
    closed.send(post),
    nobody.send(post),
    noTls.send(post),
    fenced.send(get),
  ]);
  const reasons = answers.map((answer) => answer.kind === "unsent" ? answer.reason : answer.kind);
  const expected = [
    /^stopped before it was sent$/,
    /^the connection was closed by us$/,
    /^cannot connect: .*refused/i,
    /^cannot connect: .*InvalidContentType/,
    /^the program may not connect to this host$/,
  ];
  for (const [i, pattern] of expected.entries()) assert.match(reasons[i] ?? "", pattern);
  assert.equal(host.came.some((request) => request.startsWith("POST")), false);
});

Deno.test("a redirect is not followed", async () => {
  await using elsewhere = loopback(() => new Response("stolen"));
  await using exchange = loopback(() =>
    new Response(null, { status: 307, headers: { Location: elsewhere.url } })
  );
  using http = anHttp(exchange.url);
  for (const outgoing of [get, post]) {
    const answer = await http.send(outgoing);
    assert.ok(answer.kind === "lost");
    assert.match(answer.reason, /redirect/);
  }
  assert.equal(elsewhere.asked.length, 0);
});

Deno.test("an error nobody foresaw is lost, and no reason shows an address", async () => {
  using http = anHttp("https://127.0.0.1", {
    fetch: () =>
      Promise.reject(
        new TypeError("fetch failed", {
          cause: new Error(
            "error sending request for url (https://x/?signature=1): client error (SendRequest): cut\n!",
          ),
        }),
      ),
  });
  assert.deepEqual(await http.send(get), { kind: "lost", reason: "no whole answer: cut?!" });
  using odd = anHttp("https://127.0.0.1", { fetch: () => Promise.reject("odd") });
  assert.deepEqual(await odd.send(get), { kind: "lost", reason: "no whole answer: odd" });
});

Deno.test("connections are kept, one for questions and one for commands", async () => {
  const ports = new Set<number>();
  const onListen = () => {};
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, async (request, from) => {
    ports.add(from.remoteAddr.port);
    return new Response(await request.text());
  });
  using http = anHttp(`http://127.0.0.1:${server.addr.port}`);
  for (const outgoing of [get, post, remove, get, post]) await http.send(outgoing);
  assert.equal(ports.size, 2);
  await server.shutdown();
});

Deno.test("an address is https, or this machine, and is named by its flag", () => {
  for (
    const url of [
      ...["https://api.backpack.exchange", "https://host:8443/base/", "http://127.0.0.1:1"],
      ...["http://localhost:8080", "http://[::1]:80"],
    ]
  ) anHttp(url).close();
  const rows = [
    ["http://api.backpack.exchange", "https, or http on this machine"],
    ["http://127.0.0.1.example.com", "https, or http on this machine"],
    ["ws://127.0.0.1", "https, or http on this machine"],
    ["file:///etc", "https, or http on this machine"],
    ["api.backpack.exchange", "an address like"],
    ["", "an address like"],
    ["https://me:canary@host", "no name and no password"],
    ["https://canary@host", "no name and no password"],
    ["https://host/?canary=1", "no query"],
    ["https://host/#canary", "no query"],
  ] as const;
  for (const [url, rule] of rows) {
    assert.throws(() => anHttp(url), (error: unknown) => {
      assert.ok(error instanceof RangeError);
      assert.ok(error.message.startsWith("Cannot reach the exchange as --api-url must "));
      assert.ok(error.message.includes(rule), error.message);
      assert.ok(!error.message.includes("canary"), error.message);
      return true;
    });
  }
});
