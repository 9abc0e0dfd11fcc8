import type { PieceIndex } from '../../base/ids.ts';
import type { BegunPiece, PickerPeer } from './begun-piece.ts';

/** Told of each block that is asked of one more peer. */
type Doubled = (piece: PieceIndex, block: number) => void;

/** A peer has to be this many times as fast as the one that was asked first. */
const LATE = 3;

/** End-game: marks up to `count` blocks that are on their way from others as asked of this peer too, those asked of the fewest first. */
export function doubleAll<P extends PickerPeer>(
  pieces: readonly BegunPiece<P>[],
  peer: P,
  count: number,
  doubled: Doubled,
): number {
  let left = count;
  for (let requesters = 1, more = true; left > 0 && more; requesters++) {
    more = false;
    for (const begun of pieces) {
      for (let block = 0; block < begun.blocks && left > 0; block++) {
        const n = begun.requesters(block);
        more ||= n > requesters;
        if (n !== requesters || begun.requestedFrom(block, peer)) continue;
        begun.double(block, peer);
        doubled(begun.piece, block);
        left--;
      }
    }
  }
  return count - left;
}

/** For a piece that somebody waits for: the same with blocks on their way from one much slower peer alone, once none is missing. */
export function doubleLate<P extends PickerPeer>(
  begun: BegunPiece<P>,
  peer: P,
  count: number,
  doubled: Doubled,
): number {
  const { rate = 0 } = peer;
  if (rate === 0 || begun.missing > 0 || begun.solo) return 0;
  let taken = 0;
  for (let block = 0; block < begun.blocks && taken < count; block++) {
    if (begun.requesters(block) !== 1 || begun.requestedFrom(block, peer)) continue;
    if ((begun.asked(block)?.rate ?? 0) * LATE > rate) continue;
    begun.double(block, peer);
    doubled(begun.piece, block);
    taken++;
  }
  return taken;
}
