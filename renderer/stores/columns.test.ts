import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_COLUMN, MIN_COLUMN } from '../../core/engine/settings.ts';
import {
  type Column,
  COLUMN_IDS,
  type ColumnId,
  moved,
  readColumns,
  sized,
  toggled,
  USUAL_COLUMNS,
} from './columns.ts';

const ids = (columns: readonly Column[]): string => columns.map(({ id }) => id).join(' ');
const of = (text: string): readonly Column[] => text.split(' ').map((id) => ({ id: id as ColumnId, width: 100 }));

test.each<[string, ColumnId, string]>([
  ['name size down', 'size', 'name down'],
  ['name down', 'size', 'name size down'],
  ['down name', 'progress', 'down name progress'],
  ['name', 'upLimit', 'name upLimit'],
  // Without names nobody knows which row is which.
  ['name size', 'name', 'name size'],
])('%s, with %s chosen or not: %s', (before, id, after) => {
  expect(ids(toggled(of(before), id))).toBe(after);
});

test.each<[string, ColumnId, number, string]>([
  ['name size down', 'name', 1, 'size name down'],
  ['name size down', 'down', 0, 'down name size'],
  ['name size down', 'name', 99, 'size down name'],
  ['name size down', 'down', -1, 'down name size'],
  ['name size down', 'ratio', 0, 'name size down'],
])('%s: %s moves to %i: %s', (before, id, to, after) => {
  expect(ids(moved(of(before), id, to))).toBe(after);
});

test('a width has its bounds', () => {
  const width = (to: number): number | undefined => sized(of('name size'), 'size', to)[1]?.width;
  expect([width(-5), width(120.4), width(1e9)]).toEqual([MIN_COLUMN, 120, MAX_COLUMN]);
});

test('what was kept is read as far as it is known', () => {
  const kept = [
    { id: 'size', width: 90 },
    { id: 'a newer one', width: 90 },
    { id: 'size', width: 400 },
  ];
  expect(readColumns(kept)).toEqual([expect.objectContaining({ id: 'name' }), { id: 'size', width: 90 }]);
});

test('whatever is done, each column is there once at most, and the name is', () => {
  const id = fc.constantFrom(...COLUMN_IDS);
  const act = fc.oneof(
    fc.record({ id, to: fc.integer({ min: -3, max: 30 }) }).map(
      ({ id, to }) =>
        (all: readonly Column[]) =>
          moved(all, id, to),
    ),
    id.map((one) => (all: readonly Column[]) => toggled(all, one)),
  );
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const after = acts.reduce((all, one) => one(all), USUAL_COLUMNS).map((one) => one.id);
      expect(new Set(after).size).toBe(after.length);
      expect(after).toContain('name');
    }),
  );
});
