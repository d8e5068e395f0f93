import { deepEqual, throws } from "node:assert/strict";
import { grant, missing, readCapabilities } from "../../lib/app/capabilities.ts";

const asked = readCapabilities({
  net: ["api.example.com:443", "api.backpack.exchange:443", "127.0.0.1:8099"],
  env: ["MY_MODEL_URL", "BPX_API_SECRET", "bpx_api_key"],
});
const surroundings = {
  exchange: ["https://api.backpack.exchange", "ws://127.0.0.1:8099"],
  env: (name: string) => name === "MY_MODEL_URL" || name.startsWith("BPX") ? "value" : undefined,
};

const refused = [
  ["env=OTHER", /must be asked for by the plugin: current value is env=OTHER/],
  ["env=BPX_API_SECRET", /must not be a name that begins with BPX_/],
  ["env=bpx_api_key", /must not be a name that begins with BPX_/],
  ["env=BPX_API_KEY", /must not be a name that begins with BPX_/],
  ["net=api.backpack.exchange:443", /must not be a host of the exchange/],
  ["net=API.Backpack.Exchange.:443", /must not be a host of the exchange/],
  ["net=ws.backpack.exchange:443", /must not be a host of the exchange/],
  ["net=127.0.0.1:8099", /must not be a host of the exchange/],
  ["net=127.1:8099", /must not be a host of the exchange/],
  ["net=api.example.com:443", /answers from the network are not delivered yet/],
  ["net=other.example.com:443", /must be asked for by the plugin/],
  ["MY_MODEL_URL", /must be like env=NAME or net=HOST:PORT/],
  ["env=", /must be like/],
] as const;

Deno.test("nothing is granted that the operator does not repeat, or the plugin does not ask", () => {
  deepEqual(grant(asked, [], surroundings), {});
  deepEqual(grant(asked, ["env=MY_MODEL_URL"], surroundings), { MY_MODEL_URL: "value" });
  for (const [text, fault] of refused) throws(() => grant(asked, [text], surroundings), fault);
});

Deno.test("a variable that is not there is not granted as nothing", () => {
  const none = { ...surroundings, env: () => undefined };
  throws(() => grant(asked, ["env=MY_MODEL_URL"], none), /must be set, and among the names/);
});

Deno.test("what was asked and not granted is told as --allow would say it", () => {
  const { env } = asked;
  const few = { net: ["api.example.com:443"], env };
  deepEqual(missing(few, { MY_MODEL_URL: "value" }), [
    "env=BPX_API_SECRET",
    "env=bpx_api_key",
    "net=api.example.com:443",
  ]);
});

Deno.test("what a plugin exports as capabilities is a list of names", () => {
  deepEqual(readCapabilities(undefined), { net: [], env: [] });
  deepEqual(readCapabilities({ env: ["A"] }), { net: [], env: ["A"] });
  const rows = [
    [{ read: ["/"] }, /capabilities must be net and env/],
    [{ env: "A" }, /capabilities\.env must be a list/],
    [{ env: [1] }, /env\[0\] must be a text/],
    [{ env: ["A B"] }, /capabilities\.env must be a name/],
    [{ env: new Array(21).fill("A") }, /must be at most 20/],
    [{ net: ["example.com"] }, /must be like api\.example\.com:443/],
    [{ net: ["user@example.com:443"] }, /must be like/],
    [{ net: ["example.com:443/x"] }, /must be like/],
  ] as const;
  for (const [value, fault] of rows) throws(() => readCapabilities(value), fault);
});
