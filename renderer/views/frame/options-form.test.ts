import { goalsFormOf } from '../goals/goal-form.ts';
import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import { ordinaryOptions } from '../../../core/engine/download-options.ts';
import { changesOf, formOf, type OptionsField, wrongIn } from './options-form.ts';

const options = ordinaryOptions('/out', { down: bytesPerSecond(5000), maxPeers: 70, stay: true, tags: ['a', 'b c'] });
const { form } = formOf([options]);
const every = new Set(Object.keys(form) as OptionsField[]);

test('a form that nobody changed changes nothing', () => {
  expect(wrongIn(form, new Set())).toEqual({});
  expect(changesOf(form, new Set())).toEqual({});
  expect({ ...options, ...changesOf(form, every) }).toEqual(options);
});

describe('what is wrong is said', () => {
  test.each([
    ['limits', { up: '' }],
    ['limits', { identityDown: '-1' }],
    ['limits', { maxPeers: '0' }],
    ['limits', { maxPeers: '10001' }],
    ['limits', { maxUploads: '1.5' }],
    ['goals', { seed: { kind: 'own', goals: goalsFormOf({ ratio: -1 }) } }],
    ['labels', { category: 'x'.repeat(101) }],
    ['labels', { tags: `fine, ${'x'.repeat(101)}` }],
  ] as const)('%s: %j', (field, changes) => {
    expect(Object.keys(wrongIn({ ...form, ...changes }, every))).toEqual([field]);
  });
});

describe('of several downloads', () => {
  const other = ordinaryOptions('/out', {
    down: bytesPerSecond(7000),
    maxPeers: 70,
    stay: true,
    category: 'Films',
    seed: { kind: 'goals', ratio: 3 },
  });
  const several = formOf([options, other]);

  test('fields in which they differ are empty', () => {
    expect([...several.mixed].sort()).toEqual(['category', 'down', 'seed', 'tags']);
    expect(several.form).toMatchObject({ down: '', category: '', tags: '', maxPeers: '70', stay: true });
  });

  test('what nobody touches stays as it is in each, and is not wrong', () => {
    const changed = new Set<OptionsField>(['up', 'tags']);
    const filled = { ...several.form, up: '20', tags: ' new , new,' };
    expect(wrongIn(filled, changed)).toEqual({});
    expect(changesOf(filled, changed)).toEqual({ up: 20_000, tags: ['new'] });
  });
});
