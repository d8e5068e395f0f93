// JSON as people write it: with comments and commas too many. Both are blanked out, never removed,
// so that a position in an error message is the position in the file.

/** A whole string, or a comment: strings are matched so that a `//` in one is left alone. */
const stringOrComment = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const stringOrLastComma = /"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g;

/** Parses JSON that may hold comments and trailing commas. Throws `SyntaxError`. */
export function parseJson(text: string): unknown {
  return JSON.parse(
    text.replace(stringOrComment, blankUnlessString).replace(stringOrLastComma, blankUnlessString),
  );
}

function blankUnlessString(found: string): string {
  return found.startsWith('"') ? found : found.replace(/[^\n]/g, " ");
}
