import type { PieceIndex } from '../../base/ids.ts';

/** A piece of which some blocks lie on disk (B3). */
export interface BegunRecord {
  readonly piece: PieceIndex;
  readonly blocks: Uint8Array;
}
