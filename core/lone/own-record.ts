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
  /** The pieces that lie in this identity's folder: what it fetched, and what it has from siblings. */
  readonly here: Bitfield;
  /** The pieces that this run fetched from the swarm. */
  readonly fetched: Bitfield;
  readonly #setup: DownloadSetup;
  readonly #info: Info;

  /** `setup` says what is there. */
  constructor(setup: DownloadSetup, info: Info) {
    this.#setup = setup;
    this.#info = info;
    this.ledger = new PieceLedger(new Geometry(info), setup.priorities);
    this.here = new Bitfield(info.pieceCount);
    this.fetched = new Bitfield(info.pieceCount);
    setup.shares?.forEach((share, p) => {
      if (share !== PieceShare.present) return;
      const owner = setup.owners?.[p] ?? UNKNOWN_OWNER;
      this.ledger.add(pieceIndex(p), owner);
      if (owner === setup.identity) this.here.add(p);
      this.ledger.synced.add(p);
    });
  }

  /** The pieces that lie here. */
  get own(): PieceIndex[] {
    return [...this.here.indexes()].map(pieceIndex);
  }

  /** This identity verified these pieces. */
  verified(pieces: readonly VerifiedPiece[]): void {
    for (const { piece, late } of pieces) {
      this.here.add(piece);
      this.fetched.add(piece);
      if (!late) this.ledger.attribute(piece, this.#setup.identity);
    }
  }

  /** A piece of a sibling lies here now, too. */
  kept(piece: PieceIndex): void {
    this.here.add(piece);
    this.ledger.add(piece, this.#setup.identity);
  }

  synced(pieces: Uint32Array): void {
    for (const p of pieces) if (this.ledger.present.has(p)) this.ledger.synced.add(p);
  }

  /** Siblings verified these pieces; `owners` has the identity of each. Who had one first has fetched it. */
  present(pieces: Uint32Array, owners: Uint8Array): void {
    pieces.forEach((p, i) => this.ledger.add(pieceIndex(p), owners[i] ?? UNKNOWN_OWNER));
  }

  /** Siblings found these pieces wrong on their disks; returns those that nobody has now. `holders`: see `HaveBoard`. */
  lost(news: readonly PieceNews[], holders: (piece: PieceIndex) => number): PieceIndex[] {
    const { ledger, here } = this;
    const { identity: own } = this.#setup;
    const out: PieceIndex[] = [];
    for (const { piece, identity } of news) {
      if (ledger.owners[piece] !== identity || !ledger.present.has(piece)) continue;
      const others = holders(piece);
      if (here.has(piece)) ledger.attribute(piece, own);
      else if (others !== 0) ledger.attribute(piece, 31 - Math.clz32(others));
      else out.push(piece);
    }
    this.forget(out);
    return out;
  }

  /** Nobody who lives has these. */
  forget(pieces: readonly PieceIndex[]): void {
    for (const piece of pieces) this.ledger.remove(piece);
  }

  /** Saves the record for its next run. The journal stays, as siblings read from it what this identity has. */
  async save(disk: Disk, { begun, totals }: Pick<Member, 'begun' | 'totals'>): Promise<void> {
    const { infoHash, pieceCount } = this.#info;
    const { identity, location } = this.#setup;
    const { synced } = this.ledger;
    const have = this.here;
    // What lies here is read again by who wrote it here, whoever fetched it.
    const owners = this.ledger.owners.map((owner, p) => (have.has(p) ? identity : owner));
    const unsynced = [...have.indexes()].filter((p) => !synced.has(p)).map(pieceIndex);
    const { downloaded, uploaded } = totals;
    const state = { have, owners, unsynced, begun, downloaded, uploaded };
    await saveState(disk, { ...location, infoHash, pieceCount }, state, false);
  }
}
