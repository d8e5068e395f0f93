// Source text with its comments, and its strings too, blanked out letter by letter: what is left
// stands at the same place, so a finding can name its line. A small scanner, because a word in a
// comment is allowed where the same word in code is not.

/** One file's text in two thinner forms. */
export interface Stripped {
  /** Comments blanked; strings as they are. */
  readonly noComments: string;
  /** Comments, strings and regular expressions blanked: code alone. */
  readonly code: string;
}

/** Blanks comments, and strings too, out of TypeScript. */
export function strip(text: string): Stripped {
  const noComments = text.split("");
  const code = text.split("");
  const blank = (target: string[], from: number, to: number) => {
    for (let i = from; i < to; i++) if (target[i] !== "\n") target[i] = " ";
  };
  /** Depth of braces at which each open `${` of a template ends. */
  const templates: number[] = [];
  let depth = 0;
  let before = "";
  let i = 0;
  while (i < text.length) {
    const letter = text[i] ?? "";
    const two = text.slice(i, i + 2);
    const start = i;
    if (two === "//" || two === "/*") {
      i = endOfComment(text, i, two);
      blank(noComments, start, i);
      blank(code, start, i);
      continue;
    }
    if (letter === '"' || letter === "'") {
      i = endOfString(text, i, letter);
      blank(code, start + 1, i - 1);
      before = letter;
      continue;
    }
    const closesTemplate = letter === "}" && templates.at(-1) === depth;
    if (letter === "`" || closesTemplate) {
      if (closesTemplate) templates.pop();
      const end = endOfTemplatePart(text, i + 1);
      blank(code, start + 1, end.at);
      if (end.opens) templates.push(depth);
      i = end.at + (end.opens ? 2 : 1);
      before = end.opens ? "{" : "`";
      continue;
    }
    if (letter === "/" && startsRegex(before, text.slice(0, i))) {
      i = endOfRegex(text, i);
      blank(code, start + 1, i);
      before = "/";
      continue;
    }
    if (letter === "{") depth++;
    if (letter === "}") depth--;
    if (letter.trim() !== "") before = letter;
    i++;
  }
  return { noComments: noComments.join(""), code: code.join("") };
}

function endOfComment(text: string, from: number, opening: string): number {
  const closing = opening === "//" ? "\n" : "*/";
  const at = text.indexOf(closing, from + 2);
  if (at < 0) return text.length;
  return opening === "//" ? at : at + 2;
}

function endOfString(text: string, from: number, quote: string): number {
  let i = from + 1;
  while (i < text.length && text[i] !== quote && text[i] !== "\n") i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

/** Where the text of a template ends: at its last backtick, or at a `${`. */
function endOfTemplatePart(text: string, from: number): { at: number; opens: boolean } {
  let i = from;
  for (; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "`") return { at: i, opens: false };
    else if (text.startsWith("${", i)) return { at: i, opens: true };
  }
  return { at: i, opens: false };
}

/** A slash begins a regular expression where a value cannot have ended just before it. */
function startsRegex(before: string, head: string): boolean {
  if (before === "" || "(,=:[!&|?{};<>+-*%~^".includes(before)) return true;
  return /\b(return|typeof|case|in|of)\s*$/.test(head);
}

function endOfRegex(text: string, from: number): number {
  let inClass = false;
  let i = from + 1;
  for (; i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") inClass = true;
    else if (text[i] === "]") inClass = false;
    else if (text[i] === "/" && !inClass) break;
  }
  return i + 1;
}
