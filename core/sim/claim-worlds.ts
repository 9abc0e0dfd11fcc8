import { identityIndex, millis, piece, type PieceIndex } from '../base/ids.ts';
import { ClaimsDesk } from '../claims/claims-desk.ts';
import { GrantedClaimer } from '../claims/granted-claimer.ts';
import { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { VirtualClock } from './clock.ts';
import { PIECES, TestDirectory } from './common-directory.ts';
import { Machines } from './machines.ts';
import { MemoryStore, StoreServer } from './memory-store.ts';

/** One identity of a download: its claims and what became of them. */
export interface Seat {
  readonly claimer: Pick<Claimer, 'claim' | 'release' | 'idle'>;
  readonly share: ShareMap;
  /** Pieces of which it was told that others verified them. */
  readonly present: readonly number[];
  /** It verified and wrote these. */
  verify(pieces: readonly PieceIndex[]): Promise<void>;
  /** It gives back what it has not finished, and leaves. */
  leave(): Promise<void>;
  /** Its process ends without a word. */
  die(): void;
}

/** Three identities that share out a download in one of the possible ways. */
export interface ClaimWorld {
  readonly clock: VirtualClock;
  /** Claims of an identity that died go to the others within this time, and not before half of it. Milliseconds. */
  readonly expiry: number;
  join(index: number): Promise<Seat>;
}

/** All ways to share out a download, by name. Chance depends on the seed. */
export const CLAIM_WORLDS: Readonly<Record<string, (seed: number) => ClaimWorld>> = {
  'the desk of a coordinator': () => deskWorld(),
  'a common directory': (seed) => storeWorld(new TestDirectory(seed)),
  'a common directory of piece files': (seed) => storeWorld(new TestDirectory(seed), { pieceFiles: true }),
  'a common directory whose answers get lost': (seed) =>
    storeWorld(new TestDirectory(seed), {}, (disk, random) => withLostAnswers(disk, random)),
  'a server': (seed) => serverWorld(seed, 0),
  'a server whose answers get lost': (seed) => serverWorld(seed, 20),
  'buckets on a server': (seed) => bucketWorld(seed, 0),
  'buckets on a server whose answers get lost': (seed) => bucketWorld(seed, 3),
};

/** A lease and what it takes to see that it is over. */
const STORE_EXPIRY = 60_000;
const LATENCY = millis(20);

function storeWorld(
  directory: TestDirectory,
  changes: Parameters<TestDirectory['identity']>[1] = {},
  seen?: (disk: Disk, random: Random) => Disk,
): ClaimWorld {
  return {
    clock: directory.clock,
    expiry: STORE_EXPIRY,
    async join(index) {
      const where = seen === undefined ? {} : { patient: true, seen: (disk: Disk) => seen(disk, directory.random) };
      const one = await directory.identity(index, changes, where);
      return { ...one, leave: () => one.claimer.stop() };
    },
  };
}

function serverWorld(seed: number, lost: number): ClaimWorld {
  const server = new StoreServer();
  const world: TestDirectory = new TestDirectory(seed, (identity, clock) => {
    return new MemoryStore({ server, identity, clock, random: world.random, latency: LATENCY, lost });
  });
  return storeWorld(world);
}

function bucketWorld(seed: number, lost: number): ClaimWorld {
  const machines = new Machines(seed, lost);
  return { clock: machines.clock, expiry: STORE_EXPIRY, join: (index) => machines.join(index) };
}

/** Claims are made, but their makers are not told: they get a network error. */
function withLostAnswers(disk: Disk, random: Random): Disk {
  return new Proxy(disk, {
    get(target, name) {
      if (name === 'open') {
        return async (...[path, mode]: Parameters<Disk['open']>) => {
          const file = await target.open(path, mode);
          if (mode !== 'create' || !path.includes('/claims/') || random.uniform() >= 0.2) return file;
          await file.close();
          throw Object.assign(new Error('EIO'), { code: 'EIO' });
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

/** After this time a coordinator has noticed that a process ended. */
const DESK_EXPIRY = 1000;

/** The desk in one process, the identities in others, and messages between them. */
function deskWorld(): ClaimWorld {
  const clock = new VirtualClock();
  const { geometry } = testTorrent([PIECES << 10], 1 << 10);
  const alive = new Map<number, { share: ShareMap; present: number[] }>();
  const later = (task: () => void): unknown => clock.after(LATENCY, task);
  const desk = new ClaimsDesk(
    {
      clock,
      ledger: new PieceLedger(geometry, undefined),
      pieceCount: PIECES,
      count: 3,
      fixed: false,
      takeOver: false,
    },
    {
      shares: (to, state, pieces) => {
        const one = alive.get(to);
        later(() => {
          for (const p of pieces) if (one?.share.get(piece(p)) !== PieceShare.present) one?.share.set(piece(p), state);
        });
      },
      present: (to, pieces, owners) => {
        const one = alive.get(to);
        later(() => {
          for (const p of pieces) one?.share.set(piece(p), PieceShare.present);
          one?.present.push(...[...pieces].filter((_, i) => owners[i] !== to));
        });
      },
      log: () => {},
    },
  );
  return {
    clock,
    expiry: DESK_EXPIRY,
    join(index) {
      const identity = identityIndex(index);
      const share = new ShareMap(PIECES, PieceShare.open);
      const present: number[] = [];
      const one = { share, present };
      alive.set(index, one);
      desk.sharesFor(identity, []).forEach((state, p) => share.set(piece(p), state as PieceShare));
      const say = (task: () => void): unknown => (alive.get(index) === one ? later(task) : undefined);
      return Promise.resolve({
        claimer: new GrantedClaimer({
          claim: (pieces) => say(() => desk.claim(identity, pieces)),
          release: (pieces) => say(() => desk.release(identity, pieces)),
          idle: () => {},
        }),
        share,
        present,
        verify: (pieces) => {
          for (const p of pieces) share.set(p, PieceShare.present);
          say(() =>
            desk.verified(
              identity,
              pieces.map((p) => ({ piece: p, late: false })),
            ),
          );
          return new Promise((resolve) => clock.after(LATENCY, resolve));
        },
        leave: () => {
          say(() => desk.vacate(identity, false));
          alive.delete(index);
          return Promise.resolve();
        },
        die: () => {
          alive.delete(index);
          clock.after(millis(DESK_EXPIRY * 0.9), () => desk.vacate(identity, false));
        },
      });
    },
  };
}
