// Attempts of a plugin to reach what it must not. Each is the body of a function that gives what it
// got, beginning with REACHED; it runs while the plugin is imported. CANARY is a secret in the
// environment, OUTSIDE a folder beside the plugin's, PORT a server on this machine and
// HOUSE the sources of the program.

/** One attempt. */
export interface Attempt {
  readonly name: string;
  /** A line of its own at the top of the plugin. */
  readonly top?: string;
  readonly body?: string;
  /** What `plan` does; default a plan of nothing. */
  readonly plan?: string;
  /** What shows, without the fence, that it worked. Default: REACHED in what it got. */
  readonly shows?: "used" | "strayed" | "grew" | "dead" | "silent" | "printed";
  /** In `used`, where the plan is what must not be taken. */
  readonly used?: RegExp;
  /** A compiled binary cannot do it at all: its modules are those it was made with. */
  readonly only?: "source";
  /** May end or exhaust the process: it has one of its own, unless the fence stands. */
  readonly alone?: true;
}

const environ = `(await import("file:///proc/self/environ", { with: { type: "text" } })).default`;
const environText = JSON.stringify(
  `export default (await import("file:///proc/self/environ", { with: { type: "text" } })).default`,
);

/** Secrets and files. */
const reading: readonly Attempt[] = [
  { name: "Deno.env", body: `return "REACHED " + Deno.env.get("BPX_API_SECRET")` },
  { name: "Deno.env as a whole", body: `return "REACHED " + Deno.env.toObject().BPX_API_SECRET` },
  { name: "process.env", body: `return "REACHED " + process.env.BPX_API_SECRET` },
  {
    name: "node:process",
    body: `return "REACHED " + (await import("node:process")).default.env.BPX_API_SECRET`,
  },
  {
    name: "loadEnvFile",
    body: `process.loadEnvFile(OUTSIDE + "/.env"); return "REACHED " + process.env.FROM_FILE`,
  },
  { name: "the environment as a module", body: `return "REACHED " + ${environ}` },
  {
    name: "the environment as a static import",
    top: `import environ from "file:///proc/self/environ" with { type: "text" };`,
    body: `return "REACHED " + environ`,
  },
  {
    name: "the environment through new Function",
    body: `return "REACHED " + (await new Function(
      "return import('file:///proc/self/environ', { with: { type: 'text' } })")()).default`,
  },
  {
    name: "the environment through eval",
    body: `return "REACHED " + (await (0, eval)(
      "import('file:///proc/self/environ', { with: { type: 'text' } })")).default`,
  },
  {
    name: "the environment through an async generator made of text",
    body: `const made = (async function* () {}).constructor(
      "yield (await import('file:///proc/self/environ', { with: { type: 'text' } })).default");
      return "REACHED " + (await made().next()).value`,
  },
  {
    name: "the environment through a data: module",
    body: `return "REACHED " + (await import("data:text/javascript," +
      encodeURIComponent(${environText}))).default`,
  },
  {
    name: "the environment through a blob: module",
    body: `return "REACHED " + (await import(URL.createObjectURL(new Blob([${environText}],
      { type: "text/javascript" })))).default`,
  },
  {
    name: "the environment through a link in its folder",
    body: `return "REACHED " + (await import("./environ.txt", { with: { type: "text" } })).default`,
  },
  {
    name: "the environment through a link, said by halves",
    body:
      `return "REACHED " + (await import("./env" + "iron.txt", { with: { type: "text" } })).default`,
  },
  { name: "a link to another folder", body: `return (await import("./li" + "nk.ts")).default` },
  {
    name: "a path out of its folder",
    body: `return (await import("../out" + "side/code.ts")).default`,
  },
  {
    name: "a file as text",
    body: `return "REACHED " + (await import("file://" + OUTSIDE + "/secret.txt",
      { with: { type: "text" } })).default`,
  },
  {
    name: "a file as JSON",
    body: `return "REACHED " + JSON.stringify((await import("file://" + OUTSIDE + "/secret.json",
      { with: { type: "json" } })).default)`,
  },
  {
    name: "its own source as text",
    body: `return "REACHED " + (await import("./" + "own.ts", { with: { type: "text" } })).default`,
  },
  {
    name: "its own file under another name",
    body: `return "REACHED " + (await import("./ow" + "n.ts?again")).default`,
  },
  {
    name: "a module of the house",
    body: `return "REACHED " + Object.keys(await import(HOUSE + "lib/app/keys.ts"))`,
  },
  { name: "Deno.readTextFile", body: `return Deno.readTextFileSync(OUTSIDE + "/secret.txt")` },
  {
    name: "node:fs",
    body: `return (await import("node:fs")).readFileSync(OUTSIDE + "/secret.txt", "utf8")`,
  },
  {
    name: "getBuiltinModule",
    body:
      `return process.getBuiltinModule("node:fs").readFileSync(OUTSIDE + "/secret.txt", "utf8")`,
  },
  {
    name: "createRequire",
    body: `return (await import("node:module")).createRequire(import.meta.url)("node:fs")
      .readFileSync(OUTSIDE + "/secret.txt", "utf8")`,
  },
  {
    name: "a hook of its own",
    body: `(await import("node:module")).registerHooks({ resolve: (s, c, next) => next(s, c) });
      return "REACHED"`,
  },
  {
    name: "sqlite",
    body: `const { DatabaseSync } = await import("node:sqlite");
      return "REACHED " + new DatabaseSync(":memory:").prepare("select 1 as one").get().one`,
  },
  {
    name: "sqlite on a file",
    body: `const { DatabaseSync } = await import("node:sqlite");
      new DatabaseSync(OUTSIDE + "/left.db").exec("create table t (x)"); return "REACHED"`,
  },
  {
    name: "node:vm",
    body: `return "REACHED " + (await import("node:vm")).runInNewContext("1 + 1")`,
  },
  { name: "a package of the house", body: `return "REACHED " + typeof (await import("zod"))` },
  {
    name: "a package by its registry",
    body: `return "REACHED " + typeof (await import("npm:zod@4.6.7"))`,
  },
  { name: "cache storage", body: `await caches.open("x"); return "REACHED"` },
];

