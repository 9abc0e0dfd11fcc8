import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import { ordinaryOptions } from '../../../core/engine/download-options.ts';
import { changesOf, formOf, wrongIn } from './options-form.ts';

const options = ordinaryOptions('/out', { down: bytesPerSecond(5000), maxPeers: 70, stay: true });
const form = formOf(options);

test('a form that nobody changed changes nothing', () => {
  expect(wrongIn(form)).toEqual({});
  expect({ ...options, ...changesOf(form) }).toEqual(options);
});

describe('what is wrong is said', () => {
  test.each([
    ['limits', { up: '' }],
    ['limits', { identityDown: '-1' }],
    ['limits', { maxPeers: '0' }],
    ['limits', { maxPeers: '10001' }],
    ['limits', { maxUploads: '1.5' }],
    ['ratio', { seed: 'ratio', ratio: '0' }],
  ] as const)('%s: %j', (field, changes) => {
    expect(Object.keys(wrongIn({ ...form, ...changes }))).toEqual([field]);
  });
});
