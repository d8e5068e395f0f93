import assert from "node:assert/strict";
import { exchangeUrls, isLoopback } from "../../lib/app/urls.ts";
import { aShell } from "../support/shell.ts";

Deno.test("a flag wins over the environment, and Backpack stands behind both", () => {
  const shell = aShell({
    env: { BPX_API_URL: "https://a.example/", BPX_WS_URL: "wss://b.example" },
  });
  assert.deepEqual(exchangeUrls({}, aShell()), {
    api: "https://api.backpack.exchange",
    ws: "wss://ws.backpack.exchange",
  });
  assert.deepEqual(exchangeUrls({}, shell), { api: "https://a.example", ws: "wss://b.example" });
  const flags = { apiUrl: "http://127.0.0.1:8080", wsUrl: "ws://localhost:8080/" };
  const urls = exchangeUrls(flags, shell);
  assert.deepEqual(urls, { api: "http://127.0.0.1:8080", ws: "ws://localhost:8080" });
  assert(isLoopback(urls));
  assert(!isLoopback({ ...urls, api: "https://a.example" }));
});

const bad: readonly (readonly [string, RegExp])[] = [
  ["nonsense", /--api-url must be an address like https:\/\/host: current value is not an address/],
  ["http://api.backpack.exchange", /must begin with https:\/\/ off this machine/],
  ["ftp://x.example", /must begin with https:\/\//],
  ["https://me:canary@x.example", /must hold no name and no password: .* https:\/\/x\.example$/],
];

for (const [apiUrl, complaint] of bad) {
  Deno.test(`${apiUrl.replace("canary", "…")} is no address of an exchange`, () => {
    assert.throws(() => exchangeUrls({ apiUrl }, aShell()), (error: Error) => {
      assert.match(error.message, complaint);
      assert(!error.message.includes("canary"));
      return true;
    });
  });
}