/** Parts of Node in the head of a module, which no hook is asked about once they are loaded. */
const heading: readonly Attempt[] = [
  ["a head", `import process from "node:process";`],
  ["a head with a comment", `import process from /* " */ "node:process";`],
  ["a head in other letters", `import process from "node:\\x70rocess";`],
  ["a head over two lines", `import process from "node:\\\nprocess";`],
  ["a head without its prefix", `import process from "process";`],
  ["a head of a second file", `import { process } from "./head.ts";`],
].map(([name = "", head = ""]) => ({
  name: `node:process in ${name}`,
  top: head,
  body: `return "REACHED " + process.env.BPX_API_SECRET`,
}));

const headings: readonly Attempt[] = [
  ...heading,
  {
    name: "node:module in a head",
    top: `import { createRequire } from "node:module";`,
    body:
      `return createRequire(import.meta.url)("node:fs").readFileSync(OUTSIDE + "/secret.txt", "utf8")`,
  },
  {
    name: "node:timers in a head",
    top: `import { setTimeout as wait } from "node:timers";`,
    body: `await new Promise((done) => wait(done, 1)); return "REACHED"`,
  },
  {
    name: "node:fs in a head",
    top: `import { readFileSync } from "node:fs";`,
    body: `return readFileSync(OUTSIDE + "/secret.txt", "utf8")`,
  },
  {
    name: "node:console in a head",
    top: `import { log } from "node:console";`,
    body: `log("RAW LINE"); return "REACHED"`,
  },
];

