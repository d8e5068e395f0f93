// How benchmarks print: one figure a line, the same width everywhere.

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Prints a figure. */
export function shown(name: string, value: number, unit: string): void {
  const text = value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(4);
  console.log(`${name.padEnd(28)} ${text.padStart(14)} ${unit}`);
}
