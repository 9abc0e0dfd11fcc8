import { Bitfield } from '../base/bitfield.ts';
import { piece, type PieceIndex, UNKNOWN_OWNER, unknownOwners } from '../base/ids.ts';
import type { Geometry } from '../metainfo/geometry.ts';

/**
 * What the coordinator knows of a download's pieces, over all identities: which are wanted, which are there
 * (verified and written), who fetched them, and which of them need no recheck after an unclean end.
 */
export class PieceLedger {
  readonly present: Bitfield;
  readonly synced: Bitfield;
  /** In step with the pieces: the identity that fetched it, or `UNKNOWN_OWNER`. */
  readonly owners: Uint8Array;
  readonly #geometry: Geometry;
  /** By owner: pieces that are there. */
  readonly #byOwner = new Uint32Array(UNKNOWN_OWNER + 1);
  #priorities: Uint8Array | undefined;
  #wanted: number;
  #wantedHave = 0;
  #bytesHave = 0;
  #wantedBytes = 0;
  #wantedBytesHave = 0;

  constructor(geometry: Geometry, priorities: Uint8Array | undefined) {
    this.#geometry = geometry;
    this.#priorities = priorities;
    this.#wanted = geometry.pieceCount;
    this.present = new Bitfield(geometry.pieceCount);
    this.synced = new Bitfield(geometry.pieceCount);
    this.owners = unknownOwners(geometry.pieceCount);
    this.#recount();
  }

  /** Priority of every piece; undefined: all the same. */
  get priorities(): Uint8Array | undefined {
    return this.#priorities;
  }

  setPriorities(priorities: Uint8Array | undefined): void {
    this.#priorities = priorities;
    this.#recount();
  }

  wants(index: PieceIndex): boolean {
    return this.#priorities === undefined || (this.#priorities[index] ?? 0) > 0;
  }

  /** Its length in bytes. */
  sizeOf(index: PieceIndex): number {
    return this.#geometry.pieceSize(index);
  }

  /** Verified and written by an identity, or by `UNKNOWN_OWNER`. False where it was there before. */
  add(index: PieceIndex, owner: number): boolean {
    if (!this.present.add(index)) return false;
    this.owners[index] = owner;
    this.#byOwner[owner] = this.fetchedBy(owner) + 1;
    const size = this.#geometry.pieceSize(index);
    this.#bytesHave += size;
    if (this.wants(index)) {
      this.#wantedHave++;
      this.#wantedBytesHave += size;
    }
    return true;
  }

  /** Turned out to be wrong or missing on disk. */
  remove(index: PieceIndex): void {
    this.synced.delete(index);
    if (!this.present.delete(index)) return;
    const owner = this.owners[index] ?? UNKNOWN_OWNER;
    this.#byOwner[owner] = this.fetchedBy(owner) - 1;
    this.owners[index] = UNKNOWN_OWNER;
    const size = this.#geometry.pieceSize(index);
    this.#bytesHave -= size;
    if (!this.wants(index)) return;
    this.#wantedHave--;
    this.#wantedBytesHave -= size;
  }

  /** Pieces that are there and came from an identity, or from `UNKNOWN_OWNER`. */
  fetchedBy(owner: number): number {
    return this.#byOwner[owner] ?? 0;
  }

  /** Every wanted piece is there. */
  get complete(): boolean {
    return this.#wantedHave === this.#wanted;
  }

  /** Pieces: there, wanted, and of these there. */
  get pieces(): { readonly have: number; readonly wanted: number; readonly wantedHave: number } {
    return { have: this.present.count, wanted: this.#wanted, wantedHave: this.#wantedHave };
  }

  get bytes(): { readonly have: number; readonly wanted: number; readonly wantedHave: number } {
    return { have: this.#bytesHave, wanted: this.#wantedBytes, wantedHave: this.#wantedBytesHave };
  }

  #recount(): void {
    this.#wanted = this.#wantedHave = this.#bytesHave = this.#wantedBytes = this.#wantedBytesHave = 0;
    for (let p = 0; p < this.#geometry.pieceCount; p++) {
      const index = piece(p);
      const size = this.#geometry.pieceSize(index);
      const have = this.present.has(p);
      if (have) this.#bytesHave += size;
      if (!this.wants(index)) continue;
      this.#wanted++;
      this.#wantedBytes += size;
      if (!have) continue;
      this.#wantedHave++;
      this.#wantedBytesHave += size;
    }
  }
}
