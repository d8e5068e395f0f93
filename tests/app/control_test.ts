// Who may speak to a bot, and what it answers. Everything that is not the owner of the token on this
// machine is turned away before a word of it is read.

import { deepEqual, equal } from "node:assert/strict";
import { request } from "node:http";
import { UserError } from "../../lib/app/errors.ts";
import { aBot, aFolder } from "./a_bot.ts";

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** One request as anybody on this machine could make it. */
function knock(port: number, { method = "GET", path = "/status", headers = {}, body = "" }: Asked) {
  return new Promise<{ status: number; headers: object; body: string }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers, agent: false as const };
    const outgoing = request(options, (incoming) => {
      let text = "";
      incoming.on("data", (piece) => text += piece);
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

Deno.test("nobody comes in without the token, by another host's name, or from a page", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path);
  const { port, token } = bot.address;
  const authorization = `Bearer ${token}`;
  const stop = { method: "POST", path: "/ask", body: '{"request":"stop"}' };
  const rows: readonly [string, Asked, number][] = [
    ["no token", stop, 401],
    ["another token", { ...stop, headers: { authorization: `Bearer ${token}x` } }, 401],
    ["a part of it", { ...stop, headers: { authorization: `Bearer ${token.slice(0, 8)}` } }, 401],
    ["a name that leads here", {
      ...stop,
      headers: { authorization, host: `evil.example:${port}` },
    }, 403],
    ["no port", { ...stop, headers: { authorization, host: "127.0.0.1" } }, 403],
    ["a page that asks first", {
      ...{ method: "OPTIONS", path: "/ask", headers: { origin: "http://evil.example" } },
    }, 401],
    ["another path", { headers: { authorization }, path: "/" }, 404],
    ["reading instead of asking", { headers: { authorization }, path: "/ask" }, 404],
  ];
  for (const [name, asked, status] of rows) {
    const answer = await knock(port, asked);
    equal(answer.status, status, name);
    equal("access-control-allow-origin" in answer.headers, false, name);
    equal(answer.body.includes(token), false, name);
  }
  deepEqual(bot.asked, []);
});

Deno.test("what is sent is bounded and read strictly", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path);
  const headers = { authorization: `Bearer ${bot.address.token}` };
  const post = async (path: string, body: string) =>
    (await knock(bot.address.port, { method: "POST", path, headers, body })).status;
  equal(await post("/ask", `{"request":"stop"${" ".repeat(5000)}}`), 413);
  for (const body of ["", "{", "[]", '{"request":"sell"}', '{"request":"stop","now":1}']) {
    equal(await post("/ask", body), 400, body);
  }
  equal(await post("/set", '{"key":"a","value":1}'), 400);
  deepEqual(bot.asked, []);
  equal(await post("/ask", '{"request":"pause"}'), 200);
  deepEqual(bot.asked, ["pause"]);
});

Deno.test("a change that is refused is one line, and what breaks inside tells nothing of itself", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path, {
    answers: {
      set() {
        throw new UserError("Cannot set levels as it needs a restart");
      },
      undo() {
        throw new TypeError("a secret of the inside");
      },
    },
  });
  const { port, token } = bot.address;
  const headers = { authorization: `Bearer ${token}` };
  const set = await knock(port, {
    ...{ method: "POST", path: "/set", headers, body: '{"key":"levels","value":"5"}' },
  });
  deepEqual([set.status, JSON.parse(set.body)], [
    409,
    { refusal: "Cannot set levels as it needs a restart" },
  ]);
  const undo = await knock(port, { method: "POST", path: "/undo", headers, body: "{}" });
  deepEqual([undo.status, undo.body], [500, '{"refusal":"the bot could not answer"}']);
});

Deno.test("health says how long the loop has taken nothing", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path);
  const headers = { authorization: `Bearer ${bot.address.token}` };
  const { body } = await knock(bot.address.port, { path: "/health", headers });
  deepEqual(JSON.parse(body), { loopAgeMs: 12 });
});

Deno.test("a door that cannot be announced is not left open", () => {
  using folder = aFolder();
  Deno.writeTextFileSync(`${folder.path}/running`, "a file where the folder should be");
  let failed = false;
  try {
    aBot(folder.path);
  } catch {
    failed = true;
  }
  equal(failed, true);
});
