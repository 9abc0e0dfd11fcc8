import type { HashRange } from '../base/hash-range.ts';
import type { PieceIndex } from '../base/ids.ts';
import { FileTrees } from '../metainfo/file-trees.ts';
import { HashServing } from './hash-serving.ts';
import { LayerRequests } from './layer-requests.ts';
import { LeafFetching } from './leaf-fetching.ts';
import { unasked } from './link-handler.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

/** Wrong pieces that wait for the piece layers: more are not looked into at a time anyway. */
const MOST_WAITING = 16;

/**
 * The hashes that go between us and the peers of a torrent of version 2 (BEP 52); of version 1 there are none. Of a hybrid that came
 * by a link of version 1 the piece layers are asked for while it is fetched, and nothing waits for them.
 */
export class PeerHashes {
  /** It became known what the hash of each block of a piece must be. */
  onLeaves: ((piece: PieceIndex, leaves: Uint8Array) => void) | undefined;
  readonly #serving: HashServing | undefined;
  readonly #leaves: LeafFetching | undefined;
  readonly #state: SwarmState;
  readonly #ban: (host: string) => void;
  /** Made once there is somebody to ask. */
  #layers: LayerRequests<SwarmPeer> | undefined;
  /** Pieces that turned out wrong before the piece layers were there. */
  readonly #waiting = new Set<PieceIndex>();

  constructor(state: SwarmState, needs: { serves(piece: PieceIndex): boolean; ban(host: string): void }) {
    const { info, geometry, ports } = state;
    this.#state = state;
    this.#ban = (host) => needs.ban(host);
    if (info.id.v2 === undefined) return;
    const trees = new FileTrees(info, geometry);
    this.#serving = new HashServing(state, trees, (piece) => needs.serves(piece));
    this.#leaves = new LeafFetching({
      trees,
      pieceRoots: () => state.pieceRoots,
      peers: () => state.peers,
      now: () => ports.clock.now(),
      ban: this.#ban,
      known: (piece, leaves) => this.onLeaves?.(piece, leaves),
    });
  }

  requested(peer: SwarmPeer, range: HashRange): void {
    if (this.#serving === undefined) peer.session.sendHashReject(range);
    else this.#serving.requested(peer, range);
  }

  /** Throws EnsembleError('protocol') for hashes that nobody asked for. */
  given(peer: SwarmPeer, range: HashRange, hashes: Uint8Array): void {
    if (this.#layers?.concerns(range) === true) return this.#layerGiven(this.#layers, peer, range, hashes);
    if (this.#leaves === undefined) throw unasked(range);
    this.#leaves.hashes(peer, range, hashes);
  }

  #layerGiven(layers: LayerRequests<SwarmPeer>, peer: SwarmPeer, range: HashRange, hashes: Uint8Array): void {
    if (layers.take(peer, range, hashes) === 'lie') return this.#ban(peer.host);
    layers.ask(peer);
    if (this.#state.pieceRoots !== undefined || layers.roots === undefined) return;
    this.#state.pieceRoots = layers.roots;
    for (const piece of this.#waiting) this.#leaves?.want(piece);
    this.#waiting.clear();
  }

  rejected(peer: SwarmPeer, range: HashRange): void {
    if (this.#layers?.concerns(range) === true) this.#layers.rejected(peer, range);
    else this.#leaves?.rejected(peer, range);
  }

  /** A piece was wrong, and several peers had a part in it: asks which block it was, or says at once where that is known. */
  wrong(piece: PieceIndex): void {
    if (this.#state.pieceRoots !== undefined) this.#leaves?.want(piece);
    else if (this.#leaves !== undefined && this.#waiting.size < MOST_WAITING) this.#waiting.add(piece);
  }

  /** A piece is right, or not fetched any more. */
  settled(piece: PieceIndex): void {
    this.#waiting.delete(piece);
    this.#leaves?.forget(piece);
  }

  drained(): void {
    this.#serving?.drained();
  }

  left(peer: SwarmPeer): void {
    this.#serving?.forget(peer);
    this.#leaves?.left(peer);
    this.#layers?.left(peer);
  }

  /** Once a second. */
  tick(): void {
    this.#leaves?.tick();
    if (this.#leaves !== undefined && this.#state.pieceRoots === undefined) this.#askForLayers();
  }

  #askForLayers(): void {
    const { info, peers, ports, seeding } = this.#state;
    // A seed makes them of its own bytes.
    if (seeding) return;
    if (this.#layers === undefined && [...peers].some(({ session }) => session.v2)) {
      this.#layers = new LayerRequests(info, { peers: () => peers, now: () => ports.clock.now() });
    }
    this.#layers?.askAll();
  }
}
