import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../base/endpoint.ts';
import { identityIndex, piece } from '../../base/ids.ts';
import type { DealablePeer, DealInput, DealtPeers } from '../peers/peer-dealing.ts';
import type { Dealing } from './dealing.ts';
import { DEALING_NAMES, dealingNamed, dealsPieces, homesBy } from './dealings.ts';

const nobody: DealtPeers = new Map();

/** Peers on ports 0 to count - 1, identities in groups named by letters, who has a connection with whom. */
function table(count: number, groups: string, connected: Readonly<Record<number, number>> = {}): DealInput {
  const peers = Array.from({ length: count }, (_, port): DealablePeer => {
    const holder = connected[port];
    const endpoint = { host: '10.0.0.1', port, source: 'tracker' } as const;
    return {
      key: formatEndpoint(endpoint),
      endpoint,
      connectedTo: holder === undefined ? [] : [identityIndex(holder)],
    };
  });
  return {
    peers,
    identities: Array.from(groups, (group, i) => ({ index: identityIndex(i), group })),
    previous: nobody,
  };
}

const ports = (dealt: DealtPeers): number[][] =>
  [...dealt].sort(([a], [b]) => a - b).map(([, endpoints]) => endpoints.map(({ port }) => port));

const homes = (dealing: Dealing, count: number, pieceCount: number): number[] =>
  Array.from({ length: pieceCount }, (_, p) => homesBy(dealing, { count, pieceCount })(piece(p)));

describe('dealings', () => {
  test('each file has its line, under its own name', () => {
    const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)));
    const own = files.filter((file) => !file.endsWith('.test.ts') && !['dealing.ts', 'dealings.ts'].includes(file));
    expect(own.map((file) => file.replace('.ts', '')).toSorted()).toEqual(DEALING_NAMES.toSorted());
  });

  test('names are such as can be typed; one that is not known is as none', () => {
    for (const name of DEALING_NAMES) expect(name).toMatch(/^[a-z][a-z-]{0,39}$/);
    for (const name of [undefined, 'of-another-program', 'constructor', 'toString'])
      expect(dealingNamed(name)).toBe(dealingNamed('even'));
  });

  test.each(DEALING_NAMES)(
    '%s: every peer is some identity’s of each group, and what was dealt stays where nothing changes',
    (name) => {
      const dealing = dealingNamed(name);
      const some = fc.record({
        count: fc.nat(20),
        groups: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }),
        connected: fc.dictionary(fc.nat(19).map(String), fc.nat(5)),
      });
      fc.assert(
        fc.property(some, ({ count, groups, connected }) => {
          const input = table(count, groups, connected);
          const dealt = dealing.peers(input);
          for (const group of new Set(groups)) {
            const own = input.identities.filter((one) => one.group === group);
            const all = new Set(own.flatMap(({ index }) => dealt.get(index) ?? []).map(({ port }) => port));
            expect([...all].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, port) => port));
          }
          expect(ports(dealing.peers({ ...input, previous: dealt }))).toEqual(ports(dealt));
        }),
      );
    },
  );

  test('everyone: each identity may dial all, behind one address, too', () => {
    expect(ports(dealingNamed('everyone').peers(table(3, 'aab', { 0: 1 })))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });
});

describe('whose a piece is', () => {
  test('in ranges, unless a dealing says so; striped: one after the other', () => {
    expect(homes(dealingNamed('even'), 3, 7)).toEqual([0, 0, 1, 1, 2, 2, 2]);
    expect(homes(dealingNamed('striped'), 3, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(DEALING_NAMES.filter(dealsPieces)).toEqual(['striped']);
  });

  test.each([-1, 3, 4.7, 1e9, Number.NaN, Infinity])('never nobody’s, also where a dealing says %d', (said) => {
    const dealing: Dealing = { ...dealingNamed('even'), home: () => said };
    for (const home of homes(dealing, 3, 7)) expect([0, 1, 2]).toContain(home);
  });
});
