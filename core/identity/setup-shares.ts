import { piece as pieceIndex } from '../base/ids.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { DownloadSetup } from './messages.ts';

/** The share map that an identity starts with, as told when it was given the download. */
export function shareMap(pieceCount: number, setup: Pick<DownloadSetup, 'count' | 'shares' | 'whole'>): ShareMap {
  if (setup.whole === true) return new ShareMap(pieceCount, PieceShare.present);
  const share = new ShareMap(pieceCount, setup.count === 1 ? PieceShare.mine : PieceShare.open);
  setup.shares?.forEach((state, i) => share.set(pieceIndex(i), state as PieceShare));
  return share;
}
