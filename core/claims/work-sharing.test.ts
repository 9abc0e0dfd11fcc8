import { describe, expect, test } from 'vitest';
import { identityIndex, type IdentityIndex, piece, type PieceIndex } from '../base/ids.ts';
import { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import { VirtualClock } from '../sim/clock.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { ClaimsDesk } from './claims-desk.ts';
import { type Worker, WorkSharing } from './work-sharing.ts';

const PIECES = 16;
const [slow, fast] = [identityIndex(0), identityIndex(1)];
const range = (first: number, end: number): PieceIndex[] =>
  Array.from({ length: end - first }, (_, i) => piece(first + i));

/** Two identities: the first one claims everything and receives 1 KiB/s, the second has nothing to do and could receive 3. */
class Office {
  readonly clock = new VirtualClock();
  readonly desk: ClaimsDesk;
  readonly sharing: WorkSharing;
  /** Who was asked to give back how many. */
  readonly asked: [IdentityIndex, number][] = [];
  readonly workers = new Map<IdentityIndex, Worker>();

  constructor() {
    const { geometry } = testTorrent([PIECES << 10], 1 << 10);
    const ledger = new PieceLedger(geometry, undefined);
    const options = { clock: this.clock, ledger, pieceCount: PIECES, count: 2, fixed: false, takeOver: false };
    this.desk = new ClaimsDesk(options, { shares: () => {}, present: () => {}, log: () => {} });
    this.work(slow, 1024);
    this.work(fast, 3072);
    this.sharing = new WorkSharing(1 << 10, this.clock, this.desk, {
      active: () => [...this.workers.values()],
      giveBack: (from, most) => this.asked.push([from, most]),
    });
    this.desk.claim(slow, range(0, PIECES));
  }

  /** What it reports: pieces that it has begun, and what its peers have (undefined: not told yet). */
  work(index: IdentityIndex, down: number, begun: readonly number[] = [], has?: readonly number[]): void {
    const availability = has && Uint16Array.from({ length: PIECES }, (_, p) => (has.includes(p) ? 1 : 0));
    const status = { begun: Uint32Array.from(begun), begunFill: new Uint8Array(begun.length) };
    this.workers.set(index, { index, down, availability, status });
  }

  /** The fast one has nothing to do. */
  idle(): boolean {
    const worker = this.workers.get(fast);
    if (worker === undefined) throw new Error('it is gone');
    return this.sharing.idle(worker);
  }
}

describe('who has nothing to do', () => {
  test('gets as much of what another has not begun as makes both end together', () => {
    const office = new Office();
    expect(office.idle()).toBe(false);
    expect(office.asked).toEqual([[slow, 12]]);
    office.sharing.released(slow, Uint32Array.from(range(4, 16)));
    expect(office.desk.claimsOf(fast)).toEqual(range(4, 16));
    expect(office.desk.claimsOf(slow)).toEqual(range(0, 4));
    expect(office.sharing.news()).toContain('12 pieces');
    expect(office.sharing.news()).toBeUndefined();
  });

  test('gets only what its peers have; the rest is free', () => {
    const office = new Office();
    office.work(fast, 3072, [], [4, 5]);
    office.idle();
    office.sharing.released(slow, Uint32Array.from(range(4, 16)));
    expect(office.desk.claimsOf(fast)).toEqual(range(4, 6));
    expect(office.desk.free).toBe(10);
  });

  test('who was asked is left alone until it answers or its time is over', async () => {
    const office = new Office();
    office.work(slow, 1024, range(0, PIECES - 1));
    office.idle();
    office.idle();
    expect(office.asked).toHaveLength(1);
    await office.clock.advance(3000);
    office.idle();
    expect(office.asked).toHaveLength(2);
    // It has nothing to give.
    office.sharing.released(slow, new Uint32Array(0));
    office.idle();
    expect(office.asked).toHaveLength(2);
    await office.clock.advance(1000);
    office.idle();
    expect(office.asked).toHaveLength(3);
  });

  test('at the end fetches copies of what is on its way, and that both bring it is no mistake', () => {
    const office = new Office();
    office.work(slow, 1024, range(0, PIECES));
    expect(office.idle()).toBe(false);
    expect(office.asked).toEqual([]);
    expect(office.desk.hasCopies(fast)).toBe(true);
    const [copy] = range(0, PIECES).filter((p) => office.desk.copies(p).has(fast));
    if (copy === undefined) throw new Error('no copy');
    office.desk.verified(fast, [{ piece: copy, late: false }]);
    office.desk.verified(slow, [{ piece: copy, late: false }]);
    expect(office.desk.duplicates).toBe(0);
  });

  test('is done when nothing is left, and not while somebody gives back for it', () => {
    const office = new Office();
    office.idle();
    office.workers.delete(slow);
    expect(office.idle()).toBe(false);
    office.sharing.gone(slow);
    expect(office.idle()).toBe(true);
  });

  test('gets nothing that was given back after it had gone', () => {
    const office = new Office();
    office.idle();
    office.workers.delete(fast);
    office.sharing.released(slow, Uint32Array.from(range(4, 16)));
    expect(office.desk.claimsOf(fast)).toEqual([]);
    expect(office.desk.free).toBe(12);
  });
});
