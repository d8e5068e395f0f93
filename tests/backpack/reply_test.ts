// Which side of the line an answer falls: nothing happened, or it may have.

import assert from "node:assert/strict";
import { type Answer, mayHaveHappened, type Reply, replyOf } from "../../lib/backpack/reply.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";

const page = "<!DOCTYPE html>\n<html><head><title>Attention required</title></head></html>";

/** Reads "fine" and nothing else. */
function read(text: string): string {
  if (text === "fine") return text;
  throw new WireFault({ place: "here", field: "body", rule: "must be fine", value: text });
}

function kinds(answer: Answer): string {
  const kindOf = (asks: "query" | "command") => replyOf(answer, { asks, read }).kind;
  return `${kindOf("query")} ${kindOf("command")}`;
}

function body(code: string, message = "Text"): string {
  return JSON.stringify({ code, message });
}

Deno.test("every documented answer falls on the right side, for a query and for a command", () => {
  const rows: readonly (readonly [number, string, string])[] = [
    [200, "fine", "ok ok"],
    [200, page, "failed unknown"],
    [200, "", "failed unknown"],
    [200, "null", "failed unknown"],
    [202, "", "failed unknown"],
    [204, "", "failed unknown"],
    [302, "", "failed unknown"],
    [400, body("INVALID_CLIENT_REQUEST", "Invalid market symbol"), "refused refused"],
    [400, body("INVALID_CLIENT_REQUEST", "Invalid signature"), "refused refused"],
    [400, body("INVALID_CLIENT_REQUEST", "Request has expired"), "refused refused"],
    [400, body("INVALID_PRICE"), "refused refused"],
    [400, body("INVALID_ORDER", "Order would immediately match and take"), "refused refused"],
    [400, body("INSUFFICIENT_FUNDS"), "refused refused"],
    [400, body("ORDER_LIMIT"), "refused refused"],
    [400, "failed to parse parameter `limit`: no", "refused refused"],
    [400, "", "refused refused"],
    [401, body("UNAUTHORIZED"), "refused refused"],
    [401, "", "refused refused"],
    [403, body("FORBIDDEN"), "refused refused"],
    [403, page, "failed unknown"],
    [404, body("RESOURCE_NOT_FOUND", "Not Found"), "refused refused"],
    [404, "not found", "refused refused"],
    [404, ` ${page}`, "failed unknown"],
    [408, "", "unknown unknown"],
    [400, body("TIMEOUT"), "unknown unknown"],
    [400, body("SERVER_ERROR"), "unknown unknown"],
    [400, body("TOO_MANY_REQUESTS"), "limited limited"],
    [409, body("PRECONDITION_FAILED"), "refused refused"],
    [425, body("TOO_EARLY"), "refused refused"],
    [429, body("TOO_MANY_REQUESTS"), "limited limited"],
    [429, page, "limited limited"],
    [429, "", "limited limited"],
    [500, body("SERVER_ERROR"), "unknown unknown"],
    [500, "", "unknown unknown"],
    [502, page, "unknown unknown"],
    [503, body("MAINTENANCE"), "unknown unknown"],
    [504, "gateway time-out", "unknown unknown"],
    [599, "fine", "unknown unknown"],
  ];
  for (const [status, text, expected] of rows) {
    assert.equal(kinds({ kind: "answer", status, text }), expected, `${status} ${text}`);
  }
});

Deno.test("what never left has failed and what was lost is unknown, whatever was asked", () => {
  assert.equal(kinds({ kind: "unsent", reason: "no host" }), "failed failed");
  assert.equal(kinds({ kind: "lost", reason: "cut" }), "unknown unknown");
});

Deno.test("a status without a body means what its request says it means, and no other does", () => {
  const reading = { asks: "command", read, bare: { status: 202, value: "accepted" } } as const;
  const reply = (status: number, text = "") =>
    replyOf<string>({ kind: "answer", status, text }, reading);
  assert.deepEqual(reply(202), { kind: "ok", value: "accepted" });
  assert.deepEqual(reply(200, "fine"), { kind: "ok", value: "fine" });
  assert.equal(reply(204).kind, "unknown");
  assert.equal(reply(200).kind, "unknown");
});

Deno.test("a refusal keeps status, code and message, and says something where nothing came", () => {
  const reply = (status: number, text: string): Reply<string> =>
    replyOf({ kind: "answer", status, text }, { asks: "command", read });
  assert.deepEqual(reply(400, body("INVALID_PRICE", "Price is too far")), {
    kind: "refused",
    status: 400,
    refusal: { code: "INVALID_PRICE", message: "Price is too far" },
  });
  assert.deepEqual(reply(400, "parse request payload error"), {
    kind: "refused",
    status: 400,
    refusal: { code: undefined, message: "parse request payload error" },
  });
  assert.deepEqual(reply(401, " "), {
    kind: "refused",
    status: 401,
    refusal: { code: undefined, message: "HTTP 401" },
  });
});

Deno.test("a reason is one short line that names the status, the code or the page", () => {
  const rows: readonly (readonly [number, string, string])[] = [
    [503, body("MAINTENANCE", "Back soon"), "HTTP 503 MAINTENANCE Back soon"],
    [502, page, "HTTP 502 a web page: Attention required"],
    [500, "", "HTTP 500"],
    [403, page, "HTTP 403 with a web page: Attention required"],
    [202, "", "HTTP 202 is not an answer to this request"],
    [200, "[]", 'Cannot read here as body must be fine: current value is "[]"'],
    [403, "<p>\n1", "HTTP 403 with a web page: <p>?1"],
  ];
  for (const [status, text, expected] of rows) {
    const reply = replyOf({ kind: "answer", status, text }, { asks: "command", read });
    assert.deepEqual(reply, { kind: "unknown", reason: expected });
  }
  const long = replyOf({ kind: "answer", status: 500, text: `x${"\n".repeat(9999)}y` }, {
    asks: "query",
    read,
  });
  assert.ok(long.kind === "unknown" && long.reason.length < 300 && !long.reason.includes("\n"));
});

Deno.test("a fault in the wire is told, and a bug in a reader is not hidden", () => {
  const faults: WireFault[] = [];
  const answer = { kind: "answer", status: 200, text: "odd" } as const;
  replyOf(answer, { asks: "query", read }, (fault) => faults.push(fault));
  assert.deepEqual(faults.map(({ field, value }) => [field, value]), [["body", '"odd"']]);
  const broken = () => {
    throw new TypeError("a bug");
  };
  assert.throws(() => replyOf(answer, { asks: "query", read: broken }), TypeError);
});

Deno.test("only a refusal that names a time-out or a broken server may have happened", () => {
  const maybe = (code: string | undefined) => mayHaveHappened({ code, message: "" });
  assert.deepEqual(["TIMEOUT", "SERVER_ERROR"].map(maybe), [true, true]);
  assert.deepEqual(["INVALID_ORDER", "MAINTENANCE", undefined].map(maybe), [false, false, false]);
});
