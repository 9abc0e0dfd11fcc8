import type { HashRange } from '../base/hash-range.ts';
import type { PieceIndex } from '../base/ids.ts';
import { FileTrees } from '../metainfo/file-trees.ts';
import { HashServing } from './hash-serving.ts';
import { LeafFetching } from './leaf-fetching.ts';
import { unasked } from './link-handler.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

/** The hashes that go between us and the peers of a torrent of version 2 (BEP 52); of version 1 there are none. */
export class PeerHashes {
  /** It became known what the hash of each block of a piece must be. */
  onLeaves: ((piece: PieceIndex, leaves: Uint8Array) => void) | undefined;
  readonly #serving: HashServing | undefined;
  readonly #leaves: LeafFetching | undefined;

  constructor(state: SwarmState, needs: { serves(piece: PieceIndex): boolean; ban(host: string): void }) {
    const { info, geometry, ports } = state;
    if (info.id.v2 === undefined) return;
    const trees = new FileTrees(info, geometry);
    this.#serving = new HashServing(state, trees, (piece) => needs.serves(piece));
    this.#leaves = new LeafFetching({
      trees,
      pieceRoots: () => info.pieceRoots,
      peers: () => state.peers,
      now: () => ports.clock.now(),
      ban: (host) => needs.ban(host),
      known: (piece, leaves) => this.onLeaves?.(piece, leaves),
    });
  }

  requested(peer: SwarmPeer, range: HashRange): void {
    if (this.#serving === undefined) peer.session.sendHashReject(range);
    else this.#serving.requested(peer, range);
  }

  /** Throws EnsembleError('protocol') for hashes that nobody asked for. */
  given(peer: SwarmPeer, range: HashRange, hashes: Uint8Array): void {
    if (this.#leaves === undefined) throw unasked(range);
    this.#leaves.hashes(peer, range, hashes);
  }

  rejected(peer: SwarmPeer, range: HashRange): void {
    this.#leaves?.rejected(peer, range);
  }

  /** A piece was wrong, and several peers had a part in it: asks which block it was, or says at once where that is known. */
  wrong(piece: PieceIndex): void {
    this.#leaves?.want(piece);
  }

  /** A piece is right, or not fetched any more. */
  settled(piece: PieceIndex): void {
    this.#leaves?.forget(piece);
  }

  drained(): void {
    this.#serving?.drained();
  }

  left(peer: SwarmPeer): void {
    this.#serving?.forget(peer);
    this.#leaves?.left(peer);
  }

  /** Once a second. */
  tick(): void {
    this.#leaves?.tick();
  }
}
