// How many socket frames a second the front door reads, beside what JSON.parse alone costs: the
// difference is ours. Run: deno run tests/bench/wire_bench.ts

import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { aMarketOf } from "../support/known_market.ts";

const markets = new Map(["SOL_USDC", "ETH_USDC_PERP"].map((name) => [name, aMarketOf(name)]));

const frames = [
  [
    "bookTicker",
    '{"data":{"A":"22.39","B":"288.77","E":1788367430247487,"T":1788367430246081,"a":"98.97","b":"98.96","e":"bookTicker","s":"SOL_USDC","u":4330360995},"stream":"bookTicker.SOL_USDC"}',
  ],
  [
    "depth, 1 level",
    '{"data":{"E":1788367430247494,"T":1788367430246081,"U":4330360995,"a":[["98.97","22.39"]],"b":[],"e":"depth","s":"SOL_USDC","u":4330360995},"stream":"depth.SOL_USDC"}',
  ],
  [
    "depth, 6 levels",
    '{"data":{"E":1790134357903774,"T":1790134357900446,"U":7501116422,"a":[["2766.95","6.9498"],["2766.98","22.8939"],["2766.99","0.2710"]],"b":[["2754.43","45.0537"],["2755.33","0.0000"],["2763.10","0.1579"]],"e":"depth","s":"ETH_USDC_PERP","u":7501116464},"stream":"depth.200ms.ETH_USDC_PERP"}',
  ],
  [
    "orderUpdate, fill",
    '{"data":{"E":1754939110175879,"L":"99.16","N":"SOL","O":"USER","S":"Bid","T":1754939110174705,"V":"RejectTaker","X":"Filled","Z":"99.16","c":3,"e":"orderFill","f":"IOC","i":"5406825793","l":"1.00","m":false,"n":"0.001","o":"LIMIT","p":"99.20","q":"1.00","r":false,"s":"SOL_USDC","t":2888471,"y":false,"z":"1.00"},"stream":"account.orderUpdate.SOL_USDC"}',
  ],
] as const;

const ROUNDS = 200_000;

for (const [name, text] of frames) {
  const frame = parseFrame(text, markets);
  if (frame === undefined || frame instanceof WireFault) throw new Error(`${name}: ${frame}`);
  const whole = nanoseconds(() => parseFrame(text, markets));
  const json = nanoseconds(() => JSON.parse(text));
  const rate = Math.round(1e9 / whole).toLocaleString("en");
  console.log(
    `${name.padEnd(18)} ${rate.padStart(10)} frames/s   ${whole.toFixed(0).padStart(5)} ns, ` +
      `${(whole - json).toFixed(0)} ns of it over JSON.parse`,
  );
}

/** The best of three rounds: what else the machine does only ever adds. */
function nanoseconds(work: () => unknown): number {
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    for (let i = 0; i < ROUNDS; i++) work();
    best = Math.min(best, ((performance.now() - start) * 1e6) / ROUNDS);
  }
  return best;
}
