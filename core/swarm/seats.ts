import type { Millis } from '../base/ids.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { SeatedPeer } from '../strategy/peers/turnover.ts';
import { leastUseful } from '../strategy/peers/turnover.ts';
import type { SwarmState } from './state.ts';

/** How long a newcomer may take to say what it wants. Most clients do so in their first messages; some look at their files first. */
const SETTLING = 60_000 as Millis;

/** Which of the peers that `may` leave makes room for a newcomer: see `leastUseful`. */
export function makeRoom(
  { peers, ports, share, seeding }: SwarmState,
  newcomer: string | undefined,
  may: (session: PeerSession) => boolean,
): PeerSession | undefined {
  const now = ports.clock.now();
  const since = (at: number): Millis => Math.max(0, now - at) as Millis;
  const seats: SeatedPeer<PeerSession>[] = [];
  for (const peer of peers) {
    const { session } = peer;
    if (session.over) continue;
    seats.push({
      id: session,
      machine: machineOf(session.remote.host, session.peerId),
      // A peer that waits for blocks is not idle.
      idleFor: peer.uploads.size > 0 ? (0 as Millis) : since(peer.tradedAt ?? peer.connectedAt),
      traded: peer.tradedAt !== undefined,
      interested: peer.peerInterested,
      interesting: peer.amInterested,
      declines: peer.declines,
    });
  }
  const left = share.count(PieceShare.open) + share.count(PieceShare.mine) + share.count(PieceShare.both);
  return leastUseful({ peers: seats, seeding: seeding || left === 0, newcomer, settling: SETTLING, may });
}
