// Which error ends the program with which code, and that a person reads one line.

import { equal, match, throws } from "node:assert/strict";
import {
  badValue,
  ExitCode,
  oneLine,
  orComplain,
  unknownName,
  UserError,
  verdict,
} from "../../lib/app/errors.ts";
import { Bug } from "../../lib/core/assert.ts";
import { DataFault } from "../../lib/data/fault.ts";

const complaint = "spacing must be between 0.0002 and 0.1: current value is 2";

Deno.test("each kind of error has its exit code", () => {
  const rows = [
    [new UserError("Cannot start as x"), 2],
    [new UserError("Cannot finish", ExitCode.failure), 1],
    [new RangeError(complaint), 2],
    [new DataFault({ file: "a.csv", rule: "the file must not be empty" }), 2],
    [new Deno.errors.PermissionDenied("no"), 1],
    [new Bug("two orders with one id"), 70],
    [new RangeError("Invalid array length"), 70],
    [new TypeError("x is not a function"), 70],
    ["a string", 70],
  ] as const;
  for (const [error, exitCode] of rows) equal(verdict(error).exitCode, exitCode, String(error));
});

Deno.test("what the machine refuses is said without advice that a compiled program cannot follow", () => {
  const said = 'Requires write access to "/a", run again with the --allow-write flag';
  const { text } = verdict(new Deno.errors.NotCapable(said));
  equal(text, 'Cannot go on: Requires write access to "/a"');
});

Deno.test("a bug is shown with its stack and called one", () => {
  const { text } = verdict(new Bug("two orders with one id"));
  match(text, /^This is a bug in bpx-bot, please report it: Bug: two orders with one id\n +at /);
});

Deno.test("what a person can put right is one line", () => {
  const fault = new DataFault({ file: "a\nb.csv", row: 2, rule: "must be text", value: "x" });
  for (const error of [new UserError("Cannot a\nb"), new RangeError(`a\n${complaint}`), fault]) {
    equal(verdict(error).text.includes("\n"), false);
  }
  equal(oneLine(" a\r\n\tb\u001b[2J\u2028c "), "a b [2J c");
});

Deno.test("a complaint names what was done, the key, the rule and the value", () => {
  const said = (value: unknown) =>
    badValue({ doing: "load x", key: "levels", rule: "must be whole", value }).message;
  equal(said(2.5), "Cannot load x as levels must be whole: current value is 2.5");
  equal(said("a b"), "Cannot load x as levels must be whole: current value is a b");
  equal(said(undefined), "Cannot load x as levels must be whole: current value is not set");
  equal(said([1]), "Cannot load x as levels must be whole: current value is a list");
  equal(said({ secret: "s" }), "Cannot load x as levels must be whole: current value is an object");
});

Deno.test("a complaint never shows the value of a key that may be a secret", () => {
  for (
    const key of ["api_secret", "BPX_API_SECRET", "telegram.bot_token", "smtpPassword", "apiKey"]
  ) {
    const { message } = badValue({ doing: "load x", key, rule: "must be gone", value: "canary" });
    equal(message, `Cannot load x as ${key} must be gone: current value is (hidden)`);
  }
});

Deno.test("an unknown name is answered with the nearest, if there is any", () => {
  const said = (names: readonly string[]) =>
    unknownName({ doing: "load", key: "it", kind: "one", value: "gird", given: "gird", names })
      .message;
  equal(
    said(["amm", "grid"]),
    "Cannot load as it must be one (nearest: grid): current value is gird",
  );
  equal(said([]), "Cannot load as it must be one, and there is none: current value is gird");
});

Deno.test("a complaint of a lower room is put into the words of the hallway, a bug is not", () => {
  throws(
    () => orComplain('load preset "p"', () => fail(new RangeError(complaint))),
    new UserError(`Cannot load preset "p" as ${complaint}`),
  );
  const bug = new Bug("no");
  throws(() => orComplain("load", () => fail(bug)), bug);
  equal(orComplain("load", () => 7), 7);
});

function fail(error: Error): never {
  throw error;
}
