import { concatBytes } from '../base/bytes.ts';
import { type HashRange, uncleCount } from '../base/hash-range.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { millis, piece as pieceIndex } from '../base/ids.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { isGiven, piecesOf, unclesOf } from '../merkle/ranges.ts';
import { blankHash, hashAt, HASH_LENGTH, rootOf } from '../merkle/tree.ts';
import { UpperTree } from '../merkle/upper-tree.ts';
import type { FileTrees } from '../metainfo/file-trees.ts';
import type { WantedLayer } from '../merkle/layer-assembly.ts';
import { leafHashes } from './leaf-hashes.ts';
import { MadeLayers } from './made-layers.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';
import { uploadBuckets } from './upload-side.ts';

/** Requests of one peer that wait; further ones are refused. */
const MOST_WAITING = 32;
/** A peer that leaves so many bytes unread is given nothing more until it has read them. */
const MOST_UNREAD = 1024 * 1024;
/** Files whose upper trees are kept: those of large files take the longest to make. */
const MOST_TREES = 16;
/** Steps of an upper tree, of half a millisecond each, before others get their turn. */
const STEPS = 8;
/** Leaves are hashed from disk: a peer gets so many pieces at once, and then one in so many ms. */
const LEAF_BURST = 8;
const LEAF_EVERY = 1_000;
/** Bytes of a piece that are in memory at a time; whole leaves. */
const READ_AT_ONCE = 1024 * 1024;

interface Waiting {
  readonly ranges: HashRange[];
  /** Leaf requests that it may make, and as of when. */
  leaves: number;
  since: Millis;
}

/**
 * Answers hash requests (BEP 52): the piece layers and what is above them from what is known of the torrent, leaves from the
 * pieces that we upload. One answer at a time in the whole swarm, peers in turn, within the upload limits.
 */
export class HashServing {
  readonly #state: SwarmState;
  readonly #trees: FileTrees;
  readonly #serves: (piece: PieceIndex) => boolean;
  readonly #waiting = new Map<SwarmPeer, Waiting>();
  readonly #layers: MadeLayers;
  readonly #upper = new Map<string, UpperTree>();
  #busy = false;
  /** Ends the wait for the limits. */
  #wake: (() => void) | undefined;
  /** The leaves that were read last: of a large piece they are asked for in many parts. */
  #last: LeafRun | undefined;

  constructor(state: SwarmState, trees: FileTrees, serves: (piece: PieceIndex) => boolean) {
    this.#state = state;
    this.#trees = trees;
    this.#serves = serves;
    this.#layers = new MadeLayers(state, serves, () => void this.#serve());
  }

  requested(peer: SwarmPeer, range: HashRange): void {
    const waiting = this.#of(peer);
    const tree = this.#trees.of(range.root);
    const full = waiting.ranges.length >= MOST_WAITING;
    if (full || tree === undefined || !isGiven(tree, range) || !this.#mayHave(waiting, tree, range)) {
      return peer.session.sendHashReject(range);
    }
    waiting.ranges.push(range);
    void this.#serve();
  }

  /** The peer's socket has room again. */
  drained(): void {
    void this.#serve();
  }

