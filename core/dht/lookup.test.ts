import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { SeededRandom } from '../sim/random.ts';
import { type Candidate, Lookup } from './lookup.ts';
import { type NodeId, compareDistance } from './node-id.ts';
import { hostOf, idOf } from './testing/scene.ts';

const TARGET = idOf('00');
const contact = (n: number, id = idOf(n.toString(16).padStart(4, '0'))) => ({ id, host: hostOf(n), port: 6881 });

/** Asks all that may be asked now. */
function ask(lookup: Lookup): Candidate[] {
  const out: Candidate[] = [];
  for (let one = lookup.next(); one !== undefined; one = lookup.next()) {
    lookup.asked(one);
    out.push(one);
  }
  return out;
}

const names = (list: readonly Candidate[]): number[] =>
  list.map(({ host }) => Number(host.split('.')[1]) * 256 + Number(host.split('.')[2]));

describe('whom it asks', () => {
  test('the five nearest, then one more for each that answers, fails or is slow', () => {
    const lookup = new Lookup(TARGET);
    for (const n of [50, 10, 40, 20, 30, 60, 70, 80]) lookup.begin(contact(n));
    const first = ask(lookup);
    expect(names(first)).toEqual([10, 20, 30, 40, 50]);
    expect(lookup.next()).toBeUndefined();
    lookup.answers(first[4] as Candidate, (first[4] as Candidate).id as NodeId);
    expect(names(ask(lookup))).toEqual([60]);
    lookup.failed(first[3] as Candidate);
    expect(names(ask(lookup))).toEqual([70]);
    lookup.slow(first[2] as Candidate);
    expect(names(ask(lookup))).toEqual([80]);
    // A slow one that fails for good makes no room twice.
    lookup.begin(contact(90));
    lookup.failed(first[2] as Candidate);
    expect(ask(lookup)).toEqual([]);
  });

  test('nearer ones that it is told of first', () => {
    const lookup = new Lookup(TARGET);
    for (let n = 10; n < 20; n++) lookup.begin(contact(n));
    const [first] = ask(lookup);
    lookup.told(contact(3), first as Candidate);
    lookup.answers(first as Candidate, (first as Candidate).id as NodeId);
    expect(names(ask(lookup))).toEqual([3]);
  });

  test('it is done when the eight nearest have answered', () => {
    const lookup = new Lookup(TARGET);
    for (let n = 1; n <= 30; n++) lookup.begin(contact(n));
    const asked: number[] = [];
    for (let list = ask(lookup); list.length > 0; list = ask(lookup)) {
      asked.push(...names(list));
      for (const one of list) lookup.answers(one, one.id as NodeId);
    }
    expect(lookup.done).toBe(true);
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(names(lookup.answered().slice(0, 8))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a nearer one that is slow is waited for', () => {
    const lookup = new Lookup(TARGET);
    for (let n = 1; n <= 9; n++) lookup.begin(contact(n));
    const first = ask(lookup);
    const [slow] = first as [Candidate];
    lookup.slow(slow);
    for (const one of [...first.slice(1), ...ask(lookup)]) lookup.answers(one, one.id as NodeId);
    for (const one of ask(lookup)) lookup.answers(one, one.id as NodeId);
    expect(names(lookup.answered())).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(lookup.done).toBe(false);
    lookup.failed(slow);
    expect(lookup.done).toBe(true);
  });

  test('nobody there: done', () => {
    const lookup = new Lookup(TARGET);
    expect(lookup.done).toBe(true);
    lookup.begin(contact(1));
    expect(lookup.done).toBe(false);
    for (const one of ask(lookup)) lookup.failed(one);
    expect(lookup.done).toBe(true);
  });

  test('places without an id come last, and get theirs by answering', () => {
    const lookup = new Lookup(TARGET);
    lookup.beginAt([{ host: '9.9.9.9', port: 1 }]);
    lookup.beginAt([{ host: '9.9.9.9', port: 1 }]);
    lookup.begin(contact(5));
    const list = ask(lookup);
    expect(list.map(({ host }) => host)).toEqual([hostOf(5), '9.9.9.9']);
    lookup.answers(list[1] as Candidate, idOf('0001'));
    lookup.answers(list[0] as Candidate, idOf('0005'));
    expect(lookup.answered().map(({ host }) => host)).toEqual(['9.9.9.9', hostOf(5)]);
    expect(lookup.done).toBe(true);
  });
});

describe('liars', () => {
  const asked = (lookup: Lookup, n: number): Candidate => {
    lookup.begin(contact(n));
    return ask(lookup)[0] as Candidate;
  };

  test('one of a /24 takes part', () => {
    const lookup = new Lookup(TARGET);
    const from = asked(lookup, 100);
    for (let i = 1; i < 200; i++)
      lookup.told({ id: idOf(i.toString(16).padStart(4, '0')), host: `77.1.1.${i}`, port: 1 }, from);
    lookup.answers(from, from.id as NodeId);
    expect(ask(lookup)).toHaveLength(1);
  });

  test('what one makes up is passed over after four', () => {
    const lookup = new Lookup(TARGET);
    const from = asked(lookup, 500);
    for (let n = 1; n <= 16; n++) lookup.told(contact(n), from);
    lookup.begin(contact(400));
    lookup.answers(from, from.id as NodeId);
    const first = ask(lookup);
    expect(names(first)).toEqual([1, 2, 3, 4, 5]);
    for (const one of first.slice(0, 4)) lookup.slow(one);
    expect(names(ask(lookup))).toEqual([400]);
    // One that answers after all speaks for it.
    lookup.answers(first[0] as Candidate, (first[0] as Candidate).id as NodeId);
    expect(names(ask(lookup))).toEqual([6, 7, 8, 9]);
  });

  test('who is told of with another id takes part with its own', () => {
    const lookup = new Lookup(TARGET);
    const from = asked(lookup, 500);
    for (let n = 1; n <= 5; n++) lookup.told(contact(n), from);
    lookup.answers(from, from.id as NodeId);
    const first = ask(lookup);
    lookup.answers(first[0] as Candidate, idOf('0009'));
    expect(names(lookup.answered())).toEqual([1, 500]);
    for (const one of first.slice(1)) lookup.answers(one, one.id as NodeId);
    expect(names(lookup.answered())).toEqual([2, 3, 4, 5, 1, 500]);
    expect([from.misled, from.led]).toEqual([1, 4]);
  });

  test('what two tell of is not made up by one', () => {
    const lookup = new Lookup(TARGET);
    lookup.begin(contact(500));
    lookup.begin(contact(501));
    const [a, b] = ask(lookup) as [Candidate, Candidate];
    for (let n = 1; n <= 16; n++) lookup.told(contact(n), a);
    for (let n = 9; n <= 16; n++) lookup.told(contact(n), b);
    lookup.answers(a, a.id as NodeId);
    const first = ask(lookup);
    for (const one of first) lookup.slow(one);
    expect(names(ask(lookup))[0]).toBe(9);
  });

  test('candidates are bounded, and the nearest stay', () => {
    const lookup = new Lookup(TARGET);
    const from = asked(lookup, 5000);
    for (let n = 4000; n > 0; n--) lookup.told(contact(n), from);
    lookup.answers(from, from.id as NodeId);
    expect(names(ask(lookup))).toEqual([1, 2, 3, 4, 5]);
    const own = new Lookup(TARGET);
    for (let n = 4000; n > 0; n--) own.begin(contact(n));
    let questions = 0;
    for (let list = ask(own); list.length > 0; list = ask(own)) {
      questions += list.length;
      for (const one of list) own.failed(one);
    }
    expect([questions, own.done]).toEqual([100, true]);
  });
});

test('it finds the nearest of a network, whatever the order of answers', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const ids = Array.from({ length: 400 }, () => random.bytes(20) as NodeId);
    const target = random.bytes(20) as NodeId;
    const sorted = [...ids].sort((a, b) => compareDistance(target, a, b));
    const gone = new Set(sorted.filter(() => random.uniform() < 0.2));
    const lookup = new Lookup(target);
    for (const id of sorted.slice(-8)) lookup.begin({ id, host: hostOf(ids.indexOf(id)), port: 1 });
    const open: Candidate[] = [];
    let questions = 0;
    while (!lookup.done) {
      const list = ask(lookup);
      questions += list.length;
      open.push(...list);
      const at = Math.floor(random.uniform() * open.length);
      const [one] = open.splice(at, 1);
      if (one === undefined) break;
      const id = ids[names([one])[0] as number] as NodeId;
      if (gone.has(id)) {
        lookup.failed(one);
        continue;
      }
      // Who is asked knows some that are nearer than itself.
      const place = sorted.indexOf(id);
      const from = Math.max(0, Math.floor(place / 4) - 4);
      for (const other of sorted.slice(from, from + 16))
        lookup.told({ id: other, host: hostOf(ids.indexOf(other)), port: 1 }, one);
      lookup.answers(one, id);
    }
    const expected = sorted.filter((id) => !gone.has(id)).slice(0, 8);
    expect(
      lookup
        .answered()
        .slice(0, 8)
        .map(({ id }) => toHex(id as NodeId)),
    ).toEqual(expected.map(toHex));
    expect(questions).toBeLessThan(60);
  }
});
