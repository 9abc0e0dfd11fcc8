import { expect, test } from 'vitest';
import { firstOptions } from './first-options.ts';
import { defaultSettings } from './settings.ts';

const settings = {
  ...defaultSettings('/home'),
  bind: ['a', 'b'],
  categories: [
    { name: 'films', folder: '/films', bind: ['c'] },
    { name: 'few', identities: 2 },
  ],
};

test.each([
  ['', { output: '/home', bind: ['a', 'b'], identities: 2, category: '' }],
  ['films', { output: '/films', bind: ['c'], identities: 1, category: 'films' }],
  ['few', { output: '/home', bind: ['a', 'b'], identities: 2 }],
  // A category that is not there any more has no rules.
  ['gone', { output: '/home', identities: 2, category: 'gone' }],
])('category %j', (category, options) => {
  expect(firstOptions(settings, category)).toMatchObject(options);
});

test('a number of identities that was chosen counts more than addresses', () => {
  expect(firstOptions({ ...settings, identities: 5 }).identities).toBe(5);
});
