import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LateMap, LateSet } from './late-map.ts';

const key = fc.integer({ min: 0, max: 3 });
const step = fc.oneof(
  fc.record({ what: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ what: fc.constant('delete' as const), key }),
  fc.record({ what: fc.constant('clear' as const) }),
);

test('a late map and a late set hold what a map and a set would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [late, map] = [new LateMap<number, number>(), new Map<number, number>()];
      const [lateSet, set] = [new LateSet<number>(), new Set<number>()];
      for (const one of steps) {
        if (one.what === 'set') {
          late.set(one.key, one.value);
          map.set(one.key, one.value);
          lateSet.add(one.key);
          set.add(one.key);
        } else if (one.what === 'delete') {
          expect(late.delete(one.key)).toBe(map.delete(one.key));
          expect(lateSet.delete(one.key)).toBe(set.delete(one.key));
        } else {
          for (const some of [late, map, lateSet, set]) some.clear();
        }
        expect([...late]).toEqual([...map]);
        expect([...late.keys()]).toEqual([...map.keys()]);
        expect([...late.values()]).toEqual([...map.values()]);
        expect([...lateSet]).toEqual([...set]);
        expect([late.size, lateSet.size]).toEqual([map.size, set.size]);
        expect([late.get(1), late.has(1), lateSet.has(1)]).toEqual([map.get(1), map.has(1), set.has(1)]);
      }
    }),
  );
});

test('who goes through one may delete what he meets', () => {
  const late = new LateMap<number, string>();
  for (const n of [1, 2, 3]) late.set(n, '');
  const met: number[] = [];
  for (const n of late.keys()) {
    met.push(n);
    late.delete(n);
  }
  expect([met, late.size]).toEqual([[1, 2, 3], 0]);
});
