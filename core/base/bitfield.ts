/** A set of piece indexes in wire form: the high bit of byte 0 is piece 0 (BEP 3, "bitfield"). */
export class Bitfield {
  readonly length: number;
  /** Made when it is needed: of thousands of torrents most sets hold all pieces, or none. */
  #bytes: Uint8Array | undefined;
  #count = 0;

  /** An empty set over `length` pieces. */
  constructor(length: number) {
    this.length = length;
  }

  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      this.#bytes = new Uint8Array((this.length + 7) >>> 3);
      if (this.#count > 0) this.setAll();
    }
    return this.#bytes;
  }

  /** From wire form; undefined where the size is wrong or a spare bit is set. The bytes are copied. */
  static fromWire(length: number, data: Uint8Array): Bitfield | undefined {
    if (data.length !== (length + 7) >>> 3) return undefined;
    const spare = data.length * 8 - length;
    if (spare > 0 && ((data[data.length - 1] ?? 0) & ((1 << spare) - 1)) !== 0) return undefined;
    const out = new Bitfield(length);
    out.bytes.set(data);
    out.#recount();
    return out;
  }

  /** A set of all of `length` pieces. */
  static full(length: number): Bitfield {
    const out = new Bitfield(length);
    out.setAll();
    return out;
  }

  /** How many pieces are in the set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(index: number): boolean {
    const bytes = this.#bytes;
    if (bytes === undefined) return this.#count > 0 && index >= 0 && index < this.length;
    return ((bytes[index >>> 3] ?? 0) & (0x80 >>> (index & 7))) !== 0;
  }

  /** Adds a piece; false where it was in the set already, or the index is out of range. */
  add(index: number): boolean {
    if (index < 0 || index >= this.length || this.has(index)) return false;
    if (this.length > 1 || this.#bytes !== undefined) {
      const { bytes } = this;
      bytes[index >>> 3] = (bytes[index >>> 3] ?? 0) | (0x80 >>> (index & 7));
    }
    this.#count++;
    return true;
  }

  /** Removes a piece; false where it was not in the set. */
  delete(index: number): boolean {
    if (index < 0 || index >= this.length || !this.has(index)) return false;
    if (this.length > 1 || this.#bytes !== undefined) {
      const { bytes } = this;
      bytes[index >>> 3] = (bytes[index >>> 3] ?? 0) & ~(0x80 >>> (index & 7));
    }
    this.#count--;
    return true;
  }

  setAll(): void {
    const bytes = this.#bytes;
    bytes?.fill(0xff);
    const spare = bytes === undefined ? 0 : bytes.length * 8 - this.length;
    if (bytes !== undefined && spare > 0) bytes[bytes.length - 1] = (0xff << spare) & 0xff;
    this.#count = this.length;
  }

  clear(): void {
    this.#bytes?.fill(0);
    this.#count = 0;
  }

  /** Takes over the members of another set of the same length. */
  assign(other: Bitfield): void {
    this.bytes.set(other.bytes.subarray(0, this.bytes.length));
    this.#count = other.#count;
  }

  /** Keeps only what is also in `other`, a set of the same length. */
  retain(other: Bitfield): void {
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = (this.bytes[i] ?? 0) & (other.bytes[i] ?? 0);
    this.#recount();
  }

  clone(): Bitfield {
    const out = new Bitfield(this.length);
    out.#bytes = this.#bytes?.slice();
    out.#count = this.#count;
    return out;
  }

  /** The pieces in the set, ascending. */
  *indexes(): Generator<number> {
    if (this.isEmpty) return;
    for (let i = 0; i < this.bytes.length; i++) {
      const byte = this.bytes[i] ?? 0;
      if (byte === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >>> bit)) !== 0) yield i * 8 + bit;
    }
  }

  #recount(): void {
    let count = 0;
    for (let byte of this.bytes) for (; byte !== 0; byte &= byte - 1) count++;
    this.#count = count;
  }
}
