import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collect, SpareMemory } from './spare-memory.ts';

const MIB = 1 << 20;

test('memory is given back once much was made and is over, and then not again', () => {
  const spare = new SpareMemory({ cpu: 0, lasting: 10 * MIB }, 10_000);
  const looks: readonly [cpu: number, mib: number, worth: boolean][] = [
    [5000, 60, false],
    [9000, 90, false],
    [9100, 90, true],
  ];
  for (const [cpu, mib, worth] of looks) expect(spare.look({ cpu, lasting: mib * MIB }), `${cpu} ms`).toBe(worth);
  spare.collected({ cpu: 9200, lasting: 50 * MIB });
  expect(spare.look({ cpu: 9210, lasting: 55 * MIB })).toBe(false);
  expect(spare.look({ cpu: 9220, lasting: 67 * MIB })).toBe(true);
});

test('what nobody needs any more is freed', async () => {
  const gone = new WeakRef({});
  await turn();
  collect();
  expect(gone.deref()).toBeUndefined();
});
