import { expect, test } from 'vitest';
import { readSavedDht, savedDht, savedPlaces } from './saved.ts';
import { hostOf, idOf } from './testing/scene.ts';

const id = idOf('abcd');
const good = savedDht(4, id, [{ host: '1.2.3.4', port: 80 }]);

test.each([
  ['what was kept', good, good],
  ['nothing', undefined, undefined],
  ['null', null, undefined],
  ['text', 'x', undefined],
  ['another version', { ...good, version: 2 }, undefined],
  ['another family', { ...good, family: 6 }, undefined],
  ['no id', { ...good, id: undefined }, undefined],
  ['a short id', { ...good, id: 'ab' }, undefined],
  ['an id of other letters', { ...good, id: 'x'.repeat(40) }, undefined],
  ['no nodes', { ...good, nodes: [] }, { ...good, nodes: [] }],
  ['nodes that are none', { ...good, nodes: {} }, undefined],
  ['a node that is none', { ...good, nodes: [5] }, undefined],
  ['a name', { ...good, nodes: ['router.example:6881'] }, undefined],
  ['an address of the other family', { ...good, nodes: ['[2001:db9::1]:80'] }, undefined],
  ['no port', { ...good, nodes: ['1.2.3.4'] }, undefined],
  ['too many', { ...good, nodes: Array(201).fill('1.2.3.4:80') }, undefined],
  ['something else beside it', { ...good, more: 1 }, good],
])('%s', (_, value, expected) => {
  expect(readSavedDht(value, 4)).toEqual(expected);
});

test('at most 200 nodes are kept, and survive being written as JSON', () => {
  const nodes = Array.from({ length: 300 }, (_, n) => ({ host: hostOf(n, 6), port: 6881 }));
  const saved = readSavedDht(JSON.parse(JSON.stringify(savedDht(6, id, nodes))), 6);
  expect(savedPlaces(saved?.nodes ?? [], 6)).toEqual(nodes.slice(0, 200));
});
