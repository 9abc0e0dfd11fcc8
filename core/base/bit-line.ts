import type { Bitfield } from './bitfield.ts';

/** How many bits a byte has set. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++;
  return ones;
});

/**
 * Summarises a set in at most `cells` cells, each with how much of its stretch is in the set: from 0 (nothing) to 255 (all), and
 * never 0 where anything is. With more than 8 pieces a cell, cells end at whole bytes, which makes this cheap.
 */
export function bitLine(set: Bitfield, cells: number): Uint8Array {
  const step = set.length > 8 * cells ? 8 : 1;
  const units = Math.ceil(set.length / step);
  const out = new Uint8Array(Math.min(cells, units));
  for (let cell = 0; cell < out.length; cell++) {
    const from = Math.floor((cell * units) / out.length);
    const to = Math.floor(((cell + 1) * units) / out.length);
    let have = 0;
    if (step === 8) for (let b = from; b < to; b++) have += ONES[set.bytes[b] ?? 0] ?? 0;
    else for (let p = from; p < to; p++) have += set.has(p) ? 1 : 0;
    const size = Math.min(set.length, to * step) - from * step;
    out[cell] = have === 0 ? 0 : Math.max(1, Math.floor((255 * have) / size));
  }
  return out;
}