/** The machine, other processes and other threads. */
const acting: readonly Attempt[] = [
  {
    name: "writing a file",
    body: `Deno.writeTextFileSync(OUTSIDE + "/left.txt", ""); return "REACHED"`,
  },
  { name: "a program", body: `return "REACHED " + new Deno.Command("true").outputSync().code` },
  {
    name: "node:child_process",
    body: `return "REACHED " + (await import("node:child_process")).execSync("echo 1")`,
  },
  {
    name: "a library",
    body: `Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } });
      return "REACHED"`,
  },
  { name: "the host's name", body: `return "REACHED " + Deno.hostname()` },
  { name: "the arguments", body: `return "REACHED " + Deno.args.length` },
  { name: "the program's path", body: `return "REACHED " + Deno.execPath()` },
  { name: "the inner side of Deno", body: `return "REACHED " + typeof Deno[Deno.internal].core` },
  {
    name: "asking for a permission",
    body: `return "REACHED " + Deno.permissions.requestSync({ name: "net" }).state`,
  },
  {
    name: "a signal listener",
    body: `Deno.addSignalListener("SIGTERM", () => {}); return "REACHED"`,
  },
  { name: "process.on", body: `process.on("SIGTERM", () => {}); return "REACHED"` },
  {
    name: "another Worker",
    body: `new Worker("data:text/javascript,", { type: "module" }); return "REACHED"`,
  },
  {
    name: "another Worker with more rights",
    body:
      `new Worker("data:text/javascript,", { type: "module", deno: { permissions: { net: true } } });
      return "REACHED"`,
  },
  {
    name: "node:worker_threads",
    body: `new (await import("node:worker_threads")).Worker("", { eval: true });
      return "REACHED"`,
  },
  {
    name: "a broadcast",
    body: `new BroadcastChannel("canary").postMessage("hello"); return "broadcast"`,
    shows: "strayed",
  },
  {
    name: "a forged answer",
    body: `postMessage('{"id":1,"value":{}}'); return "forged"`,
    shows: "strayed",
  },
  {
    name: "a forged answer by way of self",
    body: `self.postMessage('{"id":1,"value":{}}'); return "forged"`,
    shows: "strayed",
  },
  {
    name: "listening to what it is asked",
    body: `addEventListener("message", () => {}); return "REACHED"`,
  },
  {
    name: "listening by way of the prototype",
    body: `Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(globalThis)))
      .addEventListener.call(globalThis, "message", () => {}); return "REACHED"`,
  },
  {
    name: "listening by way of Deno's own list",
    body: `for (const key of Object.getOwnPropertySymbols(globalThis)) {
        const listeners = globalThis[key]?.listeners;
        if (listeners) { listeners.message = [{ callback() {} }]; if (listeners.message) return "REACHED"; }
      }
      return "none"`,
  },
  {
    name: "onmessage",
    body: `const mine = () => {}; globalThis.onmessage = mine;
      return globalThis.onmessage === mine ? "REACHED" : "none"`,
  },
  { name: "a message channel", body: `new MessageChannel(); return "REACHED"` },
  {
    name: "the global scope's constructor",
    body: `return "REACHED " + DedicatedWorkerGlobalScope.name`,
  },
  {
    name: "the terminal",
    body: `console.log("RAW \\x1b[2J LINE"); return "printed"`,
    shows: "printed",
  },
  { name: "stdout", body: `Deno.stdout.writeSync(new Uint8Array(0)); return "REACHED"` },
  { name: "the shape of the machine", body: `return "REACHED " + navigator.hardwareConcurrency` },
  { name: "shared memory", body: `new SharedArrayBuffer(8); return "REACHED"` },
  { name: "WebAssembly", body: `new WebAssembly.Memory({ initial: 1 }); return "REACHED"` },
  { name: "watching the garbage", body: `new FinalizationRegistry(() => {}); return "REACHED"` },
  { name: "weak references", body: `new WeakRef({}); return "REACHED"` },
  { name: "close", body: `close(); return "REACHED"`, shows: "silent" },
  { name: "Deno.exit", body: `Deno.exit(); return "REACHED"`, shows: "silent" },
  { name: "process.exit", body: `process.exit(); return "REACHED"`, shows: "silent" },
  {
    name: "killing the process",
    body: `Deno.kill(Deno.pid, "SIGKILL"); return "REACHED"`,
    shows: "dead",
    alone: true,
  },
  {
    name: "process.kill",
    body: `process.kill(process.pid, "SIGKILL"); return "REACHED"`,
    shows: "dead",
    alone: true,
  },
];

