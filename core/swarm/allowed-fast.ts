import { piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { allowedFastSet } from '../wire/fast-set.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

/** How many pieces a new peer may have while it is choked (BEP 6 proposes 10). */
const ALLOWED_FAST = 10;

/** Tells a new peer which pieces it may have while choked (BEP 6, "allowed fast"), if it has few pieces. */
export function grantFast(state: SwarmState, peer: SwarmPeer, serves: (piece: PieceIndex) => boolean): void {
  // Who uploads to nobody makes no exception.
  if (state.tuning.maxUploads === 0) return;
  if (!peer.session.fast || peer.pieces.count >= ALLOWED_FAST || peer.grantedFast.size > 0) return;
  const set = allowedFastSet(state.info.infoHash, peer.session.remote.host, state.info.pieceCount, ALLOWED_FAST);
  for (const piece of set) {
    if (!serves(piece) || peer.pieces.has(piece)) continue;
    peer.grantedFast.add(piece);
    peer.fastBudget += state.geometry.pieceSize(piece);
    peer.session.batch.allowedFast(pieceIndex(piece));
  }
}
