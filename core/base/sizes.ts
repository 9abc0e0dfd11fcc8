// How sizes and rates are told to people, by every front end (docs/decisions/0031-sizes-in-decimal-units.md).

/** What people mean by kilo where they read or type it in a window. */
export const KILO = 1000;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const BINARY = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** A size as a figure of three digits. */
export interface ScaledSize {
  readonly figure: number;
  /** Digits behind the point. */
  readonly digits: number;
  /** Its unit is 1000 to this power bytes. */
  readonly power: number;
}

/** `least`: a size below 1000 to this power is told in it all the same, so that rates do not flicker between units. */
export function scaleSize(bytes: number, least = 0): ScaledSize {
  if (bytes === 0) return { figure: 0, digits: 0, power: least };
  let power = Math.max(least, Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)));
  let figure = bytes / KILO ** power;
  if (figure >= 999.5 && power < UNITS.length - 1) {
    power++;
    figure /= KILO;
  }
  return { figure, digits: digitsOf(figure, power), power };
}

/** Whole bytes, and three digits, but no tenths of ten kilobytes. */
function digitsOf(figure: number, power: number): number {
  if (power === 0) return 0;
  if (power === 1) return figure < 9.95 ? 1 : 0;
  return figure >= 99.95 ? 0 : figure >= 9.995 ? 1 : 2;
}

/** `12.3 MB`. */
export function sizeText(bytes: number): string {
  return textOf(scaleSize(bytes));
}

/** `3.21 MB/s`, of bytes a second. */
export function rateText(rate: number): string {
  return `${textOf(scaleSize(rate, 1))}/s`;
}

function textOf({ figure, digits, power }: ScaledSize): string {
  return `${figure.toFixed(digits)} ${UNITS[power]}`;
}

/** A power of two, as lengths of pieces are: `256 KiB`, in parts for another locale. Undefined for other lengths. */
export function powerOfTwo(bytes: number): { readonly figure: number; readonly unit: string } | undefined {
  const power = Math.log2(bytes);
  if (!Number.isInteger(power)) return undefined;
  const unit = Math.min(BINARY.length - 1, Math.floor(power / 10));
  return { figure: bytes / 1024 ** unit, unit: BINARY[unit] ?? 'B' };
}

/** The length of pieces: `256 KiB`, or as `sizeText`. */
export function pieceLengthText(bytes: number): string {
  const exact = powerOfTwo(bytes);
  return exact === undefined ? sizeText(bytes) : `${exact.figure} ${exact.unit}`;
}
