/** Castagnoli's polynomial, reversed (RFC 3720, B.4). */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC-32C of these bytes, as an unsigned number. */
export function crc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  // By index: until V8 optimises it, which it does late here, each step of an iterator is an object of its own.
  for (let i = 0; i < data.length; i++) sum = (TABLE[(sum ^ (data[i] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
