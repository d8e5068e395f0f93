// One connection against a real server on loopback: each way it can end is told once and in one line,
// and nothing is told after that. Deno's own check for what a test leaves behind is part of it.

import { deepEqual, equal, match } from "node:assert/strict";
import { createHash } from "node:crypto";
import { Socket, type SocketTerms } from "../../lib/backpack/socket.ts";

// Deno 2.9 looks for what a test leaves behind only when asked.
const watched = { sanitizeOps: true, sanitizeResources: true };
const quiet = { hostname: "127.0.0.1", port: 0, onListen() {} };

Deno.test(
  "frames come as they were sent, and a Close frame is told with its reason",
  watched,
  async () => {
    await using door = Deno.serve(quiet, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => {
        socket.send("one");
        socket.send(new Uint8Array(3));
        socket.close(1001, "going\naway");
      };
      return response;
    });
    const told = await attempt(`ws://127.0.0.1:${door.addr.port}`);
    deepEqual(told, ["open", "one", "[object Blob]", "lost: closed with code 1001 going?away"]);
  },
);

Deno.test("a cut without a Close frame is told once", watched, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const cut = (async () => {
    using wire = await listener.accept();
    await shakeHands(wire);
  })();
  const told = await attempt(`ws://127.0.0.1:${listener.addr.port}`);
  await cut;
  equal(told.length, 2);
  match(told[1] ?? "", /^lost: ./);
});

Deno.test("what does not open is told once, with the reason", watched, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const refused = await attempt(`ws://127.0.0.1:${port}`);
  equal(refused.length, 1);
  match(refused[0] ?? "", /^lost: .*connect/);

  await using page = Deno.serve(quiet, () => new Response("<html>", { status: 503 }));
  const proxy = await attempt(`ws://127.0.0.1:${page.addr.port}`);
  equal(proxy.length, 1);
  match(proxy[0] ?? "", /^lost: .*503/);
  const plain = await attempt(`wss://127.0.0.1:${page.addr.port}`);
  equal(plain.length, 1, "no TLS there");
});

Deno.test("a handshake that hangs is given up, and an open socket is not", watched, async () => {
  const released = Promise.withResolvers<Response>();
  await using door = Deno.serve(quiet, (request) => {
    if (request.url.endsWith("hangs")) return released.promise;
    return Deno.upgradeWebSocket(request).response;
  });
  const url = `ws://127.0.0.1:${door.addr.port}`;
  const told: string[] = [];
  const opened = Promise.withResolvers<void>();
  const socket = aSocket(url, told, { connectLimitMs: 30, onOpen: opened.resolve });
  await opened.promise;
  deepEqual(await attempt(`${url}/hangs`, 30), ["lost: not open after 30 ms"]);
  deepEqual(told, ["open"]);
  socket.close();
  released.resolve(new Response());
});

Deno.test("after close nothing is told, whatever still comes", watched, async () => {
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await using door = Deno.serve(quiet, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    // Sent before the client's Close frame is answered, so that it comes while the client is closing.
    socket.onmessage = () => {
      for (let i = 0; i < 3; i++) socket.send("late");
    };
    socket.onclose = () => ended.resolve();
    return response;
  });
  const told: string[] = [];
  const url = `ws://127.0.0.1:${door.addr.port}`;
  const socket = aSocket(url, told, { onOpen: opened.resolve });
  await opened.promise;
  socket.send("closing now");
  socket.close();
  socket.close();
  await ended.promise;
  await turn();
  deepEqual(told, ["open"]);
});

Deno.test("closed before it opens, nothing is told and nothing is left", watched, async () => {
  const released = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  await using door = Deno.serve(quiet, () => {
    asked.resolve();
    return released.promise;
  });
  const told: string[] = [];
  const socket = aSocket(`ws://127.0.0.1:${door.addr.port}`, told);
  await asked.promise;
  socket.close();
  released.resolve(new Response());
  await turn();
  deepEqual(told, []);
});

/** A socket that writes down what it tells. */
function aSocket(url: string, told: string[], terms: Partial<SocketTerms> = {}): Socket {
  return new Socket({
    url,
    connectLimitMs: terms.connectLimitMs ?? 5_000,
    onOpen() {
      told.push("open");
      terms.onOpen?.();
    },
    onFrame: (frame) => void told.push(String(frame)),
    onLost(reason) {
      told.push(`lost: ${reason}`);
      terms.onLost?.(reason);
    },
  });
}

/** All that is told by a socket that is lost. */
async function attempt(url: string, connectLimitMs = 5_000): Promise<string[]> {
  const told: string[] = [];
  const lost = Promise.withResolvers<unknown>();
  aSocket(url, told, { connectLimitMs, onLost: lost.resolve });
  await lost.promise;
  // An error is followed by a close at once: whatever is told twice is told by now.
  await turn();
  return told;
}

/** Lets everything that has already happened be told. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve));
}

/** The server's half of a handshake (RFC 6455), for a server that then does nothing right. */
async function shakeHands(wire: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(4_096);
  const length = await wire.read(bytes) ?? 0;
  const request = new TextDecoder().decode(bytes.subarray(0, length));
  const [, key = ""] = /sec-websocket-key: (\S+)/i.exec(request) ?? [];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const reply = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
  ];
  await wire.write(new TextEncoder().encode(`${reply.join("\r\n")}\r\n\r\n`));
}
