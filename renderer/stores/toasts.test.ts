import { expect, test } from 'vitest';
import type { TorrentKey } from '../../core/base/ids.ts';
import { type Said, type Toast, withToast } from './toasts.ts';

const done = (name: string): Said => ({
  tone: 'ok',
  message: `${name} is done.`,
  reveal: name as TorrentKey,
  group: { kind: 'done', summary: (count) => `${count} are done.` },
});
const after = (...said: readonly Said[]): readonly Toast[] =>
  said.reduce<readonly Toast[]>((toasts, one, id) => withToast(toasts, one, id), []);
const messages = (...said: readonly Said[]): string[] => after(...said).map(({ message }) => message);

test('one alone says what happened, and offers its files; several are counted', () => {
  expect(after(done('a'))).toMatchObject([{ message: 'a is done.', reveal: 'a' }]);
  const [several, ...others] = after(done('a'), done('b'), done('c'));
  expect(several).toMatchObject({ message: '3 are done.' });
  expect(several).not.toHaveProperty('reveal');
  expect(others).toEqual([]);
});

test('what else is said stands beside them, the newest last', () => {
  const plain: Said = { tone: 'plain', message: 'Copied.' };
  expect(messages(done('a'), plain, done('b'), plain)).toEqual(['2 are done.', 'Copied.']);
});

test('the same sentence twice is one', () => {
  expect(messages(done('a'), done('a'))).toEqual(['a is done.']);
});

test('only the last ones are shown', () => {
  const many = Array.from({ length: 9 }, (_, n): Said => ({ tone: 'bad', message: `${n}` }));
  expect(messages(...many)).toEqual(['5', '6', '7', '8']);
});
