import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../base/ids.ts';
import { HashPicker } from './hash-picker.ts';

const T = millis(1_000_000);
const later = (seconds: number) => millis(T + 1000 * seconds);

function wanting(...items: readonly number[]): HashPicker<string> {
  const picker = new HashPicker<string>();
  for (const item of items) picker.want(item);
  return picker;
}

/** All that a peer is asked for at a time. */
function all(picker: HashPicker<string>, peer: string, now = T): number[] {
  const out: number[] = [];
  for (let item = picker.pick(peer, now); item !== undefined; item = picker.pick(peer, now)) out.push(item);
  return out;
}

describe('a hash picker', () => {
  it('asks each peer for two at a time, and nobody for the same', () => {
    const picker = wanting(5, 3, 8, 1, 2);
    expect(['a', 'b', 'c'].map((peer) => all(picker, peer))).toEqual([[5, 3], [8, 1], [2]]);
    expect(picker.answered('a', 5)).toBe(true);
    picker.forget(5);
    picker.want(9);
    expect(all(picker, 'a')).toEqual([9]);
  });

  it('asks another after three seconds, and lets the first one answer still', () => {
    const picker = wanting(1);
    expect(all(picker, 'slow')).toEqual([1]);
    expect(all(picker, 'b', later(2.9))).toEqual([]);
    expect(all(picker, 'slow', later(3))).toEqual([]);
    expect(all(picker, 'b', later(3))).toEqual([1]);
    expect(all(picker, 'c', later(4))).toEqual([]);
    expect(picker.answered('slow', 1)).toBe(true);
  });

  it('asks another at once where one refuses or leaves, and not the same one for a minute', () => {
    const picker = wanting(1);
    expect(all(picker, 'a')).toEqual([1]);
    picker.rejected('a', 1, T);
    expect(all(picker, 'a')).toEqual([]);
    expect(all(picker, 'b')).toEqual([1]);
    picker.left('b');
    expect(all(picker, 'c')).toEqual([1]);
    picker.left('c');
    expect(all(picker, 'a', later(59))).toEqual([]);
    expect(all(picker, 'a', later(60))).toEqual([1]);
  });

  it('leaves a peer that refuses everything alone', () => {
    const picker = wanting(...Array.from({ length: 100 }, (_, i) => i));
    let asked = 0;
    for (let item = picker.pick('a', T); item !== undefined; item = picker.pick('a', T)) {
      asked++;
      picker.rejected('a', item, T);
    }
    expect(asked).toBe(8);
    expect(all(picker, 'a', later(59))).toEqual([]);
    expect(all(picker, 'a', later(60))).toEqual([0, 1]);
  });

  it('asks only whom it may', () => {
    const picker = wanting(1, 2, 3);
    expect(picker.pick('a', T, (item) => item === 3)).toBe(3);
    expect(picker.pick('a', T, (item) => item === 3)).toBeUndefined();
  });

  it('knows an answer that nobody asked for', () => {
    const picker = wanting(1);
    expect(picker.answered('a', 1)).toBe(false);
    expect(all(picker, 'a')).toEqual([1]);
    expect(picker.answered('a', 1)).toBe(true);
    expect(picker.answered('a', 1)).toBe(false);
    picker.rejected('a', 1, T);
    picker.forget(1);
    expect([picker.size, all(picker, 'b', later(9))]).toEqual([0, []]);
  });

  it('comes to an end whoever refuses or leaves, as long as one peer answers', () => {
    const event = fc.tuple(fc.constantFrom('a', 'b', 'good'), fc.constantFrom('refuse', 'leave', 'wait'), fc.nat(4));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(event, { maxLength: 60 }), (count, events) => {
        const picker = wanting(...Array.from({ length: count }, (_, i) => i));
        let now = T;
        const held = new Map<string, number[]>();
        for (const [peer, what, seconds] of events) {
          held.set(peer, [...(held.get(peer) ?? []), ...all(picker, peer, now)]);
          expect(held.get(peer)?.length).toBeLessThanOrEqual(2);
          if (what === 'refuse' && peer !== 'good') {
            for (const item of held.get(peer) ?? []) picker.rejected(peer, item, now);
            held.delete(peer);
          } else if (what === 'leave') {
            picker.left(peer);
            held.delete(peer);
          }
          now = millis(now + 1000 * seconds);
        }
        for (let round = 0; picker.size > 0 && round < 100; round++) {
          now = millis(now + 4000);
          for (const item of [...(held.get('good') ?? []), ...all(picker, 'good', now)]) {
            expect(picker.answered('good', item)).toBe(true);
            picker.forget(item);
          }
          held.delete('good');
        }
        expect(picker.size).toBe(0);
      }),
    );
  });
});
