import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TorrentKey } from '../base/ids.ts';
import type { QueueMove } from './engine.ts';
import { moved } from './queue-order.ts';

const keys = (text: string): TorrentKey[] => Array.from(text) as string[] as TorrentKey[];
const key = (text: string): TorrentKey => text as string as TorrentKey;

describe('an order after a move', () => {
  it.each<[order: string, chosen: string, to: QueueMove, after: string]>([
    ['abcd', 'c', 'top', 'cabd'],
    ['abcd', 'db', 'top', 'bdac'],
    ['abcd', 'a', 'bottom', 'bcda'],
    ['abcd', 'c', 'up', 'acbd'],
    ['abcd', 'cd', 'up', 'acdb'],
    ['abcd', 'ab', 'up', 'abcd'],
    ['abcd', 'abd', 'up', 'abdc'],
    ['abcd', 'b', 'down', 'acbd'],
    ['abcd', 'ab', 'down', 'cabd'],
    ['abcd', 'cd', 'down', 'abcd'],
    ['abcd', 'd', { before: key('a') }, 'dabc'],
    ['abcd', 'a', { after: key('c') }, 'bcad'],
    ['abcd', 'ad', { after: key('b') }, 'badc'],
    ['abcd', 'bc', { before: key('b') }, 'abcd'],
    ['abcd', 'ac', { after: key('a') }, 'acbd'],
    ['abcd', 'cd', { before: key('c') }, 'abcd'],
    ['abcd', 'a', { before: key('x') }, 'abcd'],
    ['abcd', 'x', 'top', 'abcd'],
    // In capitals: those that take no part in the queue.
    ['aXYb', 'b', 'up', 'baXY'],
    ['XYb', 'b', 'up', 'XYb'],
    ['aXb', 'a', 'down', 'Xba'],
  ])('%s, of these %s go %j: %s', (order, chosen, to, after) => {
    const counts = (one: TorrentKey): boolean => one === one.toLowerCase();
    expect(moved(keys(order), new Set(keys(chosen)), to, counts).join('')).toBe(after);
  });

  it('has the same downloads, and those that move or stay in the same order among each other', () => {
    const order = keys('abcdefgh');
    const where = fc.oneof(
      fc.constantFrom<QueueMove>('top', 'up', 'down', 'bottom'),
      fc.constantFrom(...order).map((before) => ({ before })),
      fc.constantFrom(...order).map((after) => ({ after })),
    );
    fc.assert(
      fc.property(fc.subarray(order), where, (chosen, to) => {
        const set = new Set(chosen);
        const after = moved(order, set, to);
        const [before, now] = [order, after].map((list) => list.filter((one) => set.has(one)).join(''));
        expect(now).toBe(before);
        expect(after.filter((one) => !set.has(one))).toEqual(order.filter((one) => !set.has(one)));
      }),
    );
  });
});
