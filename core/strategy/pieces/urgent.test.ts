import { describe, expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import { type Drawing, peerWith, picked, scene, shown } from '../testing/scene.ts';
import type { BlockRef } from './picker.ts';

const urgent = (drawing: Drawing, ...pieces: number[]) => {
  const made = scene(drawing);
  made.picker.setUrgent(pieces.map(piece));
  return { ...made, any: peerWith(made.pieceCount) };
};

describe('urgent pieces', () => {
  test('come first, in their order, also before what is begun and before higher priorities', () => {
    const { picker, any } = urgent({ share: 'mmmmm', begun: '20000', priority: '44744', blocks: 2 }, 3, 1);
    expect(picked(picker, any, 6)).toBe('3.0 3.1 1.0 1.1 2.0 2.1');
  });

  test.each([
    ['one of a sibling, or that nobody claimed, is passed over', { share: 'totm' }, 'xxxx', '3.0 3.1'],
    ['one that is not wanted', { priority: '4440' }, 'xxxx', '1.0 1.1'],
    ['one that the peer lacks', {}, 'xx..', '1.0 1.1'],
    ['one that is there', { share: 'mmmP' }, 'xxxx', '1.0 1.1'],
  ])('%s', (_, drawing, have, blocks) => {
    const { picker, pieceCount } = urgent({ share: 'mmmm', ...drawing, blocks: 2 }, 3, 1);
    expect(picked(picker, peerWith(pieceCount, have), 2)).toBe(blocks);
  });

  test('a much slower peer stays off them while a fast one is at it', () => {
    const { picker, pieceCount } = urgent({ share: 'mm', blocks: 4 }, 0);
    expect(picked(picker, peerWith(pieceCount, undefined, 1000), 2)).toBe('0.0 0.1');
    expect(picked(picker, peerWith(pieceCount, undefined, 10), 2)).toBe('1.0 1.1');
  });

  const parts = (have: string, ...shares: number[]): string[] => {
    const made = scene({ share: 'mmmmm', blocks: 8 });
    const peers = shares.map(() => peerWith(made.pieceCount, have));
    made.picker.setUrgent([4, 2, 1].map(piece), (peer) => shares[peers.indexOf(peer as never)] ?? 0);
    return peers.map((peer) => picked(made.picker, peer, 12));
  };

  test('of the first blocks each peer takes its part, of what follows what it can', () => {
    const [half, rest] = parts('xxxxx', 0.5, 1);
    expect(half).toBe('4.0 4.1 4.2 4.3 4.4 4.5 4.6 4.7 1.0 1.1 1.2 1.3');
    expect(rest).toBe('2.0 2.1 2.2 2.3 2.4 2.5 2.6 2.7 1.4 1.5 1.6 1.7');
    const [quarter] = parts('xxxxx', 0.25);
    expect(quarter).toBe('4.0 4.1 4.2 4.3 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7');
  });

  test('one that would bring the last of them too late takes none of the first', () => {
    expect(parts('xxxxx', 0)).toEqual(['1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 0.0 0.1 0.2 0.3']);
  });

  test('a server is asked for them before its run', () => {
    const { picker, any } = urgent({ share: 'mmmmmmmm', blocks: 2 }, 6);
    expect(picked(picker, { ...any, runs: 'first' }, 2)).toBe('6.0 6.1');
  });

  test('a helping sibling takes its part of them, and nothing else: another one brings the rest', () => {
    const made = scene({ share: 'mmm', begun: '001', blocks: 8 });
    const [one, other] = [0, 1].map(() => ({ ...peerWith(made.pieceCount), several: true }));
    made.picker.setUrgent([piece(1)], () => 0.25);
    expect(picked(made.picker, one!, 9)).toBe('1.0 1.1');
    expect(picked(made.picker, other!, 9)).toBe('1.2 1.3');
  });

  test('without them all is as before', () => {
    const { picker, any } = urgent({ share: 'mmm', begun: '010', blocks: 2 });
    expect(picked(picker, any, 1)).toBe('1.1');
  });
});

describe('what comes late', () => {
  const late = (drawing: Drawing, holder: number, rate: number, count = 9): string => {
    const { picker, pieceCount } = urgent({ share: 'mmmm', blocks: 2, ...drawing }, 0, 1, 2);
    picked(picker, peerWith(pieceCount, undefined, holder), 2);
    const out: BlockRef[] = [];
    picker.pickLate(peerWith(pieceCount, undefined, rate), count, out);
    return shown(out);
  };

  test('is asked of a much faster peer too, once none of its blocks is missing', () => {
    expect(late({}, 10, 100)).toBe('0.0 0.1');
    expect(late({}, 10, 100, 1)).toBe('0.0');
    expect(late({}, 10, 20)).toBe('');
    expect(late({ blocks: 3 }, 10, 100)).toBe('');
    // Nobody knows how fast it is.
    expect(late({}, 0, 0)).toBe('');
  });

  test('is asked of no third one, nor of the same', () => {
    const { picker, pieceCount } = urgent({ share: 'm', blocks: 2 }, 0);
    const [slow, fast, third] = [10, 100, 1000].map((rate) => peerWith(pieceCount, undefined, rate));
    picked(picker, slow!, 2);
    const out: BlockRef[] = [];
    picker.pickLate(slow!, 9, out);
    picker.pickLate(fast!, 9, out);
    picker.pickLate(third!, 9, out);
    expect(shown(out)).toBe('0.0 0.1');
    expect(picker.received(piece(0), 0, fast!).others).toEqual([slow]);
  });
});
