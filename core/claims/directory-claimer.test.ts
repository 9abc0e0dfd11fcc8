import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { identityIndex, type InfoHash, type PeerId, piece, type PieceIndex } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SeededRandom } from '../sim/random.ts';
import { Journal, JournalKind, journalPath } from '../store/journal.ts';
import { PieceShare, ShareMap } from '../strategy/share-map.ts';
import { DirectoryClaimer, type DirectoryClaimerOptions } from './directory-claimer.ts';
import { GrantedClaimer } from './granted-claimer.ts';

const FOLDER = '/common';
const INFO_HASH = 'a'.repeat(40) as InfoHash;
const PIECES = 24;

class Directory {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk({ clock: this.clock });
  readonly random = new SeededRandom(3);
  /** Processes that are there. */
  readonly alive = new Set<number>();
  #pids = 0;

  async identity(i: number, changes: Partial<DirectoryClaimerOptions> = {}) {
    const pid = ++this.#pids;
    this.alive.add(pid);
    const share = changes.share ?? new ShareMap(PIECES, PieceShare.open);
    const present: number[] = [];
    const siblings: string[][] = [];
    const lost: number[] = [];
    const failures: unknown[] = [];
    const { clock, disk, random } = this;
    /** The timers of a process end with it. */
    const own: Clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      after: (delay, task) => clock.after(delay, () => this.alive.has(pid) && task()),
      every: (period, task) => clock.every(period, () => this.alive.has(pid) && task()),
      soon: (task) => clock.soon(task),
    };
    const claimer = new DirectoryClaimer({
      ports: {
        clock: own,
        disk,
        random,
        processFacts: {
          self: () => Promise.resolve({ pid, startTime: `${pid}`, bootId: 'b', host: 'h' }),
          startTimeOf: (other) => Promise.resolve(this.alive.has(other) ? `${other}` : undefined),
        },
      },
      folder: FOLDER,
      infoHash: INFO_HASH,
      identity: identityIndex(i),
      count: 3,
      peerId: toHex(random.bytes(20)) as PeerId,
      pieceFiles: false,
      selection: 'random',
      takeOver: false,
      share,
      endpoint: () => ({ host: '10.0.0.1', port: 7000 + i }),
      onPresent: (pieces) => {
        for (const p of pieces) share.set(piece(p), PieceShare.present);
        present.push(...pieces);
      },
      onLost: (news) => lost.push(...news.map((one) => one.piece)),
      onSiblings: (known) => siblings.push(known.flatMap((one) => [one.peerId, `${one.endpoint.port}`])),
      onFailed: (error) => failures.push(error),
      ...changes,
    });
    await clock.resolve(claimer.start());
    const journal = new Journal(disk, journalPath(FOLDER, identityIndex(i)), INFO_HASH);
    const verify = async (pieces: readonly PieceIndex[]): Promise<void> => {
      for (const p of pieces) share.set(p, PieceShare.present);
      await journal.append(JournalKind.verified, pieces);
      for (const p of pieces) claimer.verified(p);
    };
    /** The process ends without a word. */
    const die = (): boolean => this.alive.delete(pid);
    return { claimer, share, present, siblings, lost, failures, verify, die };
  }
}

const of = (share: ShareMap, state: PieceShare): number[] =>
  Array.from({ length: PIECES }, (_, p) => p).filter((p) => share.get(piece(p)) === state);
const all = Array.from({ length: PIECES }, (_, p) => piece(p));

for (const pieceFiles of [false, true]) {
  describe(`claims in a common directory${pieceFiles ? ', by the pieces themselves' : ''}`, () => {
    test('of several who want the same, exactly one gets it', async () => {
      const directory = new Directory();
      const three = [];
      for (let i = 0; i < 3; i++) three.push(await directory.identity(i, { pieceFiles }));
      for (const { claimer } of three) claimer.claim(all);
      await directory.clock.advance(5000);
      const mine = three.flatMap(({ share }) => of(share, PieceShare.mine));
      expect(mine.sort((a, b) => a - b)).toEqual(all);
      for (const { share } of three) expect(of(share, PieceShare.open)).toEqual([]);
    });

    test('what is given back may be claimed again, once', async () => {
      const directory = new Directory();
      const [a, b, c] = [
        await directory.identity(0, { pieceFiles }),
        await directory.identity(1, { pieceFiles }),
        await directory.identity(2, { pieceFiles }),
      ];
      a.claimer.claim(all);
      await directory.clock.advance(2000);
      a.claimer.release([piece(5)]);
      await directory.clock.advance(2000);
      expect([a, b, c].map(({ share }) => share.get(piece(5)))).toEqual([1, 1, 1]);
      b.claimer.claim([piece(5)]);
      c.claimer.claim([piece(5)]);
      await directory.clock.advance(2000);
      expect(new Set([b, c].map(({ share }) => share.get(piece(5))))).toEqual(
        new Set([PieceShare.mine, PieceShare.theirs]),
      );
    });

    test('the claims of one that died go to the others, each once, after its lease', async () => {
      const directory = new Directory();
      const [a, b, c] = [
        await directory.identity(0, { pieceFiles }),
        await directory.identity(1, { pieceFiles }),
        await directory.identity(2, { pieceFiles }),
      ];
      a.claimer.claim(all);
      await directory.clock.advance(2000);
      await directory.clock.resolve(a.verify(all.slice(0, 4)));
      a.die();
      const ask = async (): Promise<void> => {
        b.claimer.idle();
        c.claimer.idle();
        await directory.clock.advance(2000);
      };
      await ask();
      expect(of(b.share, PieceShare.mine).concat(of(c.share, PieceShare.mine))).toEqual([]);
      await directory.clock.advance(50_000);
      await ask();
      const taken = of(b.share, PieceShare.mine).concat(of(c.share, PieceShare.mine));
      expect(taken.sort((x, y) => x - y)).toEqual(all.slice(4));
      expect(of(b.share, PieceShare.present)).toEqual(all.slice(0, 4));
    });
  });
}

