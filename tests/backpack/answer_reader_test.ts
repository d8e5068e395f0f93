import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerReader, type ReadAnswer } from "../../lib/backpack/answer_reader.ts";

const encoder = new TextEncoder();

/** Reads `text` cut at `cuts`, and its end where the connection ends there. */
function read(text: string, cuts: readonly number[] = [], then: "open" | "ended" = "open") {
  const reader = new AnswerReader();
  const bytes = encoder.encode(text);
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b)];
  let answer: ReadAnswer | undefined;
  places.forEach((from, i) => {
    answer = reader.push(bytes.subarray(from, places[i + 1] ?? bytes.length)) ?? answer;
  });
  return then === "ended" ? answer ?? reader.end() : answer;
}

const whole: readonly (readonly [string, string, ReadAnswer | undefined])[] = [
  [
    "a body of a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhallo",
    { status: 200, text: "hallo", keeps: true },
  ],
  [
    "chunks, sizes in hex with extensions",
    "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
    { status: 400, text: "abc0123456789", keeps: true },
  ],
  [
    "trailers",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n",
    { status: 200, text: "a", keeps: true },
  ],
  ["nothing", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, text: "", keeps: true }],
  [
    "a 202 of length zero",
    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n",
    { status: 202, text: "", keeps: true },
  ],
  [
    "a connection that closes",
    "HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 1\r\n\r\nx",
    { status: 200, text: "x", keeps: false },
  ],
  [
    "an answer after a word that it is coming",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
    { status: 200, text: "x", keeps: true },
  ],
  ["half a head", "HTTP/1.1 200 OK\r\nContent-Le", undefined],
  ["half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", undefined],
  ["half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal", undefined],
];

for (const [name, text, expected] of whole) {
  Deno.test(`${name} is read, however it is cut`, () => {
    assert.deepEqual(read(text), expected);
    fc.assert(fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      assert.deepEqual(read(text, cuts), expected);
    }));
    if (expected === undefined) assert.throws(() => read(text, [], "ended"), /ended within/);
  });
}

Deno.test("a body without a length ends with the connection", () => {
  const text = "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>";
  assert.equal(read(text), undefined);
  assert.deepEqual(read(text, [20], "ended"), { status: 502, text: "<html>", keeps: false });
  assert.throws(() => new AnswerReader().end(), /before an answer/);
});

for (
  const text of [
    "ICY 200\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
  ]
) {
  Deno.test(`${JSON.stringify(text.slice(0, 40))} is no answer`, () => {
    assert.throws(() => read(text));
  });
}
