import { toHex } from '../base/bytes.ts';
import { type IdentityIndex, identityIndex, type InfoHash, type PeerId, piece, type PieceIndex } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import { VirtualClock } from './clock.ts';
import { MemoryDisk } from './disk.ts';
import { SeededRandom } from './random.ts';
import { SleepyClock } from './sleepy-clock.ts';
import { StaleDisk } from './stale-disk.ts';
import { Journal, JournalKind, journalPath } from '../store/records/journal.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { ClaimStore } from '../claims/claim-store.ts';
import { DirectoryStore } from '../claims/directory-store.ts';
import { PatientDisk } from '../claims/patient-disk.ts';
import { StoreClaimer, type StoreClaimerOptions } from '../claims/store-claimer.ts';

export const FOLDER = '/common';
export const PIECES = 24;
export const ALL = Array.from({ length: PIECES }, (_, p) => piece(p));
const INFO_HASH = 'a'.repeat(40) as InfoHash;

/** The pieces in a state of the share map. */
export function piecesIn(share: ShareMap, state: PieceShare): number[] {
  return ALL.filter((p) => share.get(p) === state);
}

interface Changes extends Partial<StoreClaimerOptions> {
  readonly pieceFiles?: boolean;
}

interface Where {
  /** How far the time of day of its machine is off. */
  readonly skew?: number;
  /** How late it may see what other machines changed. */
  readonly stale?: number;
  /** Which machine it is on; undefined: the same for all, or one each if they see the disk or the time differently. */
  readonly host?: string;
  /** Whether it waits when the directory goes away. */
  readonly patient?: boolean;
  /** What it sees of the disk. */
  readonly seen?: (disk: Disk) => Disk;
}

/** A common directory, and identities that know nothing of each other but it. For tests. */
export class TestDirectory {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk({ clock: this.clock });
  readonly random: SeededRandom;
  readonly storeOf: ((identity: IdentityIndex, clock: Clock) => ClaimStore) | undefined;
  /** Processes that run. */
  readonly alive = new Set<number>();
  #pids = 0;

  /** `storeOf`: another store than the directory. */
  constructor(seed = 3, storeOf?: TestDirectory['storeOf']) {
    this.random = new SeededRandom(seed);
    this.storeOf = storeOf;
  }

  async identity(i: number, changes: Changes = {}, where: Where = {}) {
    const pid = ++this.#pids;
    this.alive.add(pid);
    const share = changes.share ?? new ShareMap(PIECES, PieceShare.open);
    const present: number[] = [];
    const siblings: string[][] = [];
    const lost: number[] = [];
    const failures: unknown[] = [];
    const said: string[] = [];
    const sleepy = new SleepyClock(this.clock, where.skew);
    const clock = this.#clockOf(pid, sleepy);
    const shown = where.seen?.(this.disk) ?? this.disk;
    const seen: Disk = where.stale === undefined ? shown : new StaleDisk(this.disk, clock, where.stale);
    const patient = new PatientDisk({ disk: seen, clock, folder: FOLDER, onTrouble: (text) => said.push(text) });
    const disk = where.patient === true ? patient : seen;
    // Each is on a machine of its own if their times of day differ.
    const host = where.host ?? (where.skew === undefined && where.stale === undefined ? 'h' : `h${i}`);
    const processFacts = {
      self: () => Promise.resolve({ pid, startTime: `${pid}`, bootId: 'b', host }),
      startTimeOf: (other: number) => Promise.resolve(this.alive.has(other) ? `${other}` : undefined),
    };
    const { pieceFiles = false, ...options } = changes;
    const store =
      this.storeOf?.(identityIndex(i), clock) ??
      new DirectoryStore({
        ports: { clock, disk, random: this.random, processFacts },
        folder: FOLDER,
        infoHash: INFO_HASH,
        pieceCount: PIECES,
        identity: identityIndex(i),
        pieceFiles,
        expect: (name) => patient.expect(name),
      });
    const claimer = new StoreClaimer({
      ports: { clock, random: this.random },
      store,
      identity: identityIndex(i),
      count: 3,
      peerId: toHex(this.random.bytes(20)) as PeerId,
      machine: `b ${host}`,
      selection: 'random',
      takeOver: false,
      share,
      endpoint: () => ({ host: '10.0.0.1', port: 7000 + i }),
      onPresent: (pieces) => {
        for (const p of pieces) share.set(piece(p), PieceShare.present);
        present.push(...pieces);
      },
      onLost: (news) => {
        for (const one of news) share.set(one.piece, PieceShare.open);
        lost.push(...news.map((one) => one.piece));
      },
      onSiblings: (known) => siblings.push(known.flatMap((one) => [one.peerId, `${one.endpoint.port}`])),
      onFailed: (error) => failures.push(error),
      ...options,
    });
    await this.disk.makeDirectory(FOLDER);
    await this.clock.resolve(claimer.start());
    const journal = new Journal(disk, journalPath(FOLDER, identityIndex(i)), INFO_HASH);
    const verify = async (pieces: readonly PieceIndex[]): Promise<void> => {
      for (const p of pieces) share.set(p, PieceShare.present);
      await journal.append(JournalKind.verified, pieces);
      for (const p of pieces) claimer.verified(p);
    };
    const lose = async (pieces: readonly PieceIndex[]): Promise<void> => {
      await journal.append(JournalKind.lost, pieces);
    };
    /** The process ends without a word. */
    const die = (): boolean => this.alive.delete(pid);
    /** SIGSTOP and SIGCONT. */
    const sleep = (): void => sleepy.sleep();
    const wake = (): void => sleepy.wake();
    return { claimer, share, present, siblings, lost, failures, said, verify, lose, die, sleep, wake };
  }

  /** The timers of a process end with it. */
  #clockOf(pid: number, sleepy: SleepyClock): Clock {
    const mortal = (task: () => void) => (): void => (this.alive.has(pid) ? task() : undefined);
    return {
      now: () => sleepy.now(),
      slept: () => sleepy.slept(),
      wall: () => sleepy.wall(),
      after: (delay, task) => sleepy.after(delay, mortal(task)),
      every: (period, task) => sleepy.every(period, mortal(task)),
      soon: (task) => sleepy.soon(task),
    };
  }
}
