import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { PeerPool } from './peer-pool.ts';
import type { SwarmState, Totals } from './state.ts';

/**
 * What is to be kept of a client that can end until a peer comes, as it has every piece and nobody is there. Undefined: it cannot. Who
 * was shown what (BEP 16) would be forgotten.
 */
export function keptAtRest(
  { seeding, share, tuning, totals }: SwarmState,
  { unused }: Pick<PeerPool, 'unused'>,
): Totals | undefined {
  const whole = share.count(PieceShare.present) === share.pieceCount;
  return seeding && whole && unused && !tuning.superSeeding ? { ...totals } : undefined;
}
