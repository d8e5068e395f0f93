import assert from "node:assert/strict";
import { KeptConnections } from "../../lib/backpack/kept_connections.ts";

const request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

function kept(port: number, idleMs = 60_000): KeptConnections & Disposable {
  const url = new URL(`http://127.0.0.1:${port}`);
  const connections = new KeptConnections({ url, timeoutMs: 2_000, idleMs, most: 4 });
  return Object.assign(connections, { [Symbol.dispose]: () => connections.close() });
}

/** A server that counts its connections and answers each request with their number. */
function counting() {
  const ports = new Set<number>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (asked, { remoteAddr }) => {
      ports.add(remoteAddr.port);
      await asked.text();
      return new Response(String(ports.size));
    },
  );
  return { server, ports };
}

Deno.test("one command after the other leaves on one connection, four at once on four", async () => {
  const { server, ports } = counting();
  using connections = kept(server.addr.port);
  for (let i = 0; i < 3; i++) await connections.send(request);
  assert.equal(ports.size, 1);
  await Promise.all([1, 2, 3, 4].map(() => connections.send(request)));
  assert.equal(ports.size, 4);
  connections.close();
  await server.shutdown();
});

Deno.test("a command never waits for a handshake on a warm way", async () => {
  const { server, ports } = counting();
  using connections = kept(server.addr.port);
  await connections.warm(3);
  await Promise.all([1, 2, 3].map(() => connections.send(request)));
  assert.equal(ports.size, 3);
  connections.close();
  await server.shutdown();
});

Deno.test("a connection that the server closed is not used again, nor one that idled for long", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  let accepted = 0;
  const closed = Promise.withResolvers<void>();
  const serving = (async () => {
    for await (const conn of listener) {
      accepted++;
      await conn.read(new Uint8Array(1024));
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      await conn.write(new TextEncoder().encode(answer));
      conn.close();
      if (accepted === 1) closed.resolve();
    }
  })();
  using connections = kept(listener.addr.port);
  assert.equal((await connections.send(request)).kind, "answer");
  await closed.promise;
  // Its end is read before the next command asks for a connection.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await connections.send(request)).kind, "answer");
  assert.equal(accepted, 2);
  listener.close();
  await serving;
  const { server, ports } = counting();
  using forgetful = kept(server.addr.port, 0);
  for (let i = 0; i < 3; i++) await forgetful.send(request);
  assert.equal(ports.size, 3);
  forgetful.close();
  await server.shutdown();
});