  forget(peer: SwarmPeer): void {
    this.#waiting.delete(peer);
    if (this.#waiting.size === 0) this.#wake?.();
  }

  #of(peer: SwarmPeer): Waiting {
    let waiting = this.#waiting.get(peer);
    if (waiting === undefined) {
      waiting = { ranges: [], leaves: LEAF_BURST, since: this.#state.ports.clock.now() };
      this.#waiting.set(peer, waiting);
    }
    return waiting;
  }

  #mayHave(waiting: Waiting, tree: WantedLayer, range: HashRange): boolean {
    if (range.base > 0 || tree.pieceLayer === 0) return piecesOf(tree) < 2 || this.#layers.has(tree);
    if (this.#piecesFor(tree, range) === undefined) return false;
    const now = this.#state.ports.clock.now();
    waiting.leaves = Math.min(LEAF_BURST, waiting.leaves + (now - waiting.since) / LEAF_EVERY);
    waiting.since = now;
    if (waiting.leaves < 1) return false;
    waiting.leaves--;
    return true;
  }

  async #serve(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let found = true; found;) {
        found = false;
        for (const [peer, { ranges }] of this.#waiting) {
          if (peer.session.over || peer.session.queued >= MOST_UNREAD) continue;
          const at = ranges.findIndex((range) => !this.#isDue(range));
          const [range] = at < 0 ? [] : ranges.splice(at, 1);
          if (range === undefined) continue;
          found = true;
          await this.#inTurn(peer);
          // What cannot be read is not there: whoever fetches or serves it will find out and say so.
          const hashes = await this.#answer(range).catch(() => undefined);
          if (peer.session.over) continue;
          if (hashes === undefined) peer.session.sendHashReject(range);
          else this.#send(peer, range, hashes);
        }
      }
    } finally {
      this.#busy = false;
    }
  }

  #send(peer: SwarmPeer, range: HashRange, hashes: Uint8Array): void {
    peer.session.sendHashes(range, hashes);
    const now = this.#state.ports.clock.now();
    for (const bucket of uploadBuckets(this.#state)[peer.session.transport]) bucket.spend(hashes.length, now);
  }

  /**
   * Waits as long as it takes to pay what is owed under the limits now. Blocks may be sent meanwhile, but are not waited for: under a
   * limit that they use up there would be no turn for hashes.
   */
  async #inTurn(peer: SwarmPeer): Promise<void> {
    const { clock } = this.#state.ports;
    const now = clock.now();
    const waits = uploadBuckets(this.#state)[peer.session.transport].map((bucket) => bucket.wait(1, now));
    const wait = millis(Math.max(0, ...waits));
    if (wait === 0) return;
    await new Promise<void>((go) => {
      const timer = clock.after(wait, go);
      this.#wake = () => {
        timer.cancel();
        go();
      };
    });
    this.#wake = undefined;
  }

  async #answer(range: HashRange): Promise<Uint8Array | undefined> {
    const tree = this.#trees.of(range.root);
    if (tree === undefined) return undefined;
    const one = piecesOf(tree) < 2;
    const above = needsLayer(tree, range);
    const upper = above ? await this.#upperOf(tree) : undefined;
    if (above && upper === undefined) return undefined;
    const fromDisk = range.base === 0 && (one || tree.pieceLayer > 0);
    const leaves = fromDisk ? await this.#leaves(tree, range) : undefined;
    if (fromDisk && leaves === undefined) return undefined;
    const at = (layer: number, index: number): Uint8Array =>
      upper !== undefined && layer >= tree.pieceLayer ? upper.hash(layer, index) : leafTree(leaves, layer, index);
    const own = Array.from({ length: range.length }, (_, i) => at(range.base, range.index + i));
    return concatBytes(...own, ...[...unclesOf(range)].map(({ layer, index }) => at(layer, index)));
  }

  /** Whether a range has to wait for a piece layer that is being made. */
  #isDue(range: HashRange): boolean {
    const tree = this.#trees.of(range.root);
    return tree !== undefined && needsLayer(tree, range) && this.#layers.isDue(tree);
  }

  async #upperOf(tree: WantedLayer): Promise<UpperTree | undefined> {
    const layer = this.#layers.of(tree);
    if (layer === undefined) return undefined;
    let upper = this.#upper.get(tree.root);
    if (upper === undefined) upper = new UpperTree(layer, tree.pieceLayer);
    else this.#upper.delete(tree.root);
    this.#upper.set(tree.root, upper);
    keepNewest(this.#upper, MOST_TREES);
    while (!upper.prepare(STEPS)) await new Promise<void>((go) => this.#state.ports.clock.soon(go));
    return upper;
  }

  /** The pieces, all of them ours to give, that have the bytes of a range of leaves, and of what proves it below the piece layer. */
  #piecesFor(tree: WantedLayer, range: HashRange): readonly PieceIndex[] | undefined {
    const each = 2 ** tree.pieceLayer;
    const from = Math.floor(range.index / each);
    const to = Math.min(piecesOf(tree) - 1, Math.floor((range.index + range.length - 1) / each));
    const count = Math.max(0, to - from + 1);
    for (const first of tree.firstPieces) {
      let served = 0;
      while (served < count && this.#serves(pieceIndex(first + from + served))) served++;
      if (served === count) return Array.from({ length: count }, (_, i) => pieceIndex(first + from + i));
    }
    return undefined;
  }

  async #leaves(tree: WantedLayer, range: HashRange): Promise<LeafRun | undefined> {
    const pieces = this.#piecesFor(tree, range);
    // Lost since it was asked for.
    if (pieces === undefined) return undefined;
    const each = 2 ** tree.pieceLayer;
    const first = Math.floor(range.index / each) * each;
    const last = this.#last;
    if (last?.root === tree.root && last.first === first && last.pieces === pieces.length) return last;
    const { store, geometry, ports } = this.#state;
    const hashes: Uint8Array[] = [];
    for (const piece of pieces) {
      const size = geometry.dataSize(piece);
      for (let begin = 0; begin < size; begin += READ_AT_ONCE) {
        const data = new Uint8Array(Math.min(READ_AT_ONCE, size - begin));
        await store.read(piece, begin, data);
        hashes.push(await leafHashes(ports.hasher, data));
      }
    }
    this.#last = { root: tree.root, first, pieces: pieces.length, leaves: concatBytes(...hashes) };
    return this.#last;
  }
}

/** Whether a range reaches above a piece of a file that has several. */
function needsLayer(tree: WantedLayer, range: HashRange): boolean {
  return piecesOf(tree) > 1 && range.base + Math.log2(range.length) + uncleCount(range) > tree.pieceLayer;
}

/** Leaves of pieces that follow one another, from the `first` leaf of the file on. */
interface LeafRun {
  /** Of the file's tree. */
  readonly root: string;
  readonly pieces: number;
  readonly first: number;
  readonly leaves: Uint8Array;
}

/** A hash over leaves; blank where there are none. */
function leafTree(run: LeafRun | undefined, layer: number, index: number): Uint8Array {
  const width = 2 ** layer;
  const from = index * width - (run?.first ?? 0);
  if (run === undefined || from * HASH_LENGTH >= run.leaves.length) return blankHash(layer);
  const part = run.leaves.subarray(from * HASH_LENGTH, (from + width) * HASH_LENGTH);
  return layer === 0 ? hashAt(part, 0) : rootOf(part, 0, layer);
}
