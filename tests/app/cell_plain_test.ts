import { equal, throws } from "node:assert/strict";
import { plainText } from "../../lib/app/cell_plain.ts";

const loop: { inner?: object } = {};
loop.inner = loop;
const holed: number[] = [];
holed.length = 300_000;
const fine = [
  [{}, "{}"],
  [{ a: [1, "b", true, null], c: { d: -1.5 } }, '{"a":[1,"b",true,null],"c":{"d":-1.5}}'],
  [{ left: undefined }, "{}"],
  [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
] as const;
const refused = [
  [{ a: { b: NaN } }, /a\.b is NaN/],
  [[Infinity], /0 is Infinity/],
  [{ a: 1n }, /a is a bigint/],
  [{ a: () => 1 }, /a is a function/],
  [{ a: Symbol() }, /a is a symbol/],
  [{ [Symbol()]: 1 }, /it has a symbol for a key/],
  [{ a: new Map() }, /a is not a plain object/],
  [{ a: new Date(0) }, /a is not a plain object/],
  [{ a: Promise.resolve() }, /a is not a plain object/],
  [new Float64Array(1), /it is not a plain object/],
  [{
    get a() {
      return 1;
    },
  }, /a is a getter/],
  [{ toJSON: () => 1 }, /toJSON is a function/],
  [loop, /lies 65 deep, or inside itself/],
  [new Array(300_000).fill(0), /300000 values/],
  [holed, /300000 values/],
  [new Array(500).fill(new Array(500).fill(0)), /more than 200000 values/],
] as const;

Deno.test("plain data is written as it is", () => {
  for (const [value, text] of fine) equal(plainText(value), text);
});

Deno.test("what JSON would change is refused, with its place", () => {
  for (const [value, fault] of refused) throws(() => plainText(value), fault);
});
