import type { HashRange } from '../base/hash-range.ts';
import type { Millis } from '../base/ids.ts';
import type { Info } from '../metainfo/torrent.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { SeatedPeer } from '../strategy/peers/turnover.ts';
import { LayerRequests } from './layer-requests.ts';
import type { PeerLink } from './peer-link.ts';

/** A peer that for this long gave none of the hashes that it was asked for makes room for another. */
const PATIENCE = 20_000;

export interface LayerFetchingNeeds {
  readonly clock: Clock;
  /** It sent hashes that lead to another root: it lied. */
  ban(link: PeerLink): void;
  /** It has no hashes for us. */
  useless(link: PeerLink): void;
  /** All are there: the roots of all pieces, as `Info.pieceRoots`. */
  done(pieceRoots: Uint8Array): void;
}

/** Fetches the piece layers that a magnet link's metadata does not have (BEP 52), as long as a swarm is there for nothing else. */
export class LayerFetching {
  readonly #needs: LayerFetchingNeeds;
  readonly #requests: LayerRequests<PeerLink>;
  /** Since when each peer has given nothing. */
  readonly #links = new Map<PeerLink, Millis>();

  constructor(info: Pick<Info, 'files' | 'pieceLength' | 'pieceCount'>, needs: LayerFetchingNeeds) {
    this.#needs = needs;
    this.#requests = new LayerRequests(info, { peers: () => this.#links.keys(), now: () => needs.clock.now() });
  }

  join(link: PeerLink): void {
    this.#links.set(link, this.#needs.clock.now());
    this.#requests.ask(link);
  }

  left(link: PeerLink): void {
    this.#links.delete(link);
    this.#requests.left(link);
  }

  /** Once a second: what was not answered is asked of others, and who answers nothing goes. */
  tick(now: Millis): void {
    this.#requests.askAll();
    for (const [link, since] of this.#links) if (now - since >= PATIENCE) this.#needs.useless(link);
  }

  /** Throws EnsembleError('protocol') for what was not asked for. */
  hashes(link: PeerLink, range: HashRange, hashes: Uint8Array): void {
    const got = this.#requests.take(link, range, hashes);
    if (got === 'lie') return this.#needs.ban(link);
    if (got === 'new') {
      this.#links.set(link, this.#needs.clock.now());
      const { roots } = this.#requests;
      if (roots !== undefined) return this.#needs.done(roots);
    }
    this.#requests.ask(link);
  }

  rejected(link: PeerLink, range: HashRange): void {
    this.#requests.rejected(link, range);
  }

  /** The peers as candidates to leave when another wants a place. */
  seats(now: Millis, visitsOf: (machine: string) => number): SeatedPeer<PeerSession>[] {
    const seats: SeatedPeer<PeerSession>[] = [];
    for (const [{ session, priority }, since] of this.#links) {
      if (session.over) continue;
      const machine = machineOf(session.remote.host, session.peerId);
      seats.push({
        id: session,
        machine,
        idleFor: (now - since) as Millis,
        traded: false,
        trickles: false,
        visits: visitsOf(machine),
        interested: false,
        interesting: session.v2,
        declines: false,
        priority,
      });
    }
    return seats;
  }
}
