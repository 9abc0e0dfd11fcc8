import * as v from 'valibot';
import { type Bytes, type BytesPerSecond, bytes, bytesPerSecond } from '../../base/ids.ts';
import type { Seconds } from '../seconds.ts';

// Quantities as people write them in scenarios: a number in the usual unit, or a number with its unit.

const RATE_UNITS: Readonly<Record<string, number>> = {
  'bit/s': 1 / 8,
  'kbit/s': 1000 / 8,
  'mbit/s': 1_000_000 / 8,
  'gbit/s': 1_000_000_000 / 8,
  'b/s': 1,
  'kb/s': 1000,
  'mb/s': 1_000_000,
  'gb/s': 1_000_000_000,
  'kib/s': 1024,
  'mib/s': 1024 ** 2,
  'gib/s': 1024 ** 3,
};
const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const SPAN_UNITS: Readonly<Record<string, number>> = { ms: 1 / 1000, s: 1, min: 60, h: 3600 };

/** A number in the usual unit, or a number with one of the units; undefined: neither. */
function parse(input: unknown, usual: string, units: Readonly<Record<string, number>>): number | undefined {
  if (typeof input === 'number') return input * (units[usual] ?? Number.NaN);
  if (typeof input !== 'string') return undefined;
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z/]*)$/i.exec(input.trim());
  const unit = match === null ? undefined : units[match[2] === '' ? usual : (match[2] ?? '').toLowerCase()];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

interface Kind {
  /** What is said where it cannot be read. */
  readonly refusal: string;
  readonly usual: string;
  readonly units: Readonly<Record<string, number>>;
  readonly least: number;
  readonly most: number;
  /** What it may be in place of a number, with what that means. */
  readonly words?: Readonly<Record<string, number>>;
}

const quantity = <T extends number>({ refusal, usual, units, least, most, words = {} }: Kind, make: (n: number) => T) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const input = dataset.value;
      const word = typeof input === 'string' ? words[input.trim().toLowerCase()] : undefined;
      const read = word ?? parse(input, usual, units);
      if (read !== undefined && (word !== undefined || (read >= least && read <= most))) return make(read);
      addIssue({ message: refusal });
      return NEVER;
    }),
  );

const toBytes = (n: number): Bytes => bytes(Math.round(n));
const toRate = (n: number): BytesPerSecond => bytesPerSecond(Math.round(n));

/** Bytes; a number alone is MiB. */
export const size = quantity(
  {
    refusal: 'is no size: give a number of MiB, or one with its unit, such as 96 MiB or 700 MB, up to 64 GiB',
    usual: 'mib',
    units: SIZE_UNITS,
    least: 1,
    most: 64 * 1024 ** 3,
  },
  toBytes,
);

/** Bytes a second; a number alone is Mbit/s. 0: without limit, which is written `none`. */
export const rateOrNone = quantity(
  {
    refusal: 'is no rate: give a number of Mbit/s above 0, one with its unit, such as 500 kbit/s or 2 MiB/s, or none',
    usual: 'mbit/s',
    units: RATE_UNITS,
    least: 1,
    most: 100_000_000_000,
    words: { none: 0 },
  },
  toRate,
);

const asSeconds = (least: number, refusal: string) =>
  quantity({ refusal, usual: 's', units: SPAN_UNITS, least, most: 1_000_000 }, (n): Seconds => n as Seconds);

/** Seconds; a number alone is seconds. */
export const span = asSeconds(0, 'is no time: give a number of seconds, or one with its unit, such as 20 ms or 5 min');

/** The same, and more than nothing. */
export const positiveSpan = asSeconds(
  0.001,
  'is no time above 0: give a number of seconds, or one with its unit, such as 5 min',
);
