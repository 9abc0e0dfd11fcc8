import type { IdentityIndex } from '../base/ids.ts';
import { piece } from '../base/ids.ts';
import type { Claimer } from '../strategy/claimer.ts';
import { fixedRange } from '../strategy/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/share-map.ts';

/**
 * A fixed range (A6): its pieces are its own from the start and no other ever will be, so it asks nobody,
 * and works without a common directory.
 */
export class FixedClaimer implements Claimer {
  /** Makes the wanted pieces of the range `mine` and those outside of it `unwanted`; what is present stays so. */
  constructor(share: ShareMap, identity: IdentityIndex, count: number) {
    const { first, end } = fixedRange(identity, count, share.pieceCount);
    for (let p = 0; p < share.pieceCount; p++) {
      const state = share.get(piece(p));
      if (state === PieceShare.unwanted || state === PieceShare.present) continue;
      share.set(piece(p), p >= first && p < end ? PieceShare.mine : PieceShare.unwanted);
    }
  }

  claim(): void {}
  release(): void {}
  verified(): void {}
  idle(): void {}
}
