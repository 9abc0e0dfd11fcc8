import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Entrant } from './decide.ts';

/** A download a letter: d downloads, s seeds, - needs no place; in capitals it waits; followed by ! it is forced, by ~ stalled. */
function entrants(drawing: string): [string, Entrant][] {
  return Array.from(drawing.matchAll(/([dsDS-])([!~]?)/g), ([, letter = '', sign], at) => [
    `${at + 1}`,
    {
      wants: letter === '-' ? undefined : letter.toLowerCase() === 'd' ? 'download' : 'seed',
      waits: letter !== letter.toLowerCase(),
      forced: sign === '!',
      stalled: sign === '~',
    },
  ]);
}

describe('who is active', () => {
  it.each<[drawing: string, downloads: number, seeds: number, go: string, stop: string, waiting: string]>([
    // No limits: all.
    ['D d S s', 0, 0, '1 3', '', ''],
    // The first ones of each kind.
    ['D D D S S', 2, 1, '1 2 4', '', '3:1 5:1'],
    ['D D D D', 1, 0, '1', '', '2:1 3:2 4:3'],
    ['d d D s s', 2, 0, '', '', '3:1'],
    // Whoever came to the top takes the place of the last one.
    ['D d d', 2, 0, '1', '3', '3:1'],
    // A limit that was lowered.
    ['d d d s s', 1, 1, '', '2 3 5', '2:1 3:2 5:1'],
    // What needs no place takes none.
    ['- - D D', 1, 0, '3', '', '4:1'],
    // Forced ones stand outside, wherever they are.
    ['d D! D', 1, 0, '2', '', '3:1'],
    ['d! D', 1, 0, '2', '', ''],
    // A stalled one leaves its place to the next one, and runs on.
    ['d~ D', 1, 0, '2', '', ''],
    ['d~ d D', 1, 0, '', '', '3:1'],
    ['s~ s~ S S', 0, 1, '3', '', '4:1'],
    // When it gets something again, the last one waits again.
    ['d d', 1, 0, '', '2', '2:1'],
  ])('%s, %i and %i places: go %s, stop %s, waiting %s', (drawing, activeDownloads, activeSeeds, go, stop, waiting) => {
    const decision = decide(entrants(drawing), { activeDownloads, activeSeeds });
    expect(decision.go.join(' ')).toBe(go);
    expect(decision.stop.join(' ')).toBe(stop);
    expect([...decision.waiting].map(([key, place]) => `${key}:${place}`).join(' ')).toBe(waiting);
  });
});

const entrant: fc.Arbitrary<Entrant> = fc
  .record({
    wants: fc.constantFrom('download', 'seed', undefined),
    forced: fc.boolean(),
    waits: fc.boolean(),
    stalled: fc.boolean(),
  })
  .map((one) => ({ ...one, stalled: one.stalled && !one.waits }));
const cases = [fc.array(entrant, { maxLength: 60 }), fc.nat(5), fc.nat(5)] as const;

describe('after any decision', () => {
  const after = (list: readonly Entrant[], activeDownloads: number, activeSeeds: number): Entrant[] => {
    const { waiting } = decide(list.entries(), { activeDownloads, activeSeeds });
    return list.map((one, i) => ({ ...one, waits: waiting.has(i) }));
  };

  it('no more hold places than there are, and none is left free while somebody waits', () => {
    fc.assert(
      fc.property(...cases, (list, downloads, seeds) => {
        const now = after(list, downloads, seeds);
        for (const [kind, most] of [
          ['download', downloads],
          ['seed', seeds],
        ] as const) {
          const those = now.filter((one) => one.wants === kind && !one.forced && !one.stalled);
          const holding = those.filter((one) => !one.waits).length;
          if (most > 0) expect(holding).toBe(Math.min(most, those.length));
          else expect(holding).toBe(those.length);
        }
      }),
    );
  });

  it('the same facts decide the same, and nobody moves', () => {
    fc.assert(
      fc.property(...cases, (list, activeDownloads, activeSeeds) => {
        const again = decide(after(list, activeDownloads, activeSeeds).entries(), { activeDownloads, activeSeeds });
        expect([again.go, again.stop]).toEqual([[], []]);
      }),
    );
  });
});
