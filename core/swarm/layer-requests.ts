import type { HashRange } from '../base/hash-range.ts';
import type { Millis } from '../base/ids.ts';
import { LayerAssembly } from '../merkle/layer-assembly.ts';
import { fileTrees, singleRoots } from '../metainfo/file-trees.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { PeerSession } from '../peer/session.ts';
import { HashPicker } from '../strategy/pieces/hash-picker.ts';
import { unasked } from './link-handler.ts';

interface Asked {
  readonly session: PeerSession;
}

export interface LayerRequestsNeeds<P extends Asked> {
  peers(): Iterable<P>;
  now(): Millis;
}

/** Asks the peers of version 2 for the piece layers of a torrent (BEP 52, "hash request"), and puts them together. */
export class LayerRequests<P extends Asked> {
  readonly #needs: LayerRequestsNeeds<P>;
  readonly #assembly: LayerAssembly;
  readonly #picker = new HashPicker<P>();

  constructor(info: Pick<Info, 'files' | 'pieceLength' | 'pieceCount'>, needs: LayerRequestsNeeds<P>) {
    this.#needs = needs;
    this.#assembly = new LayerAssembly(fileTrees(info), singleRoots(info));
    for (let request = 0; request < this.#assembly.count; request++) this.#picker.want(request);
  }

  /** As `Info.pieceRoots`; undefined while some are missing. */
  get roots(): Uint8Array | undefined {
    return this.#picker.size === 0 ? this.#assembly.roots : undefined;
  }

  /** Whether it is a range of the piece layers. */
  concerns(range: HashRange): boolean {
    return this.#assembly.requestFor(range) !== undefined;
  }

  /** What a peer gave. `lie`: it leads to another root. `late`: another peer was faster. Throws EnsembleError('protocol') for what was not asked for. */
  take(peer: P, range: HashRange, hashes: Uint8Array): 'new' | 'late' | 'lie' {
    const request = this.#assembly.requestFor(range);
    if (request === undefined || !this.#picker.answered(peer, request)) throw unasked(range);
    if (!this.#picker.wants(request)) return 'late';
    if (!this.#assembly.add(range, hashes)) return 'lie';
    this.#picker.forget(request);
    return 'new';
  }

  rejected(peer: P, range: HashRange): void {
    const request = this.#assembly.requestFor(range);
    if (request === undefined) return;
    this.#picker.rejected(peer, request, this.#needs.now());
    this.askAll();
  }

  left(peer: P): void {
    this.#picker.left(peer);
    this.askAll();
  }

  /** Asks for what is missing, and for what was not answered of others: to be called once a second. */
  askAll(): void {
    if (this.#picker.size > 0) for (const peer of this.#needs.peers()) this.ask(peer);
  }

  ask(peer: P): void {
    const { session } = peer;
    while (session.v2 && !session.over) {
      const request = this.#picker.pick(peer, this.#needs.now());
      if (request === undefined) return;
      session.sendHashRequest(this.#assembly.range(request));
    }
  }
}
