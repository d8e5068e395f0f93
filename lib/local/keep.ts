// Lists that only grow, with a bound. Shortening one moves everything in it, so it may run over by a
// quarter before it is cut.

/** Appends a row; of more than `most` rows (by and by) the oldest are forgotten. */
export function keep<T>(rows: T[], row: T, most: number): void {
  rows.push(row);
  if (rows.length > most * 1.25) rows.splice(0, rows.length - most);
}
