// Numbers that are not plain digits: exponents ("7e-05", as Python prints small quantities), signs,
// and whatever else stands in a cell where a number belongs. The slow, exact way: digits are moved
// as text, so nothing is rounded on the way in.

const shape = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads `text` as a whole number of 10^-decimals, digits beyond cut off (`cut` 1 where one of them
 * was not zero). Returns the rule it breaks as text.
 */
export function readOdd(
  text: string,
  form: "whole" | "decimal" | "signed",
  decimals: number,
): { readonly value: number; readonly cut: number } | string {
  if (form === "whole" && !/^\d+$/.test(text)) return "must be a whole number";
  const match = shape.exec(text);
  if (match === null) return "must be a number";
  const negative = match[1] === "-";
  const whole = match[2] ?? "";
  const digits = whole + (match[3] ?? "");
  // The point moves by the exponent, and by the decimals asked for.
  const point = whole.length + Number(match[4] ?? "0") + decimals;
  const kept = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const rest = digits.slice(Math.max(0, point));
  const value = Number(kept);
  if (!Number.isSafeInteger(value)) return `must have at most 15 digits down to 1e-${decimals}`;
  const cut = /[1-9]/.test(rest) ? 1 : 0;
  if (!negative || (value === 0 && cut === 0)) return { value, cut };
  return form === "signed" ? { value: -value || 0, cut } : "must not be negative";
}
