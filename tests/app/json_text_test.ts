// JSON with comments: what people write into configuration files, and what is said of their mistakes.

import { deepEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseJson } from "../../lib/app/json_text.ts";

Deno.test("comments and trailing commas are ignored, inside strings they are text", () => {
  const text = `{
    // a comment with "quotes" and a comma, }
    "url": "https://x/*y*/z", /* "b": 2, */
    "list": [1, 2,],
    "odd": ",]\\"//", // "
  }`;
  deepEqual(parseJson(text), { url: "https://x/*y*/z", list: [1, 2], odd: ',]"//' });
});

/** A mistake, and what is said of it. */
const mistakes = [
  ["", "line 1: no value is here: a text needs double quotes"],
  ["{", "line 1: a key in double quotes is missing"],
  ["{,}", "line 1: a key in double quotes is missing"],
  ["{\n// a\na: 1}", "line 3: a key in double quotes is missing"],
  ["{1: 1}", "line 1: a key in double quotes is missing"],
  ['{"a" 1}', "line 1: a colon is missing behind a key"],
  ['{"a": 1\n"b": 2}', "line 2: a comma or } is missing"],
  ["[1 2]", "line 1: a comma or ] is missing"],
  ["[1,,2]", "line 1: no value is here: a text needs double quotes"],
  ["[NaN]", "line 1: no value is here: a text needs double quotes"],
  ["[01]", "line 1: no value is here: a text needs double quotes"],
  ["\n/* open", "line 1: a comment or a text does not end, or a sign is not JSON"],
  ['["open]', "line 1: a comment or a text does not end, or a sign is not JSON"],
  ["'a'", "line 1: no value is here: a text needs double quotes"],
  ['{"__proto__": 1}', "line 1: __proto__ cannot be a key"],
  ["1 2", "line 1: nothing may follow the value"],
  ["[".repeat(100_000), "line 1: more than 100 levels"],
] as const;

Deno.test("what is no JSON is refused with its line", () => {
  for (const [text, message] of mistakes) {
    throws(() => parseJson(text), { name: "SyntaxError", message }, text.slice(0, 20));
  }
});

Deno.test("a key given twice in one object is refused by name, in two objects it is fine", () => {
  const text = '{"params": {"levels": 1,\n"upper": 2,\n"levels": 3}}';
  throws(() => parseJson(text), { message: "line 3: params.levels is given twice" });
  throws(() => parseJson('[{"a": 1, "\\u0061": 1}]'), { message: "line 1: 0.a is given twice" });
  deepEqual(parseJson('[{"a": 1}, {"a": {"a": 2}}]'), [{ a: 1 }, { a: { a: 2 } }]);
  deepEqual(Object.keys(Object(parseJson('{"toString": 2}'))), ["toString"]);
});

Deno.test("no complaint quotes the file: it may hold the keys of an account", () => {
  const secret = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";
  const texts = [
    `{"api_secret": ${secret}}`,
    `{"api_secret": "${secret}`,
    `{"api_secret" "${secret}"}`,
    `{"api_secret": "${secret}" 1}`,
    `["${secret}" "b"]`,
    `{${secret}: 1}`,
    `{"a": "${secret}\u0001"}`,
  ];
  for (const text of texts) {
    throws(() => parseJson(text), (error) => {
      ok(error instanceof SyntaxError && !error.message.includes(secret.slice(0, 6)), text);
      return true;
    });
  }
});

Deno.test("plain JSON means what it always meant", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    fc.pre(!JSON.stringify(value).includes("__proto__"));
    deepEqual(parseJson(JSON.stringify(value, null, 2)), JSON.parse(JSON.stringify(value)));
  }));
});
