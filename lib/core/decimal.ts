// Exact decimals: text in, whole number out, and back. The wire and the files speak decimal
// strings; a float in between would lose the last digit, so digits are read one by one.
// Also the one place that multiplies money: products beyond 2^53 go through BigInt.

/** Why a text is not the exact decimal that was asked for; the caller names the field. */
export type DecimalFault = "not a decimal number" | "too many decimals" | "too large";

const shape = /^(-?)(\d+)(?:\.(\d*))?$/;

/**
 * Reads `text` as a whole number of 10^-decimals, exactly: `parseDecimal("1.05", 3)` is 1050.
 * Trailing zeros beyond `decimals` are accepted, other digits there are a fault.
 */
export function parseDecimal(text: string, decimals: number): number | DecimalFault {
  const match = shape.exec(text);
  if (match === null) return "not a decimal number";
  const fraction = match[3] ?? "";
  for (let i = decimals; i < fraction.length; i++) {
    if (fraction.charCodeAt(i) !== 48) return "too many decimals";
  }
  const digits = match[2] + fraction.slice(0, decimals).padEnd(decimals, "0");
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) return "too large";
  return match[1] === "-" && value !== 0 ? -value : value;
}

/** Prints a whole number of 10^-decimals without trailing zeros: `formatDecimal(1050, 3)` is "1.05". */
export function formatDecimal(value: number, decimals: number): string {
  const fixed = formatFixed(value, decimals);
  if (decimals === 0) return fixed;
  let end = fixed.length;
  while (fixed.charCodeAt(end - 1) === 48) end--;
  if (fixed.charCodeAt(end - 1) === 46) end--;
  return fixed.slice(0, end);
}

/** Prints a whole number of 10^-decimals with every decimal: `formatFixed(1050, 3)` is "1.050". */
export function formatFixed(value: number, decimals: number): string {
  const sign = value < 0 ? "-" : "";
  const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** floor(a × b / d) for whole numbers and d > 0, exact whatever the size of a × b. */
export function mulDivFloor(a: number, b: number, d: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) {
    const rest = product % d;
    return (product - rest) / d - (rest < 0 ? 1 : 0);
  }
  const exact = BigInt(a) * BigInt(b);
  const divisor = BigInt(d);
  const rest = exact % divisor;
  return Number((exact - rest) / divisor) - (rest < 0n ? 1 : 0);
}

/** a × b / d rounded to the nearest whole number, ties upwards; exact whatever the size of a × b. */
export function mulDivHalfUp(a: number, b: number, d: number): number {
  const floor = mulDivFloor(a, b, d);
  const product = a * b;
  const rest = Number.isSafeInteger(product) && Number.isSafeInteger(floor * d)
    ? product - floor * d
    : Number(BigInt(a) * BigInt(b) - BigInt(floor) * BigInt(d));
  return 2 * rest >= d ? floor + 1 : floor;
}
