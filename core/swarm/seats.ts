import type { Millis } from '../base/ids.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import type { SeatedPeer } from '../strategy/peers/turnover.ts';
import { leastUseful } from '../strategy/peers/turnover.ts';
import type { SwarmState } from './state.ts';

/** How long a newcomer may take to say what it wants. Most clients do so in their first messages; some look at their files first. */
const SETTLING = 60_000 as Millis;
/** Bytes a second over the whole connection, either way: a block every 16 s. */
const LEAST_RATE = 1024;

/** Which of the peers that `may` leave makes room for a newcomer: see `leastUseful`. */
export function makeRoom(
  { peers, ports, share, seeding }: SwarmState,
  newcomer: string | undefined,
  may: (session: PeerSession) => boolean,
  visitsOf: (machine: string) => number,
  turn: boolean,
): PeerSession | undefined {
  const now = ports.clock.now();
  const since = (at: number): Millis => Math.max(0, now - at) as Millis;
  const seats: SeatedPeer<PeerSession>[] = [];
  for (const peer of peers) {
    const { session } = peer;
    if (session.over) continue;
    const machine = machineOf(session.remote.host, session.peerId);
    const connectedFor = since(peer.connectedAt);
    const exchanged = peer.down.total + peer.up.total - peer.gifts;
    seats.push({
      id: session,
      machine,
      // A peer that waits for blocks is not idle; one that we choke waits for gifts at most.
      idleFor: peer.uploads.size > 0 && !peer.amChoking ? (0 as Millis) : since(peer.tradedAt ?? peer.connectedAt),
      traded: peer.tradedAt !== undefined,
      trickles: connectedFor >= SETTLING && exchanged * 1000 < connectedFor * LEAST_RATE,
      visits: visitsOf(machine),
      interested: peer.peerInterested,
      interesting: peer.amInterested,
      declines: peer.declines,
      priority: peer.link.priority,
    });
  }
  return leastUseful({ peers: seats, seeding: seeding || share.left === 0, newcomer, settling: SETTLING, turn, may });
}
