import { deepEqual, throws } from "node:assert/strict";
import { moduleFiles } from "../../lib/app/module_files.ts";
import { aFolder } from "../support/plugins.ts";

const namesOf = (path: string) =>
  moduleFiles(new URL(`file://${path}`)).map(({ real }) => real.slice(real.lastIndexOf("/") + 1));

Deno.test("a module is itself and what it imports by a relative path, each once", () => {
  using folder = aFolder({
    "a.ts": `import { b } from "./b.ts"; import "./in/c.js"; import { x } from "bpx-bot/strategy";
      export * from './in/d.ts'; const e = import("./e.ts");`,
    "b.ts": `import { a } from "./a.ts"; // from "./never.ts"`,
    "in/c.js": `import "../b.ts";`,
    "in/d.ts": "",
    "e.ts": "",
    "f.ts": "",
  });
  deepEqual(namesOf(`${folder.path}/a.ts`), ["a.ts", "b.ts", "c.js", "d.ts", "e.ts"]);
});

Deno.test("a link is followed to the file, which is what may be imported", () => {
  using folder = aFolder({
    "a.ts": `import "./link.ts";`,
    "real/b.ts": `import "./c.ts";`,
    "real/c.ts": "",
  });
  Deno.symlinkSync(`${folder.path}/real/b.ts`, `${folder.path}/link.ts`);
  const files = moduleFiles(new URL(`file://${folder.path}/a.ts`));
  deepEqual(files.map(({ written, real }) => [written, real].map((url) => url.slice(7))), [
    [`${folder.path}/a.ts`, `${folder.path}/a.ts`],
    [`${folder.path}/link.ts`, `${folder.path}/real/b.ts`],
    [`${folder.path}/real/c.ts`, `${folder.path}/real/c.ts`],
  ]);
});

Deno.test("a name that means something in an address is a name", () => {
  using folder = aFolder({ "a #1?.ts": `import "./b c.ts";`, "b c.ts": "" });
  const entry = new URL(`file://${folder.path}/`);
  entry.pathname += "a %231%3F.ts";
  deepEqual(moduleFiles(entry).length, 2);
});

Deno.test("what is no .ts or .js file is refused, also behind a link", () => {
  using folder = aFolder({
    "a.ts": `import "./b.json";`,
    "b.json": "1",
    "c.ts": `import "./d.ts";`,
  });
  Deno.symlinkSync(`${folder.path}/b.json`, `${folder.path}/d.ts`);
  for (const name of ["a.ts", "b.json", "c.ts"]) {
    throws(() => namesOf(`${folder.path}/${name}`), /must be a \.ts or \.js file/);
  }
  using asked = aFolder({ "a.ts": `import "./b.ts?x";`, "b.ts": "" });
  throws(() => namesOf(`${asked.path}/a.ts`), /must be imported without/);
});

Deno.test("an import of anything else is refused, however it is written", () => {
  const rows = [
    `import "node:process";`,
    `import process from "node:process";`,
    `import*as a from"node:process"`,
    `export * from 'node:process'`,
    `export { env } from "process";`,
    `import {} from /* " */ "node:process";`,
    `import a from // "./b.ts"\n  "node:process";`,
    `import a from\u2028"node:process";`,
    `import a from //\u2028"node:process";`,
    `/* from " */ import a from "node:process";`,
    `"import '"; import a from "node:process"; '`,
    `import "node:\\x70rocess";`,
    `import "./..\\x2f..\\x2fcode.ts";`,
    `import "node:\\\nprocess";`,
    `import a = require("node:process");`,
    `const a = await import("zod");`,
    `import a from "file:///proc/self/environ" with { type: "text" };`,
    `import a from "data:text/javascript,";`,
    `import a from "/etc/code.ts";`,
    `import a from "bpx-bot/keys";`,
  ];
  for (const source of rows) {
    using folder = aFolder({ "a.ts": `const before = 1;\n${source}\nexport default 1;\n` });
    throws(() => namesOf(`${folder.path}/a.ts`), /must import \.\/files/, source);
  }
});

Deno.test("reading a source takes no longer than its length", () => {
  const sources = ["/**/", "//", "// /* ", "*", "(", "\\"].map((part) =>
    `from ${part.repeat(1e5)}`
  );
  for (const source of sources) {
    using folder = aFolder({ "a.ts": source });
    deepEqual(namesOf(`${folder.path}/a.ts`), ["a.ts"]);
  }
});

Deno.test("too many files and too long ones are refused", () => {
  const many = Object.fromEntries(
    Array.from({ length: 101 }, (_, i) => [`m${i}.ts`, `import "./m${i + 1}.ts";`]),
  );
  using folder = aFolder({ ...many, "long.ts": " ".repeat(2_000_001) });
  throws(() => namesOf(`${folder.path}/m0.ts`), /at most 100 files/);
  throws(() => namesOf(`${folder.path}/long.ts`), /at most 2000000 letters/);
});
