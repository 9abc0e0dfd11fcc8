/** What the product uses of the package `bencode`, which brings no types. */
declare module 'bencode' {
  const bencode: {
    /** Dictionaries are plain objects; keys that are no UTF-8 become hex. Lax: only for what the gate has passed. */
    decode(data: Uint8Array): unknown;
    /** Sorts keys; leaves out undefined values. */
    encode(value: unknown): Uint8Array;
  };
  export default bencode;
}
