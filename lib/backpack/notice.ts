// A line for a person: what the venue did, or could not do, that no event says.

/** One line. warn: it helps itself; error: somebody has to look. */
export interface Notice {
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}
