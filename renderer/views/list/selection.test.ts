import { beforeEach, expect, test } from 'vitest';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { ui } from '../../stores/ui-store.ts';
import { keepTapped } from './selection.ts';

const [A, B, C, D] = ['a', 'b', 'c', 'd'] as unknown as [TorrentKey, TorrentKey, TorrentKey, TorrentKey];

beforeEach(() => ui.setState({ selecting: true, inDetail: true, current: B, selected: new Set([A, B]) }, false));

test.each([
  ['one came', [D, A, B, C], { current: B, selected: new Set([A, B]), inDetail: true }],
  ['another one went', [A, B], { current: B, selected: new Set([A, B]), inDetail: true }],
  ['one of them went', [A, C], { current: A, selected: new Set([A]), inDetail: true }],
  ['all of them went: no other one takes their place', [C, D], { current: C, selected: new Set(), inDetail: false }],
  ['nothing is left', [], { current: undefined, selected: new Set(), inDetail: false }],
] as const)('while taps select, %s', (_, order, then) => {
  keepTapped(order);
  expect(ui.getState()).toMatchObject(then);
});

test('where nothing of that has changed, nothing is drawn again', () => {
  const before = ui.getState();
  keepTapped([A, B, C, D]);
  expect(ui.getState()).toBe(before);
});
