import { Bitfield } from '../../base/bitfield.ts';
import { piece, type PieceIndex, UNKNOWN_OWNER, unknownOwners } from '../../base/ids.ts';
import { LateMap } from '../../base/late-map.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { NORMAL } from '../../engine/values.ts';

/**
 * What the coordinator knows of a download's pieces, over all identities: which are wanted, which are there
 * (verified and written), who fetched them, and which of them need no recheck after an unclean end.
 */
export class PieceLedger {
  readonly present: Bitfield;
  readonly synced: Bitfield;
  /**
   * Pieces that are verified in files with final names, but not in the working folder: they count as present and are not fetched,
   * but cannot be uploaded yet.
   */
  readonly placed: Bitfield;
  readonly #geometry: Geometry;
  /** Made when it is needed: who fetched what is not known of what was there from the start. */
  #owners: Uint8Array | undefined;
  /** For each owner the number of its pieces that are there. */
  readonly #byOwner = new LateMap<number, number>();
  /** Of nobody's. */
  #unowned = 0;
  #choice: Uint8Array | undefined;
  #have = 0;
  #wanted: number;
  #wantedHave = 0;
  #bytesHave = 0;
  #wantedBytes = 0;
  #wantedBytesHave = 0;

  constructor(geometry: Geometry, priorities: Uint8Array | undefined) {
    this.#geometry = geometry;
    this.#choice = priorities;
    this.#wanted = geometry.pieceCount;
    this.present = new Bitfield(geometry.pieceCount);
    this.synced = new Bitfield(geometry.pieceCount);
    this.placed = new Bitfield(geometry.pieceCount);
    this.#recount();
  }

  /** For each piece the identity that fetched it, or `UNKNOWN_OWNER`. */
  get owners(): Uint8Array {
    return (this.#owners ??= unknownOwners(this.#geometry.pieceCount));
  }

  /** Priority of every piece; undefined: the same for all. */
  get priorities(): Uint8Array | undefined {
    if (this.placed.isEmpty) return this.#choice;
    return Uint8Array.from({ length: this.#geometry.pieceCount }, (_, p) => this.#priority(p));
  }

  setPriorities(priorities: Uint8Array | undefined): void {
    this.#choice = priorities;
    this.#recount();
  }

  /** These pieces are right at the target. */
  addPlaced(pieces: Iterable<number>): void {
    for (const p of pieces) if (!this.present.has(p)) this.placed.add(p);
    this.#recount();
  }

  /** The files have their final names: placed pieces become ordinary ones. Returns whether there were any. */
  placedBecomePresent(): boolean {
    const pieces = [...this.placed.indexes()].map(piece);
    this.placed.clear();
    this.#recount();
    for (const p of pieces) this.add(p, UNKNOWN_OWNER);
    return pieces.length > 0;
  }

  wants(index: PieceIndex): boolean {
    return this.#priority(index) > 0;
  }

  /** Bytes of a piece that are fetched. */
  sizeOf(index: PieceIndex): number {
    return this.#geometry.dataSize(index);
  }

  /** A piece was verified and written by an identity, or by `UNKNOWN_OWNER`. False where it was there already. */
  add(index: PieceIndex, owner: number): boolean {
    if (!this.present.add(index)) return false;
    this.#own(index, owner);
    this.#attributed(owner, 1);
    if (!this.placed.has(index)) this.#count(index, 1);
    return true;
  }

  /** All of it is there, synced, and nobody knows who fetched it; nothing was before. */
  addAll(): void {
    this.present.setAll();
    this.synced.setAll();
    this.#unowned = this.#geometry.pieceCount;
    this.#recount();
  }

  /** A piece is there, and it is this identity's copy that counts, whoever had it before. */
  attribute(index: PieceIndex, owner: number): void {
    if (this.add(index, owner)) return;
    const before = this.#owners?.[index] ?? UNKNOWN_OWNER;
    this.#attributed(before, -1);
    this.#own(index, owner);
    this.#attributed(owner, 1);
  }

  /** A piece turned out to be wrong or missing on disk. */
  remove(index: PieceIndex): void {
    this.synced.delete(index);
    const placed = this.placed.delete(index);
    const present = this.present.delete(index);
    if (placed || present) this.#count(index, -1);
    if (!present) return;
    const owner = this.#owners?.[index] ?? UNKNOWN_OWNER;
    this.#attributed(owner, -1);
    this.#own(index, UNKNOWN_OWNER);
  }

  /** How many of the pieces that are there came from an identity, or from `UNKNOWN_OWNER`. */
  fetchedBy(owner: number): number {
    return owner === UNKNOWN_OWNER ? this.#unowned : (this.#byOwner.get(owner) ?? 0);
  }

  /** Whether every wanted piece is there. */
  get complete(): boolean {
    return this.#wantedHave === this.#wanted;
  }

  /** How many pieces are there, are wanted, and are both. */
  get pieces(): { readonly have: number; readonly wanted: number; readonly wantedHave: number } {
    return { have: this.#have, wanted: this.#wanted, wantedHave: this.#wantedHave };
  }

  get bytes(): { readonly have: number; readonly wanted: number; readonly wantedHave: number } {
    return { have: this.#bytesHave, wanted: this.#wantedBytes, wantedHave: this.#wantedBytesHave };
  }

  #priority(index: number): number {
    return this.placed.has(index) ? 0 : this.#chosen(index);
  }

  #chosen(index: number): number {
    return this.#choice === undefined ? NORMAL : (this.#choice[index] ?? 0);
  }

  #recount(): void {
    this.#have = this.#wanted = this.#wantedHave = 0;
    this.#bytesHave = this.#wantedBytes = this.#wantedBytesHave = 0;
    for (let p = 0; p < this.#geometry.pieceCount; p++) {
      const index = piece(p);
      if (this.present.has(p) || this.placed.has(p)) this.#count(index, 1);
      if (this.#chosen(p) === 0) continue;
      this.#wanted++;
      this.#wantedBytes += this.#geometry.dataSize(index);
    }
  }

  #own(index: PieceIndex, owner: number): void {
    if (owner !== UNKNOWN_OWNER || this.#owners !== undefined) this.owners[index] = owner;
  }

  #attributed(owner: number, change: 1 | -1): void {
    if (owner === UNKNOWN_OWNER) this.#unowned += change;
    else this.#byOwner.set(owner, this.fetchedBy(owner) + change);
  }

  /** Counts a piece that came, or is gone. */
  #count(index: PieceIndex, change: 1 | -1): void {
    const size = change * this.#geometry.dataSize(index);
    this.#have += change;
    this.#bytesHave += size;
    if (this.#chosen(index) === 0) return;
    this.#wantedHave += change;
    this.#wantedBytesHave += size;
  }
}
