import { Bitfield } from '../base/bitfield.ts';
import { type PieceIndex, piece as pieceIndex, UNKNOWN_OWNER, unknownOwners } from '../base/ids.ts';
import type { PieceNews } from '../claims/claim-store.ts';
import type { DownloadSetup, FromIdentity } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import { saveState } from '../store/records/state.ts';

/** What an identity that has no coordinator knows of who fetched what, and keeps of its own pieces. */
export class OwnRecord {
  /** Pieces that it verified in this run. */
  verified = 0;
  /** Blocks of pieces that it has not finished. */
  begun: readonly BegunRecord[] = [];
  /** In step with the pieces: who fetched each. */
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

  /** Own pieces, as its client tells. */
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

  /** Siblings verified these; `owners` in step with `pieces`. */
  present(pieces: Uint32Array, owners: Uint8Array): void {
    pieces.forEach((p, i) => (this.#owners[p] = owners[i] ?? UNKNOWN_OWNER));
  }

  /** Siblings found these wrong on their disks; gives those that nobody has now. */
  lost(news: readonly PieceNews[]): PieceIndex[] {
    const pieces = news.filter(({ piece, identity }) => this.#owners[piece] === identity).map(({ piece }) => piece);
    for (const piece of pieces) this.#owners[piece] = UNKNOWN_OWNER;
    return pieces;
  }

  /** Its own pieces of which this holds, also from earlier runs. */
  count(holds: (piece: PieceIndex) => boolean): number {
    let count = 0;
    for (const p of this.#owners.keys()) {
      if (this.#owners[p] === this.#setup.identity && holds(pieceIndex(p))) count++;
    }
    return count;
  }

  /** For its next run. The journal stays: siblings read from it what this identity has. */
  async save(disk: Disk, moved: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    const { infoHash, pieceCount } = this.#info;
    const have = new Bitfield(pieceCount);
    for (let p = 0; p < pieceCount; p++) if (this.#owners[p] === this.#setup.identity) have.add(p);
    const at = { ...this.#setup.location, infoHash, pieceCount };
    const state = { have, owners: this.#owners, unsynced: this.#unsynced, begun: this.begun, ...moved };
    await saveState(disk, at, state, false);
  }
}
