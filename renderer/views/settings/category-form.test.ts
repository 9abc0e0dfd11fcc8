import { expect, test } from 'vitest';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import type { Category } from '../../../core/engine/list-rules.ts';
import { categoryForm, categoryOf, wrongInCategory } from './category-form.ts';

test.each<[Category]>([
  [{ name: 'Films' }],
  [{ name: 'Films', folder: '/films', down: bytesPerSecond(500_000), seed: { kind: 'goals', ratio: 2, idle: 'none' } }],
  [{ name: 'VPN', bind: ['wg0'], proxies: ['socks5://10.0.0.1:1080'] }],
  [{ name: 'No link', bind: [], proxies: [] }],
  [{ name: 'Named', links: ['Fibre'], bind: [], proxies: [] }],
  [{ name: 'Of a file', identities: 3, seed: { kind: 'never' } }],
])('%j is the same after it was looked at', (category) => {
  const form = categoryForm(category);
  expect(wrongInCategory(form, [])).toEqual({});
  expect(categoryOf(form)).toEqual(category);
});

test('goals that are typed take the place of another rule for seeding', () => {
  const form = categoryForm({ name: 'A', seed: { kind: 'never' } });
  const goals = { ...form.goals, ratio: { which: 'own', typed: '2' } } as const;
  expect(categoryOf({ ...form, goals })).toEqual({ name: 'A', seed: { kind: 'goals', ratio: 2 } });
});

test('what is wrong is said where it is', () => {
  const form = categoryForm({ name: ' ', folder: 'films' });
  const goals = { ...form.goals, ratio: { which: 'own', typed: 'x' } } as const;
  const wrong = wrongInCategory({ ...form, linked: true, proxies: 'nonsense', down: '-1', goals }, []);
  expect(Object.keys(wrong).sort()).toEqual(['folder', 'goals', 'limits', 'name', 'proxies']);
  expect(Object.keys(wrongInCategory({ ...categoryForm(undefined), name: 'Films ' }, ['Films']))).toEqual(['name']);
});
