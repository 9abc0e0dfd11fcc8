import { sameBytes } from '../base/bytes.ts';
import { type HashRange, rangeKey } from '../base/hash-range.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { leafRange, leafRequests, leavesIn } from '../merkle/ranges.ts';
import { hashAt, HASH_LENGTH, proofRoot } from '../merkle/tree.ts';
import type { FileTrees } from '../metainfo/file-trees.ts';
import { HashPicker } from '../strategy/pieces/hash-picker.ts';
import { unasked } from './link-handler.ts';
import type { SwarmPeer } from './peer.ts';

/** Pieces whose leaves are looked for at a time, and kept: a few hundred kilobytes at most. */
const MOST_PIECES = 16;

export interface LeafFetchingNeeds {
  readonly trees: FileTrees;
  /** `Info.pieceRoots`; undefined as long as they are not known. */
  pieceRoots(): Uint8Array | undefined;
  peers(): Iterable<SwarmPeer>;
  now(): Millis;
  /** It sent hashes that lead to another piece: it lied. */
  ban(host: string): void;
  /** What the hash of each block of a piece must be, one behind the other. */
  known(piece: PieceIndex, leaves: Uint8Array): void;
}

interface Wanted {
  readonly leaves: Uint8Array;
  /** Requests that are not answered, by `rangeKey`. */
  readonly missing: Set<string>;
}

/** One of the requests for a piece. */
interface Request {
  readonly piece: PieceIndex;
  readonly range: HashRange;
  /** It is the piece's `n`th. */
  readonly n: number;
}

/**
 * Asks peers what each block of a piece must be, once the piece turned out wrong (BEP 52): then it is known which block was, and
 * who sent it. Nobody is asked for pieces that come right, as the hash of the whole says enough.
 */
export class LeafFetching {
  readonly #needs: LeafFetchingNeeds;
  readonly #picker = new HashPicker<SwarmPeer, string>();
  readonly #wanted = new Map<PieceIndex, Wanted>();
  readonly #requests = new Map<string, Request>();
  /** Learned, until the piece is right. */
  readonly #known = new Map<PieceIndex, Uint8Array>();

  constructor(needs: LeafFetchingNeeds) {
    this.#needs = needs;
  }

  /** A piece was wrong: finds out what each of its blocks must be, or says it again. */
  want(piece: PieceIndex): void {
    const known = this.#known.get(piece);
    if (known !== undefined) return this.#needs.known(piece, known);
    const roots = this.#needs.pieceRoots();
    const at = this.#needs.trees.at(piece);
    if (roots === undefined || at === undefined || this.#wanted.has(piece)) return;
    const { tree, place } = at;
    const count = leafRequests(tree, place);
    // The only leaf of a piece is what the piece layer has.
    if (count === 0) return this.#learn(piece, hashAt(roots, piece).slice());
    for (const oldest of this.#wanted.keys()) if (this.#wanted.size >= MOST_PIECES) this.forget(oldest);
    const wanted = { leaves: new Uint8Array(leavesIn(tree, place) * HASH_LENGTH), missing: new Set<string>() };
    this.#wanted.set(piece, wanted);
    for (let n = 0; n < count; n++) {
      const range = leafRange(tree, place, n);
      const key = rangeKey(range);
      wanted.missing.add(key);
      this.#requests.set(key, { piece, range, n });
      this.#picker.want(key);
    }
    this.tick();
  }

  /** A piece is right, or not to be fetched any more. */
  forget(piece: PieceIndex): void {
    this.#known.delete(piece);
    for (const key of this.#wanted.get(piece)?.missing ?? []) this.#drop(key);
    this.#wanted.delete(piece);
  }

  /** Throws EnsembleError('protocol') for what was not asked for. */
  hashes(peer: SwarmPeer, range: HashRange, hashes: Uint8Array): void {
    const key = rangeKey(range);
    if (!this.#picker.answered(peer, key)) throw unasked(range);
    const request = this.#requests.get(key);
    // Else another peer was faster, or the piece came right.
    if (request !== undefined && !this.#take(request, key, hashes)) return this.#needs.ban(peer.host);
    this.#ask(peer);
  }

  rejected(peer: SwarmPeer, range: HashRange): void {
    this.#picker.rejected(peer, rangeKey(range), this.#needs.now());
    this.tick();
  }

  left(peer: SwarmPeer): void {
    this.#picker.left(peer);
    this.tick();
  }

  /** Once a second: what was not answered is asked of others. */
  tick(): void {
    if (this.#picker.size === 0) return;
    for (const peer of this.#needs.peers()) this.#ask(peer);
  }

  /** False where the hashes do not lead to the piece. */
  #take({ piece, range, n }: Request, key: string, hashes: Uint8Array): boolean {
    const wanted = this.#wanted.get(piece);
    const roots = this.#needs.pieceRoots();
    if (wanted === undefined || roots === undefined) return true;
    const own = hashes.subarray(0, range.length * HASH_LENGTH);
    // The proof ends at the piece: what is above it in the file does not matter.
    const root = proofRoot(own, n * range.length, hashes.subarray(own.length));
    if (!sameBytes(root, hashAt(roots, piece))) return false;
    const at = n * own.length;
    wanted.leaves.set(own.subarray(0, wanted.leaves.length - at), at);
    wanted.missing.delete(key);
    this.#drop(key);
    if (wanted.missing.size === 0) this.#learn(piece, wanted.leaves);
    return true;
  }

  #learn(piece: PieceIndex, leaves: Uint8Array): void {
    this.#wanted.delete(piece);
    this.#known.set(piece, leaves);
    keepNewest(this.#known, MOST_PIECES);
    this.#needs.known(piece, leaves);
  }

  #drop(key: string): void {
    this.#picker.forget(key);
    this.#requests.delete(key);
  }

  #ask(peer: SwarmPeer): void {
    const { session } = peer;
    const may = (key: string): boolean => peer.pieces.has(this.#requests.get(key)?.piece ?? 0);
    while (session.v2 && !session.over && this.#picker.size > 0) {
      const key = this.#picker.pick(peer, this.#needs.now(), may);
      const request = key === undefined ? undefined : this.#requests.get(key);
      if (request === undefined) return;
      session.sendHashRequest(request.range);
    }
  }
}