/** The network. */
const calling: readonly Attempt[] = [
  {
    name: "fetch",
    body: `return "REACHED " + (await (await fetch("http://127.0.0.1:" + PORT)).text())`,
  },
  { name: "Deno.connect", body: `(await Deno.connect({ port: PORT })).close(); return "REACHED"` },
  { name: "Deno.listen", body: `Deno.listen({ port: 0 }).close(); return "REACHED"` },
  {
    name: "Deno.resolveDns",
    body: `await Deno.resolveDns("localhost", "A").catch((e) => {
      if (String(e).includes("NotCapable")) throw e; }); return "REACHED"`,
  },
  { name: "WebSocket", body: `new WebSocket("ws://127.0.0.1:" + PORT); return "REACHED"` },
  {
    name: "EventSource",
    body: `new EventSource("http://127.0.0.1:" + PORT).close(); return "REACHED"`,
  },
  {
    name: "node:http",
    body: `const { get } = await import("node:http");
      return "REACHED " + await new Promise((done, failed) =>
        get("http://127.0.0.1:" + PORT, (got) => done(got.statusCode)).on("error", failed))`,
  },
  {
    name: "node:net",
    body: `const { connect } = await import("node:net");
      return "REACHED " + await new Promise((done, failed) =>
        connect(PORT, "127.0.0.1", () => done("")).on("error", failed))`,
  },
  {
    name: "node:dgram",
    body: `(await import("node:dgram")).createSocket("udp4").close(); return "REACHED"`,
  },
  {
    name: "a module from the network",
    only: "source",
    body: `return "REACHED " + (await import("http://127.0.0.1:" + PORT + "/code.js")).default`,
  },
];

