import { EnsembleError, messageOf } from '../base/errors.ts';
import type { PieceIndex } from '../base/ids.ts';
import { piece as pieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { Blame } from '../strategy/pieces/blame.ts';
import { PieceShare, mayTake } from '../strategy/pieces/share-map.ts';
import type { DownloadSide } from './download-side.ts';
import { leafHashes } from './leaf-hashes.ts';
import type { PeerHashes } from './peer-hashes.ts';
import type { SwarmState } from './state.ts';

/** What follows when all blocks of a piece are there: hash, write, have; or blame (architecture, "The way of the data"). */
export class Pieces {
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;
  readonly #ban: (host: string) => void;
  readonly #tell: (piece: PieceIndex) => void;
  readonly #hashes: PeerHashes;
  readonly #blame: Blame;
  /** Pieces between their last block and their have bit. */
  readonly #verifying = new Set<PieceIndex>();
  /** Those of them that a sibling verified meanwhile. */
  readonly #elsewhere = new Set<PieceIndex>();
  #idle: (() => void)[] = [];

  /** `tell`: a piece is there, and may be uploaded. */
  constructor(
    state: SwarmState,
    downloads: DownloadSide,
    hashes: PeerHashes,
    needs: { readonly ban: (host: string) => void; readonly tell: (piece: PieceIndex) => void },
  ) {
    this.#state = state;
    this.#tell = needs.tell;
    this.#hashes = hashes;
    this.#blame = new Blame(undefined, state.info.id.v2 === undefined ? 20 : 32);
    hashes.onLeaves = (piece, leaves) => this.#leavesKnown(piece, leaves);
    this.#downloads = downloads;
    this.#ban = needs.ban;
  }

  /** Every block of a piece is there: hashes and writes it. Only then do we have it (invariant 2). */
  async arrived(piece: PieceIndex): Promise<void> {
    const { picker, intake, events, ports, geometry } = this.#state;
    const begun = picker.begun.get(piece);
    const contributors = [...(begun?.contributors ?? [])];
    const startedAt = begun?.startedAt ?? ports.clock.now();
    this.#verifying.add(piece);
    try {
      let liars: readonly string[] = [];
      const good = await intake.finish(piece, async (right, data) => {
        if (right && !this.#blame.knows(piece)) return;
        const fetched = data.subarray(0, geometry.dataSize(piece));
        const digests = await this.#digests(fetched).catch(() => undefined);
        // Without the digests nobody can be blamed.
        if (digests === undefined) this.#blame.forget(piece);
        else if (right) liars = this.#blame.passed(piece, digests);
        else {
          const hosts = (begun?.senders() ?? []).map((source, block) => source?.hostOf(block));
          liars = this.#blame.failed(piece, { hosts, digests });
          if (this.#blame.knows(piece)) this.#hashes.wrong(piece);
        }
      });
      this.#verifying.delete(piece);
      const from = [...new Set(contributors.flatMap((source) => source.names))];
      if (good) this.#verified(piece, from, Math.max(0, ports.clock.now() - startedAt) / 1000);
      else this.#failed(piece, from);
      for (const host of liars) this.#ban(host);
      if (!good && mayTake(this.#state.share.get(piece))) this.#downloads.refillAll();
    } catch (error) {
      this.#verifying.delete(piece);
      picker.reset(piece);
      if (this.#elsewhere.delete(piece)) this.#isPresent(piece);
      events.failed(
        error instanceof EnsembleError
          ? error
          : new EnsembleError('disk', `Piece ${piece} could not be written: ${messageOf(error)}`, { cause: error }),
      );
    } finally {
      if (this.#verifying.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is being hashed or written. */
  async idle(): Promise<void> {
    if (this.#verifying.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Siblings verified these pieces: drops what we had begun of them. */
  presentElsewhere(pieces: Uint32Array, owners: Uint8Array): void {
    const { share, store } = this.#state;
    pieces.forEach((number, i) => {
      const piece = pieceIndex(number);
      const owner = owners[i] ?? UNKNOWN_OWNER;
      if (share.get(piece) === PieceShare.present) return;
      store.setOwner(piece, owner);
      if (this.#verifying.has(piece))
        this.#elsewhere.add(piece); // `#verified` finds out that it is late
      else {
        this.dropBegun(piece);
        this.#isPresent(piece);
      }
    });
  }

  /** A piece that a sibling verified lies here now, too: it may be uploaded. */
  kept(piece: PieceIndex): void {
    if (this.#verifying.has(piece)) return;
    this.dropBegun(piece);
    this.#isPresent(piece);
  }

  /** A piece that a sibling had verified turned out wrong on its disk. */
  lostElsewhere(piece: PieceIndex): void {
    this.#elsewhere.delete(piece);
  }

  /** Drops what was begun of a piece: we may no longer fetch it, or it turned out wrong on disk. */
  dropBegun(piece: PieceIndex): void {
    if (this.#state.picker.begun.has(piece) && !this.#verifying.has(piece)) this.#downloads.discard(piece);
  }

  /** A sibling has the piece, and nothing of ours is under way. */
  #isPresent(piece: PieceIndex): void {
    this.#blame.forget(piece);
    this.#hashes.settled(piece);
    this.#state.share.set(piece, PieceShare.present);
    this.#state.picker.finished(piece);
    this.#tell(piece);
  }

  #verified(piece: PieceIndex, from: readonly string[], seconds: number): void {
    const { share, picker, claimer, events, totals, geometry } = this.#state;
    const late = this.#elsewhere.delete(piece);
    if (late) totals.wasted += geometry.pieceSize(piece);
    share.set(piece, PieceShare.present);
    picker.finished(piece);
    this.#hashes.settled(piece);
    claimer.verified(piece);
    events.verified({ piece, from, seconds, late });
    this.#tell(piece);
  }

  /** It became known what each block of a wrong piece must be (BEP 52): whoever sent another one lied. */
  #leavesKnown(piece: PieceIndex, leaves: Uint8Array): void {
    for (const host of this.#blame.passed(piece, leaves)) this.#ban(host);
  }

  #failed(piece: PieceIndex, from: readonly string[]): void {
    const { picker, totals, geometry, events } = this.#state;
    totals.wasted += geometry.pieceSize(piece);
    events.hashFailed(piece, from);
    if (this.#elsewhere.delete(piece)) return this.#isPresent(piece);
    // Until it is known who spoils it the piece comes from a single peer: counting failures would ban peers that share pieces with
    // a liar.
    if (this.#blame.knows(piece)) picker.solo(piece);
    else picker.reset(piece);
  }

  /** A hash of each block: in a torrent of version 2 the one that peers know as well. */
  async #digests(data: Uint8Array): Promise<Uint8Array> {
    const { hasher } = this.#state.ports;
    if (this.#state.info.id.v2 !== undefined) return leafHashes(hasher, data);
    const blocks = Math.ceil(data.length / BLOCK_LENGTH);
    const out = new Uint8Array(20 * blocks);
    for (let block = 0; block < blocks; block++) {
      out.set(await hasher.hash(data.subarray(block * BLOCK_LENGTH, (block + 1) * BLOCK_LENGTH)), 20 * block);
    }
    return out;
  }
}
