import { type IdentityIndex, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import type { PieceNews } from './claim-store.ts';

/** How many pieces one message tells of: 2 KiB, whichever of them are there. */
export const CHUNK_PIECES = 16_384;
const VERSION = 1;

/**
 * What each identity says that it verified and wrote, in chunks of many pieces. A chunk says all that is there of it, so that it may be
 * told twice, and only the last of each needs to be kept.
 */
export class HaveBoard {
  readonly #pieceCount: number;
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #news = new Map<string, PieceNews>();
  /** For each piece one bit for each identity that has it. */
  readonly #holders: Uint32Array;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#holders = new Uint32Array(pieceCount);
  }

  /** Who says to have a piece: bit i for identity i. */
  holders(piece: PieceIndex): number {
    return this.#holders[piece] ?? 0;
  }

  /** An identity says this of a chunk. Returns false for what is not valid, as somebody else may have written it. */
  read(identity: IdentityIndex, chunk: number, data: Uint8Array): boolean {
    const bytes = bytesIn(chunk, this.#pieceCount);
    if (bytes <= 0 || data.length !== bytes + 1 || data[0] !== VERSION) return false;
    const now = data.subarray(1);
    const before = this.#chunks.get(`${identity}.${chunk}`);
    for (let i = 0; i < bytes; i++) {
      const changed = (now[i] ?? 0) ^ (before?.[i] ?? 0);
      if (changed === 0) continue;
      for (let bit = 0; bit < 8; bit++) {
        const p = chunk * CHUNK_PIECES + i * 8 + bit;
        if (((changed >> bit) & 1) === 0 || p >= this.#pieceCount) continue;
        const piece = pieceIndex(p);
        const present = (((now[i] ?? 0) >> bit) & 1) === 1;
        this.#news.set(`${identity}.${piece}`, { piece, identity, present });
        const others = (this.#holders[p] ?? 0) & ~(1 << identity);
        this.#holders[p] = present ? others | (1 << identity) : others;
      }
    }
    this.#chunks.set(`${identity}.${chunk}`, now.slice());
    return true;
  }

  /** What each identity says last about each piece with news since the last call. */
  takeNews(): PieceNews[] {
    const out = [...this.#news.values()];
    this.#news.clear();
    return out;
  }
}

/** The pieces that this identity verified and wrote, as it tells them. */
export class OwnHaves {
  readonly #pieceCount: number;
  readonly #chunks: Uint8Array[];

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    const count = Math.ceil(pieceCount / CHUNK_PIECES);
    this.#chunks = Array.from({ length: count }, (_, chunk) => {
      const data = new Uint8Array(bytesIn(chunk, pieceCount) + 1);
      data[0] = VERSION;
      return data;
    });
  }

  /** Every chunk, as it is told. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** Returns the chunks that are to be told anew. */
  add(pieces: readonly PieceIndex[]): Set<number> {
    const changed = new Set<number>();
    for (const piece of pieces) {
      if (piece >= this.#pieceCount) continue;
      const chunk = Math.floor(piece / CHUNK_PIECES);
      const within = piece - chunk * CHUNK_PIECES;
      const data = this.#chunks[chunk];
      if (data === undefined) continue;
      const at = 1 + (within >> 3);
      data[at] = (data[at] ?? 0) | (1 << (within & 7));
      changed.add(chunk);
    }
    return changed;
  }
}

function bytesIn(chunk: number, pieceCount: number): number {
  return Math.ceil(Math.min(CHUNK_PIECES, pieceCount - chunk * CHUNK_PIECES) / 8);
}
