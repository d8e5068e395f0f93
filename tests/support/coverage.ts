// Counts of what a campaign came by, in groups, so that a promise that was never put to the test is
// not taken for one that holds.

/** Counts by group and name. */
export class Coverage {
  readonly #groups = new Map<string, Map<string, number>>();

  add(group: string, name: string, count = 1): void {
    const counts = this.#groups.get(group) ?? new Map<string, number>();
    counts.set(name, (counts.get(name) ?? 0) + count);
    this.#groups.set(group, counts);
  }

  /** What of a group never came. */
  missing(group: string, expected: readonly string[]): string[] {
    return expected.filter((name) => !this.#groups.get(group)?.has(name))
      .map((name) => `${group}: ${name}`);
  }

  /** A line for each group. */
  toString(): string {
    return [...this.#groups].map(([group, counts]) => {
      const sorted = [...counts].sort(([a], [b]) => a < b ? -1 : 1);
      return `${group}: ${sorted.map(([name, count]) => `${name} ${count}`).join(", ")}`;
    }).join("\n");
  }
}
