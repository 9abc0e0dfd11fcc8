import { powerOfTwo, scaleSize } from '../../core/base/sizes.ts';

/** Figures for people, in the user's locale. Formatters are cached, as they are used several times a second. */
export interface Format {
  /** A whole number. */
  count(value: number): string;
  /** A share of 1 as percent; 100 only where it is all. */
  percent(share: number, digits?: 0 | 1): string;
  /** Bytes in decimal units, three digits. */
  bytes(value: number): string;
  /** Bytes a second in decimal units, three digits. */
  rate(value: number): string;
  /** A length of a power of two in binary units, otherwise as `bytes`. */
  pieceLength(value: number): string;
  /** Two decimals. */
  ratio(value: number): string;
  /** A time span in its two largest units: `1 min 8 s`. */
  span(millis: number): string;
  /** A span that may be short: `0.9 s`, from ten seconds on as `span`. */
  brief(millis: number): string;
  /** A time span for columns: `1:08`, `2:03:07`. */
  clock(millis: number): string;
  /** Time of day with seconds. */
  time(date: Date): string;
  /** Day and time of day with seconds. */
  moment(date: Date): string;
  /** Day and time of day. */
  day(date: Date): string;
  /** A list of names: `a, b and c`. */
  list(items: readonly string[]): string;
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** The figures of a locale; undefined: the system's. */
export function createFormat(locale?: string): Format {
  const made = new Map<string, Intl.NumberFormat>();
  const number = (key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const known = made.get(key);
    if (known) return known;
    const fresh = new Intl.NumberFormat(locale, options);
    made.set(key, fresh);
    return fresh;
  };
  const day = { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const;
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const dayText = new Intl.DateTimeFormat(locale, day);
  const moment = new Intl.DateTimeFormat(locale, { ...day, second: '2-digit' });
  const list = new Intl.ListFormat(locale === undefined ? undefined : locale, { type: 'conjunction' });
  const count = (value: number): string => number('count', { maximumFractionDigits: 0 }).format(value);
  const sized = (value: number, suffix: string, least: number): string => {
    const { figure, power, digits } = scaleSize(value, least);
    const unit = SIZES[power] ?? 'byte';
    const options = {
      style: 'unit',
      unit: `${unit}${suffix}`,
      unitDisplay: unit === 'byte' ? 'narrow' : 'short',
    } as const;
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const text = number(`${unit}${suffix}${digits}`, { ...options, ...fixed }).format(figure);
    return unit === 'byte' ? text.replace(/(\d)B/, '$1 B') : text;
  };
  return {
    count,
    percent(share, digits = 0) {
      const step = digits === 0 ? 100 : 1000;
      const floored = share >= 1 ? 1 : Math.floor(Math.max(0, share) * step) / step;
      const shown = floored === 1 ? 0 : digits;
      const fixed = { minimumFractionDigits: shown, maximumFractionDigits: shown };
      return number(`percent${shown}`, { style: 'percent', ...fixed }).format(floored);
    },
    bytes: (value) => sized(value, '', 0),
    rate: (value) => sized(value, '-per-second', 1),
    pieceLength(value) {
      const exact = powerOfTwo(value);
      return exact === undefined ? sized(value, '', 0) : `${count(exact.figure)} ${exact.unit}`;
    },
    ratio: (value) => number('ratio', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value),
    span: (millis) => spanText(millis, count),
    brief: (millis) => {
      if (millis >= 9950) return spanText(millis, count);
      const fixed = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
      return `${number('brief', fixed).format(Math.max(100, millis) / 1000)} s`;
    },
    clock: clockText,
    time: (date) => time.format(date),
    moment: (date) => moment.format(date),
    day: (date) => dayText.format(date),
    list: (items) => list.format(items),
  };
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

function spanText(millis: number, count: (n: number) => string): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  if (at < 0) return '0 s';
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of UNITS.slice(at, at + 2)) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) parts.push(`${count(n)} ${name}`);
  }
  return parts.join(' ');
}

function clockText(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export const format = createFormat();
