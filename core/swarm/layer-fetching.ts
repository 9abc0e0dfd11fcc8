import type { HashRange } from '../base/hash-range.ts';
import type { Millis } from '../base/ids.ts';
import { LayerAssembly } from '../merkle/layer-assembly.ts';
import { fileTrees, singleRoots } from '../metainfo/file-trees.ts';
import type { Info } from '../metainfo/torrent.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { SeatedPeer } from '../strategy/peers/turnover.ts';
import { HashPicker } from '../strategy/pieces/hash-picker.ts';
import { unasked } from './link-handler.ts';
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

/** Fetches the piece layers that a magnet link's metadata does not have (BEP 52, "hash request"), from all peers of version 2. */
export class LayerFetching {
  readonly #needs: LayerFetchingNeeds;
  readonly #assembly: LayerAssembly;
  readonly #picker = new HashPicker<PeerLink>();
  /** Since when each peer has given nothing. */
  readonly #links = new Map<PeerLink, Millis>();

  constructor(info: Pick<Info, 'files' | 'pieceLength' | 'pieceCount'>, needs: LayerFetchingNeeds) {
    this.#needs = needs;
    this.#assembly = new LayerAssembly(fileTrees(info), singleRoots(info));
    for (let request = 0; request < this.#assembly.count; request++) this.#picker.want(request);
  }

  join(link: PeerLink): void {
    this.#links.set(link, this.#needs.clock.now());
    this.#ask(link);
  }

  left(link: PeerLink): void {
    this.#links.delete(link);
    this.#picker.left(link);
    this.#askAll();
  }

  /** Once a second: what was not answered is asked of others, and who answers nothing goes. */
  tick(now: Millis): void {
    this.#askAll();
    for (const [link, since] of this.#links) if (now - since >= PATIENCE) this.#needs.useless(link);
  }

  /** Throws EnsembleError('protocol') for what was not asked for. */
  hashes(link: PeerLink, range: HashRange, hashes: Uint8Array): void {
    const request = this.#assembly.requestFor(range);
    if (request === undefined || !this.#picker.answered(link, request)) throw unasked(range);
    // Where it is there already, another peer was asked as well and was faster.
    if (this.#picker.wants(request)) {
      if (!this.#assembly.add(range, hashes)) return this.#needs.ban(link);
      this.#picker.forget(request);
      this.#links.set(link, this.#needs.clock.now());
      if (this.#picker.size === 0) return this.#needs.done(this.#assembly.roots);
    }
    this.#ask(link);
  }

  rejected(link: PeerLink, range: HashRange): void {
    const request = this.#assembly.requestFor(range);
    if (request === undefined) return;
    this.#picker.rejected(link, request, this.#needs.clock.now());
    this.#askAll();
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

  #askAll(): void {
    for (const link of this.#links.keys()) this.#ask(link);
  }

  #ask(link: PeerLink): void {
    const { session } = link;
    while (session.v2 && !session.over) {
      const request = this.#picker.pick(link, this.#needs.clock.now());
      if (request === undefined) return;
      session.sendHashRequest(this.#assembly.range(request));
    }
  }
}
