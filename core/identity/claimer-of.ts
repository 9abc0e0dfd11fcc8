import { GrantedClaimer } from '../claims/granted-claimer.ts';
import { WholeClaimer } from '../claims/whole-claimer.ts';
import type { Claimer } from '../strategy/claimer.ts';
import type { ShareMap } from '../strategy/share-map.ts';
import type { DownloadSetup, FromIdentity } from './messages.ts';
import type { Outbox } from './outbox.ts';

/** How an identity gets its pieces: an only one has all, several ask the coordinator. */
export function claimerOf(
  { infoHash, count }: Pick<DownloadSetup, 'infoHash' | 'count'>,
  share: ShareMap,
  outbox: Pick<Outbox, 'released' | 'flush'>,
  post: (message: FromIdentity) => void,
): Claimer {
  if (count === 1) return new WholeClaimer();
  return new GrantedClaimer(share, {
    claim: (pieces) => post({ type: 'claim', infoHash, pieces }),
    release: (pieces) => outbox.released(pieces),
    idle: () => {
      outbox.flush();
      post({ type: 'idle', infoHash });
    },
  });
}
