// JSON with comments: what people write into configuration files.

import { deepEqual, throws } from "node:assert/strict";
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

Deno.test("what is no JSON is still refused", () => {
  for (const text of ["", "{", "{,}x", "{a: 1}", "[1,,2]", "/* open", "'a'"]) {
    throws(() => parseJson(text), SyntaxError);
  }
});

Deno.test("plain JSON means what it always meant", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    deepEqual(parseJson(JSON.stringify(value, null, 2)), JSON.parse(JSON.stringify(value)));
  }));
});
