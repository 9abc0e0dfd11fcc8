import { type Millis, millis } from '../base/ids.ts';
import type { BucketStore } from '../claims/bucket-store.ts';
import type { StoreClaimer } from '../claims/store-claimer.ts';
import { shown } from '../coordinator/download/snapshot.ts';
import { machineSnapshot } from '../coordinator/run/machines.ts';
import type { Member } from '../coordinator/run/member.ts';
import type { DownloadOptions, DownloadSnapshot, IdentitySnapshot, PieceMapSnapshot } from '../engine/engine.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Clock } from '../ports/clock.ts';
import type { OwnRecord } from './own-record.ts';
import { machinesOf, pieceMapOf, standingOf, troubleOf } from './picture.ts';
import type { PieceExchange } from './piece-exchange.ts';

interface Parts {
  readonly clock: Clock;
  readonly info: Info;
  readonly setup: DownloadSetup;
  readonly options: DownloadOptions;
  readonly record: OwnRecord;
  readonly member: Member;
  readonly claimer: StoreClaimer;
  /** Where machines without a common disk meet; undefined: they do not. */
  readonly meeting?: { readonly store: Pick<BucketStore, 'trouble' | 'claimedBy'>; readonly exchange: PieceExchange };
}

/** A lone identity's download as people see it. */
export class LonePicture {
  readonly #parts: Parts;
  readonly #added: Millis;
  #hashFailures = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#added = parts.clock.wall();
  }

  hashFailed(): void {
    this.#hashFailures++;
  }

  snapshot(): DownloadSnapshot {
    const { clock, info, setup, options, record, member, claimer, meeting } = this.#parts;
    const now = clock.now();
    const made = shown({
      key: setup.key,
      infoHash: info.infoHash,
      name: info.name,
      state: claimer.done ? 'complete' : 'downloading',
      added: this.#added,
      info,
      ledger: record.ledger,
      totals: member.totals,
      duplicatePieces: meeting?.exchange.twice ?? 0,
      hashFailures: this.#hashFailures,
      identities: this.#identities(now),
      options,
      active: member.active(now),
      seeded: millis(0),
      place: 0,
    });
    if (meeting === undefined) return made;
    const standing = standingOf(claimer, meeting.exchange);
    made.meeting = { ...troubleOf(meeting.store), place: setup.identity + 1, ...standing };
    return made;
  }

  /** Whose each piece is; undefined: siblings with a common disk are not known here. */
  pieceMap(): PieceMapSnapshot | undefined {
    const { setup, record, member, meeting } = this.#parts;
    if (meeting === undefined) return undefined;
    const { store } = meeting;
    return pieceMapOf({ setup, ledger: record.ledger, member, claimedBy: (piece) => store.claimedBy(piece) });
  }

  /** This one; and those of other machines, as these say. */
  #identities(now: Millis): readonly IdentitySnapshot[] {
    const { record, member, claimer, meeting } = this.#parts;
    const { ledger } = record;
    const own = member.snapshot(now, undefined, 0, ledger.fetchedBy(member.index));
    if (meeting === undefined) return [own];
    const others = machinesOf(own.index, claimer.siblings, (index) => ledger.fetchedBy(index));
    return [own, ...others.map(machineSnapshot)].sort((a, b) => a.index - b.index);
  }
}
