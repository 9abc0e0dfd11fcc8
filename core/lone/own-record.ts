import { Bitfield } from '../base/bitfield.ts';
import { type PieceIndex, piece as pieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import type { PieceNews } from '../claims/claim-store.ts';
import { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import type { Member } from '../coordinator/run/member.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { VerifiedPiece } from '../engine/statuses.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { saveState } from '../store/records/state.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';

/** What an identity without a coordinator knows of who fetched what, and the record of its own pieces. */
export class OwnRecord {
  readonly ledger: PieceLedger;
  readonly #setup: DownloadSetup;
  readonly #info: Info;

  /** `setup` says what is there. */
  constructor(setup: DownloadSetup, info: Info) {
    this.#setup = setup;
    this.#info = info;
    this.ledger = new PieceLedger(new Geometry(info), setup.priorities);
    setup.shares?.forEach((share, p) => {
      if (share !== PieceShare.present) return;
      this.ledger.add(pieceIndex(p), setup.owners?.[p] ?? UNKNOWN_OWNER);
      this.ledger.synced.add(p);
    });
  }

  /** The pieces that are there and that this identity fetched. */
  get own(): PieceIndex[] {
    const out: PieceIndex[] = [];
    this.ledger.owners.forEach((owner, p) => {
      if (owner === this.#setup.identity) out.push(pieceIndex(p));
    });
    return out;
  }

  /** This identity verified these pieces. */
  verified(pieces: readonly VerifiedPiece[]): void {
    for (const { piece, late } of pieces) if (!late) this.ledger.attribute(piece, this.#setup.identity);
  }

  synced(pieces: Uint32Array): void {
    for (const p of pieces) if (this.ledger.present.has(p)) this.ledger.synced.add(p);
  }

  /** Siblings verified these pieces; `owners` has the identity of each. */
  present(pieces: Uint32Array, owners: Uint8Array): void {
    pieces.forEach((p, i) => this.ledger.attribute(pieceIndex(p), owners[i] ?? UNKNOWN_OWNER));
  }

  /** Siblings found these pieces wrong on their disks; returns those that nobody has now. */
  lost(news: readonly PieceNews[]): PieceIndex[] {
    const { ledger } = this;
    const pieces = news.filter(({ piece, identity }) => ledger.owners[piece] === identity).map(({ piece }) => piece);
    for (const piece of pieces) ledger.remove(piece);
    return pieces;
  }

  /** Saves the record for its next run. The journal stays, as siblings read from it what this identity has. */
  async save(disk: Disk, { begun, totals }: Pick<Member, 'begun' | 'totals'>): Promise<void> {
    const { infoHash, pieceCount } = this.#info;
    const { identity, location } = this.#setup;
    const { owners, synced } = this.ledger;
    const have = new Bitfield(pieceCount);
    for (let p = 0; p < pieceCount; p++) if (owners[p] === identity) have.add(p);
    const unsynced = [...have.indexes()].filter((p) => !synced.has(p)).map(pieceIndex);
    const { downloaded, uploaded } = totals;
    const state = { have, owners, unsynced, begun, downloaded, uploaded };
    await saveState(disk, { ...location, infoHash, pieceCount }, state, false);
  }
}
