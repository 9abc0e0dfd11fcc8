import { type Millis, millis, wholeSeconds } from '../../base/ids.ts';
import type { DownloadSnapshot, IdentitySnapshot } from '../../engine/engine.ts';
import type { AddressView, IdentityView } from '../views.ts';

/** What a window shows of an identity. */
export function identityView(
  download: Pick<DownloadSnapshot, 'pieceLength' | 'timeLeft' | 'options'>,
  identity: IdentitySnapshot,
  at: Pick<AddressView, 'interfaceName' | 'kind'> | undefined,
): IdentityView {
  const { held, rate, ...same } = identity;
  return {
    machine: null,
    address: null,
    link: null,
    waits: null,
    port: null,
    proxy: null,
    restarted: null,
    pid: null,
    ...same,
    // An address of another machine is not of this one's interfaces, even where it has the same.
    ...(identity.machine === undefined
      ? { interfaceName: at?.interfaceName ?? null, linkKind: at?.kind ?? null }
      : { interfaceName: identity.interfaceName ?? null, linkKind: identity.linkKind ?? null }),
    pieces: held,
    timeLeft: timeLeft(download, identity),
    down: Math.round(rate.down),
    up: Math.round(rate.up),
    active: wholeSeconds(identity.active),
  };
}

/** Time until it leaves the swarm: with a range of its own, when that is there; otherwise together with the others, since shares move. */
function timeLeft(
  { pieceLength, timeLeft: all, options }: Pick<DownloadSnapshot, 'pieceLength' | 'timeLeft' | 'options'>,
  { state, claimed, rate }: IdentitySnapshot,
): Millis | null {
  if (state !== 'downloading') return null;
  if (options.selection !== 'fixed') return all === undefined ? null : wholeSeconds(all);
  if (claimed === 0 || rate.down === 0) return null;
  return millis(Math.ceil((claimed * pieceLength) / rate.down) * 1000);
}