/** Clocks and dice. */
const telling: readonly Attempt[] = [
  { name: "Date.now", body: `return "REACHED " + Date.now()` },
  { name: "new Date", body: `return "REACHED " + new Date().getTime()` },
  { name: "Date called", body: `return "REACHED " + Date()` },
  { name: "the Date of a date", body: `return "REACHED " + new Date(0).constructor.now()` },
  {
    name: "the Date of a copied date",
    body: `return "REACHED " + structuredClone(new Date(0)).constructor.now()`,
  },
  { name: "a class of dates", body: `return "REACHED " + new (class extends Date {})().getTime()` },
  {
    name: "Reflect.construct of Date",
    body: `return "REACHED " + Reflect.construct(Date, []).getTime()`,
  },
  { name: "performance.now", body: `return "REACHED " + performance.now()` },
  { name: "performance.timeOrigin", body: `return "REACHED " + performance.timeOrigin.toFixed()` },
  {
    name: "Intl",
    body: `return "REACHED " + new Intl.DateTimeFormat("en", { timeStyle: "full" }).format()`,
  },
  { name: "Temporal", body: `return "REACHED " + String(Temporal.Now.instant())` },
  { name: "the time of an event", body: `return "REACHED " + new Event("x").timeStamp.toFixed()` },
  { name: "the time of a file", body: `return "REACHED " + new File([], "x").lastModified` },
  {
    name: "setTimeout",
    body: `await new Promise((done) => setTimeout(done, 1)); return "REACHED"`,
  },
  { name: "setInterval", body: `clearInterval(setInterval(() => {}, 1)); return "REACHED"` },
  {
    name: "setImmediate",
    body: `await new Promise((done) => setImmediate(done)); return "REACHED"`,
  },
  {
    name: "node:timers",
    body: `await (await import("node:timers/promises")).setTimeout(1); return "REACHED"`,
  },
  { name: "AbortSignal.timeout", body: `AbortSignal.timeout(1); return "REACHED"` },
  {
    name: "Atomics.wait",
    body: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); return "REACHED"`,
  },
  { name: "a microtask", body: `queueMicrotask(() => {}); return "REACHED"` },
  { name: "Math.random", body: `return "REACHED " + Math.random()` },
  { name: "crypto", body: `return "REACHED " + crypto.randomUUID()` },
];

/** Bending what the host uses after the plugin was imported. */
const poisons: readonly (readonly [string, string])[] = [
  ["JSON.stringify", "JSON.stringify"],
  ["JSON.parse", "JSON.parse"],
  ["JSON itself", "globalThis.JSON"],
  ["Map.prototype.get", "Map.prototype.get"],
  ["Set.prototype.has", "Set.prototype.has"],
  ["Array.prototype.push", "Array.prototype.push"],
  ["Array.isArray", "Array.isArray"],
  ["the iterator of lists", "Object.getPrototypeOf([][Symbol.iterator]()).next"],
  ["the iterator of maps", "Object.getPrototypeOf(new Map().entries()).next"],
  ["Promise.prototype.then", "Promise.prototype.then"],
  ["Function.prototype.call", "Function.prototype.call"],
  ["Function.prototype.apply", "Function.prototype.apply"],
  ["Object.keys", "Object.keys"],
  ["Object.prototype.toJSON", "Object.prototype.toJSON"],
  ["Object.prototype.then", "Object.prototype.then"],
  ["Object.prototype.fault", "Object.prototype.fault"],
  ["Reflect.ownKeys", "Reflect.ownKeys"],
  ["Number.isFinite", "Number.isFinite"],
  ["String.prototype.slice", "String.prototype.slice"],
  ["RegExp.prototype.exec", "RegExp.prototype.exec"],
  ["URL.parse", "URL.parse"],
  ["URL itself", "globalThis.URL"],
  ["Error.prepareStackTrace", "Error.prepareStackTrace"],
  ["typed arrays", "Object.getPrototypeOf(Uint8Array.prototype).set"],
];

const poisoning: readonly Attempt[] = [
  ...poisons.map(([name, place]) => ({
    name: `poison in ${name}`,
    body: `const before = ${place}; const mine = () => "poison";
      try { ${place} = mine; return ${place} === mine ? "REACHED" : "none"; }
      finally { try { ${place} = before; } catch {} if (before === undefined) { try { delete ${place}; } catch {} } }`,
  })),
  {
    name: "defining what was taken away",
    body: `Object.defineProperty(globalThis, "fetch", { value: 1 });
      return "REACHED"`,
  },
  {
    name: "getting what was taken away by deleting it",
    body: `delete globalThis.Deno;
      return delete globalThis.fetch ? "REACHED" : "none"`,
  },
];

/** Answers that nobody may use, and none at all. */
const answering: readonly Attempt[] = [
  planOf("a price that is no number", `[order({ price: NaN })]`, /price: NaN/),
  planOf("a fraction of a tick", `[order({ price: 100.5 })]`, /price: 100\.5/),
  planOf("a price of text", `[order({ price: "100" })]`, /price: "100"/),
  planOf("a price beyond all numbers", `[order({ price: Infinity })]`, /price: Infinity/),
  planOf("a price below zero", `[order({ price: -1 })]`, /price: -1/),
  planOf("a quantity of nothing", `[order({ quantity: 0 })]`, /quantity: 0/),
  planOf(
    "a quantity too large to count",
    `[order({ quantity: 2 ** 60 })]`,
    /quantity: 1152921504606/,
  ),
  planOf("a big integer", `[order({ quantity: 1n })]`, /quantity: 1n/),
  planOf("a side there is not", `[order({ side: "both" })]`, /side: "both"/),
  planOf("a role there is not", `[order({ role: "post" })]`, /role: "post"/),
  planOf("a million orders", `new Array(1e6).fill(order({}))`, /999997 more/),
  planOf("a list with holes", `new Array(5e5)`, /500000|empty item/),
  planOf("orders that are no list", `{ length: 1, 0: order({}) }`, /"0": \{/),
  planOf(
    "an order that is a getter",
    `[{ get side() { return "bid" }, price: 1, quantity: 1, role: "maker" }]`,
    /side: "bid"/,
  ),
  planOf("an order that is a map", `[new Map([["side", "bid"]])]`, /Map\(1\)/),
  planOf("a tag of a megabyte", `[order({ tag: "x".repeat(2e6) })]`, /x{100}/),
  planOf("a date", `[order({ price: new Date(1) })]`, /1970/),
  {
    name: "a plan inside itself",
    plan: `const plan = { orders: [] }; plan.orders.push(plan); return plan`,
    used: /Circular/,
    shows: "used",
  },
  {
    name: "a plan that is a promise of itself",
    plan: `return { then: 1, orders: "none" }`,
    used: /then: 1/,
    shows: "used",
  },
  { name: "no plan", plan: `return undefined`, used: /plan: undefined/, shows: "used" },
  {
    name: "a memory of megabytes",
    plan: `memory.text = "x".repeat(2e6); return { orders: [] }`,
    used: /x{100}/,
    shows: "used",
  },
  {
    name: "a memory inside itself",
    plan: `memory.self = memory; return { orders: [] }`,
    used: /self: \[Circular/,
    shows: "used",
  },
  {
    name: "a memory of what is no number",
    plan: `memory.x = NaN; return { orders: [] }`,
    used: /x: NaN/,
    shows: "used",
  },
  {
    name: "a memory that cannot be written down",
    plan: `memory.x = new Map(); return { orders: [] }`,
    used: /x: Map/,
    shows: "used",
  },
  {
    name: "a plan that throws",
    plan: `throw new Error("no plan today")`,
    shows: "dead",
    alone: true,
  },
  {
    name: "a rejection nobody catches",
    plan: `Promise.reject(new Error("lost")); return { orders: [] }`,
    shows: "dead",
    alone: true,
  },
  { name: "a plan that never ends", plan: `for (;;);`, shows: "silent", alone: true },
  { name: "an import that never ends", body: `for (;;);`, shows: "silent", alone: true },
  {
    name: "an import that waits for ever",
    body: `await new Promise(() => {}); return "REACHED"`,
    shows: "silent",
  },
  {
    name: "a flood of messages",
    body: `for (let i = 0; i < 2e4; i++) postMessage(i); return "flooded"`,
    shows: "strayed",
  },
  {
    name: "memory without end",
    body: `const all = []; for (;;) all.push(new Array(1e6).fill(1.5)); `,
    shows: "grew",
    alone: true,
  },
  {
    name: "buffers without end",
    body: `const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1)); `,
    shows: "grew",
    alone: true,
  },
];

/** All of them. */
export const attempts: readonly Attempt[] = [
  ...reading,
  ...headings,
  ...acting,
  ...calling,
  ...telling,
  ...poisoning,
  ...answering,
];

function planOf(name: string, orders: string, used: RegExp): Attempt {
  const order =
    `const order = (given) => ({ side: "bid", price: 100, quantity: 1, role: "maker", ...given });`;
  return { name, plan: `${order} return { orders: ${orders} }`, used, shows: "used" };
}

/** The plugin that makes the attempt. */
export function pluginOf({ top = "", body, plan }: Attempt, known: object): string {
  return [
    top,
    ...Object.entries(known).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`),
    `let got = "nothing";`,
    `try { got = String(await (async () => { ${body ?? ""} })()); }`,
    `catch (error) { got = "refused: " + error; }`,
    `export default {`,
    `  api: 1, name: "attempt", summary: got.slice(0, 400), params: {},`,
    `  start: () => ({}),`,
    `  plan(memory) { ${plan ?? "return { orders: [] }"} },`,
    `};`,
    "",
  ].join("\n");
}
