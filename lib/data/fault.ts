// What is wrong with a data file, as one line that says where to look. A recording with a fault
// in it is never read half: the fault names the file, the line an editor shows, the column, the
// rule and the text found there, and the caller shows the message as it is.

/** Where a fault lies and which rule it breaks. */
export interface FaultPlace {
  readonly file: string;
  /** The line as an editor counts: the header is 1. Absent: the whole file is at fault. */
  readonly row?: number;
  readonly column?: string;
  /** Continues "as …": `must be at least low`. */
  readonly rule: string;
  /** The text found, as it stands in the file. */
  readonly value?: string;
}

/** Thrown for a data file that cannot be trusted. A person's mistake, never a bug. */
export class DataFault extends Error {
  override readonly name = "DataFault";
  readonly file: string;
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly rule: string;
  readonly value: string | undefined;

  constructor(place: FaultPlace) {
    super(describe(place));
    this.file = place.file;
    this.row = place.row;
    this.column = place.column;
    this.rule = place.rule;
    this.value = place.value;
  }
}

// A cell of binary rubbish must not fill the screen.
const LONGEST_VALUE = 60;

function describe({ file, row, column, rule, value }: FaultPlace): string {
  const line = row === undefined ? "" : `row ${row} `;
  const cell = column === undefined ? "" : `column "${column}" `;
  return `Cannot read "${file}" as ${line}${cell}${rule}${
    value === undefined ? "" : `: current value is ${shorten(value)}`
  }`;
}

function shorten(value: string): string {
  if (value === "") return "empty";
  // deno-lint-ignore no-control-regex -- control characters would break the one line
  const clean = value.replace(/[\u0000-\u001f\u007f]/g, "?");
  return clean.length > LONGEST_VALUE ? `${clean.slice(0, LONGEST_VALUE)}…` : clean;
}
