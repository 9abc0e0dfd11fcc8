import { Bitfield } from '../base/bitfield.ts';
import { type PieceIndex, piece as pieceIndex, UNKNOWN_OWNER, unknownOwners } from '../base/ids.ts';
import type { PieceNews } from '../claims/claim-store.ts';
import type { DownloadSetup, FromIdentity } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import { saveState } from '../store/records/state.ts';

/** What an identity without a coordinator knows of who fetched what, and records of its own pieces. */
export class OwnRecord {
  /** How many pieces it verified in this run. */
  verified = 0;
  /** Blocks of pieces that it has not finished. */
  begun: readonly BegunRecord[] = [];
  /** For each piece the identity that fetched it. */
  readonly #owners: Uint8Array;
  /** Pieces of this identity that are not known to be on stable storage. */
  readonly #unsynced = new Set<PieceIndex>();
  readonly #setup: DownloadSetup;
  readonly #info: Pick<Info, 'infoHash' | 'pieceCount'>;

  constructor(setup: DownloadSetup, info: Pick<Info, 'infoHash' | 'pieceCount'>) {
    this.#setup = setup;
    this.#info = info;
    this.#owners = setup.owners?.slice() ?? unknownOwners(info.pieceCount);
  }

  /** Handles the client's messages about its own pieces. */
  heard(message: Extract<FromIdentity, { readonly type: 'verified' | 'synced' }>): void {
    if (message.type === 'synced') {
      for (const p of message.pieces) this.#unsynced.delete(pieceIndex(p));
      return;
    }
    for (const { piece, late } of message.pieces) {
      this.#unsynced.add(piece);
      if (late) continue;
      this.#owners[piece] = this.#setup.identity;
      this.verified++;
    }
  }

  /** Siblings verified these pieces; `owners` has the identity of each. */
  present(pieces: Uint32Array, owners: Uint8Array): void {
    pieces.forEach((p, i) => (this.#owners[p] = owners[i] ?? UNKNOWN_OWNER));
  }

  /** Siblings found these pieces wrong on their disks; returns those that nobody has now. */
  lost(news: readonly PieceNews[]): PieceIndex[] {
    const pieces = news.filter(({ piece, identity }) => this.#owners[piece] === identity).map(({ piece }) => piece);
    for (const piece of pieces) this.#owners[piece] = UNKNOWN_OWNER;
    return pieces;
  }

  /** How many of its own pieces, also of earlier runs, fulfil this. */
  count(holds: (piece: PieceIndex) => boolean): number {
    let count = 0;
    for (const p of this.#owners.keys()) {
      if (this.#owners[p] === this.#setup.identity && holds(pieceIndex(p))) count++;
    }
    return count;
  }

  /** Saves the record for its next run. The journal stays, as siblings read from it what this identity has. */
  async save(disk: Disk, moved: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    const { infoHash, pieceCount } = this.#info;
    const have = new Bitfield(pieceCount);
    for (let p = 0; p < pieceCount; p++) if (this.#owners[p] === this.#setup.identity) have.add(p);
    const at = { ...this.#setup.location, infoHash, pieceCount };
    const state = { have, owners: this.#owners, unsynced: this.#unsynced, begun: this.begun, ...moved };
    await saveState(disk, at, state, false);
  }
}
