import { readU32, writeU32 } from '../base/bytes.ts';

/**
 * SHA-1 (FIPS 180-4, 6.1.2) of at most 55 bytes, which is one round of it: this folder is free of Node's modules, and
 * the fast set needs no more. Payload is hashed by the `Hasher` port.
 */
export function sha1OfShort(data: Uint8Array): Uint8Array<ArrayBuffer> {
  if (data.length > 55) throw new RangeError(`${data.length} bytes do not fit one round of SHA-1; 55 do`);
  const words = schedule(data);
  let [a, b, c, d, e] = START;
  for (const [t, word] of words.entries()) {
    const { mix, constant } = step(t, b, c, d);
    const next = (rotate(a, 5) + mix + e + constant + word) >>> 0;
    [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
  }
  const out = new Uint8Array(20);
  for (const [i, value] of [a, b, c, d, e].entries()) writeU32(out, i * 4, (START[i] ?? 0) + value);
  return out;
}

const START: readonly [number, number, number, number, number] = [
  0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
];

/** The 80 words of the padded block. */
function schedule(data: Uint8Array): Uint32Array {
  const block = new Uint8Array(64);
  block.set(data);
  block[data.length] = 0x80;
  writeU32(block, 60, data.length * 8);
  const words = new Uint32Array(80);
  const word = (t: number): number => words[t] ?? 0;
  for (let t = 0; t < 16; t++) words[t] = readU32(block, t * 4);
  for (let t = 16; t < 80; t++) words[t] = rotate(word(t - 3) ^ word(t - 8) ^ word(t - 14) ^ word(t - 16), 1);
  return words;
}

/** Function and constant of step `t` (FIPS 180-4, 4.1.1 and 4.2.1). */
function step(t: number, b: number, c: number, d: number): { mix: number; constant: number } {
  if (t < 20) return { mix: (b & c) ^ (~b & d), constant: 0x5a827999 };
  if (t < 40) return { mix: b ^ c ^ d, constant: 0x6ed9eba1 };
  if (t < 60) return { mix: (b & c) ^ (b & d) ^ (c & d), constant: 0x8f1bbcdc };
  return { mix: b ^ c ^ d, constant: 0xca62c1d6 };
}

function rotate(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