test('siblings are told of each other, and of what each verified', async () => {
  const directory = new Directory();
  const a = await directory.identity(0);
  const b = await directory.identity(1);
  await directory.clock.resolve(a.verify([piece(3), piece(7)]));
  await directory.clock.advance(3000);
  expect(b.present).toEqual([3, 7]);
  expect(b.siblings.at(-1)?.[1]).toBe('7000');
  expect(a.siblings.at(-1)?.[1]).toBe('7001');
  await directory.clock.resolve(a.claimer.stop());
  await directory.clock.advance(3000);
  expect(b.siblings.at(-1)).toEqual([]);
});

test('an index runs once; after a crash it goes on with what it had claimed', async () => {
  const directory = new Directory();
  const a = await directory.identity(0);
  a.claimer.claim(all.slice(0, 3));
  await directory.clock.advance(1000);
  await expect(directory.identity(0)).rejects.toMatchObject({ code: 'in-use' });
  a.die();
  const again = await directory.identity(0);
  expect(of(again.share, PieceShare.mine)).toEqual([0, 1, 2]);
});

test('one that leaves gives back what it has not finished', async () => {
  const directory = new Directory();
  const a = await directory.identity(0);
  const b = await directory.identity(1);
  a.claimer.claim(all);
  await directory.clock.advance(2000);
  expect(of(b.share, PieceShare.open)).toEqual([]);
  await directory.clock.resolve(a.claimer.stop());
  await directory.clock.advance(3000);
  expect(of(b.share, PieceShare.open)).toEqual(all);
});

test('fixed ranges are taken over only where that is wanted', async () => {
  for (const takeOver of [false, true]) {
    const directory = new Directory();
    const one = await directory.identity(1, { selection: 'fixed', takeOver });
    const range = all.slice(8, 16);
    expect(of(one.share, takeOver ? PieceShare.open : PieceShare.mine)).toEqual(range);
    if (takeOver) one.claimer.claim(range);
    await directory.clock.advance(1000);
    await directory.clock.resolve(one.verify(range));
    one.claimer.idle();
    await directory.clock.advance(1000);
    expect(of(one.share, PieceShare.open)).toEqual(takeOver ? [4, 5, 6, 7] : []);
    expect(one.claimer.done).toBe(!takeOver);
  }
});

test('a directory that cannot be read any more is told, once', async () => {
  const directory = new Directory();
  const a = await directory.identity(0);
  directory.disk.fail({ path: `${FOLDER}/claims`, code: 'EIO' });
  await directory.clock.advance(5000);
  expect(a.failures).toHaveLength(1);
});

test('what was asked for is not asked for again before its answer', () => {
  const share = new ShareMap(6, PieceShare.open);
  const sent: string[] = [];
  const claimer = new GrantedClaimer(share, {
    claim: (pieces) => sent.push(`claim ${[...pieces].join(' ')}`),
    release: (pieces) => sent.push(`release ${[...pieces].join(' ')}`),
    idle: () => sent.push('idle'),
  });
  claimer.claim([piece(1), piece(2)]);
  claimer.idle();
  claimer.claim([piece(2), piece(3)]);
  share.set(piece(1), PieceShare.mine);
  share.set(piece(2), PieceShare.theirs);
  share.set(piece(3), PieceShare.mine);
  claimer.claim([piece(2)]);
  claimer.idle();
  claimer.release([]);
  expect(sent).toEqual(['claim 1 2', 'claim 3', 'idle', 'release ']);
});
