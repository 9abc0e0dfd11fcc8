/** The CRC-32 of Ethernet and ZIP (polynomial 0xedb88320): tells a torn or rotten record from a whole one. */
const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    table[n] = value >>> 0;
  }
  return table;
}

/** The checksum of `data`, unsigned. */
export function crc32(data: Uint8Array): number {
  let value = 0xffffffff;
  for (let i = 0; i < data.length; i++) value = (value >>> 8) ^ (TABLE[(value ^ (data[i] ?? 0)) & 0xff] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
}
