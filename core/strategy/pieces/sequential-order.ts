import type { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';
import type { PieceOrder } from './piece-order.ts';

/** Pieces of one priority. */
interface Level {
  readonly bits: Uint8Array;
  /** No bit is set in a byte before this one. */
  low: number;
}

/** Pieces by priority, then ascending. Finding takes one step for eight pieces. */
export class SequentialOrder implements PieceOrder {
  readonly #priority: (piece: PieceIndex) => number;
  readonly #pieceCount: number;
  /** By priority, 0 to 7. */
  readonly #levels: (Level | undefined)[] = [];
  #size = 0;

  constructor(pieceCount: number, priority: (piece: PieceIndex) => number) {
    this.#pieceCount = pieceCount;
    this.#priority = priority;
    for (let i = 0; i < 8; i++) this.#levels.push(undefined);
  }

  get size(): number {
    return this.#size;
  }

  add(piece: PieceIndex): void {
    const priority = this.#priority(piece);
    const level = (this.#levels[priority] ??= { bits: new Uint8Array((this.#pieceCount + 7) >>> 3), low: 0 });
    const byte = piece >>> 3;
    const bit = 0x80 >>> (piece & 7);
    if (((level.bits[byte] ?? 0) & bit) !== 0) return;
    level.bits[byte] = (level.bits[byte] ?? 0) | bit;
    level.low = Math.min(level.low, byte);
    this.#size++;
  }

  remove(piece: PieceIndex): void {
    const byte = piece >>> 3;
    const bit = 0x80 >>> (piece & 7);
    for (const level of this.#levels) {
      if (level === undefined || ((level.bits[byte] ?? 0) & bit) === 0) continue;
      level.bits[byte] = (level.bits[byte] ?? 0) & ~bit;
      this.#size--;
    }
  }

  /** Availability does not matter here. */
  update(): void {}

  find(pieces: Bitfield, count: number, out: PieceIndex[], except?: ReadonlySet<PieceIndex>): void {
    const end = out.length + count;
    for (let priority = 7; priority >= 0 && out.length < end; priority--) {
      const level = this.#levels[priority];
      if (level === undefined) continue;
      const { bits } = level;
      while (level.low < bits.length && bits[level.low] === 0) level.low++;
      for (let i = level.low; i < bits.length && out.length < end; i++) {
        for (let rest = (bits[i] ?? 0) & (pieces.bytes[i] ?? 0); rest !== 0 && out.length < end;) {
          const bit = Math.clz32(rest) - 24;
          rest &= ~(0x80 >>> bit);
          const piece = (i * 8 + bit) as PieceIndex;
          if (except?.has(piece) !== true) out.push(piece);
        }
      }
    }
  }

  worstFirst(): PieceIndex[] {
    const out: PieceIndex[] = [];
    for (const level of this.#levels) {
      for (let i = (level?.bits.length ?? 0) * 8 - 1; i >= 0; i--) {
        if (((level?.bits[i >>> 3] ?? 0) & (0x80 >>> (i & 7))) !== 0) out.push(i as PieceIndex);
      }
    }
    return out;
  }
}
