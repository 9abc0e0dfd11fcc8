/** What no double tells apart any more. */
const MOST_DIGITS = 15;

/**
 * A figure with so many digits, or with as many more as keep it on its side of each of these marks: 1.004 is not told as 1.00 where it is said
 * that it is above 1. `write`: as text with this many digits.
 */
export function toldBeside(
  value: number,
  marks: readonly number[],
  digits: number,
  write: (value: number, digits: number) => string,
): string {
  for (let more = digits; more <= MOST_DIGITS; more++) {
    const text = write(value, more);
    if (marks.every((mark) => Math.sign(Number(text) - mark) === Math.sign(value - mark))) return text;
  }
  return write(value, digits);
}
