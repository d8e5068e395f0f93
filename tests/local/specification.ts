// Backpack's published schemas as a judge of replies. Absent values come as null on the wire although
// the schemas know no null (recorded replies do so), so nulls are taken out before a reply is judged.

import { ok } from "node:assert/strict";
import { Ajv } from "ajv";
import type { Reply } from "./scene.ts";

/** A route of the specification. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly query?: string;
}

/** Fails where a reply is not what the specification says of its route and status. */
export type Judge = (route: Route, reply: Reply) => void;

/** A judge by the text of openapi.json. */
export function judgeOf(specification: string): Judge {
  const { paths, components } = JSON.parse(specification);
  const ajv = new Ajv({ strict: false, validateFormats: false, discriminator: false });
  ajv.addSchema({ $id: "spec", components });
  return ({ method, path }, { status, text, json }) => {
    const content = paths[path][method].responses[status].content;
    const schema = content["application/json; charset=utf-8"].schema;
    const pointed = JSON.parse(
      JSON.stringify(schema).replaceAll("#/components", "spec#/components"),
    );
    const isRight = ajv.validate(pointed, withoutNulls(json));
    ok(isRight, `${method} ${path} ${status}: ${ajv.errorsText()}\n${text.slice(0, 600)}`);
  };
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), function (_name, member) {
    return member === null ? undefined : member;
  });
}
