import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('no more run than may, those that wait come in their order, and who is away keeps nobody', async () => {
  const turns = new Turns(2);
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const until = (name: string) => new Promise<void>((resolve) => ends.set(name, resolve));
  const task = (name: string, work: () => Promise<void>) =>
    turns.run(async () => {
      log.push(name);
      await work();
      log.push(`${name} ends`);
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const all = [
    task('a', () => turns.away(() => until('a'))),
    task('b', () => until('b')),
    task('c', () => until('c')),
    task('d', () => until('d')),
  ];
  await settle();
  expect(log).toEqual(['a', 'b', 'c']);
  ends.get('a')?.();
  await settle();
  // It is back when it has a turn again.
  expect(log).toEqual(['a', 'b', 'c']);
  ends.get('b')?.();
  await settle();
  expect(log.slice(3)).toEqual(['b ends', 'd']);
  ends.get('c')?.();
  await settle();
  ends.get('d')?.();
  await Promise.all(all);
  expect(log.slice(5)).toEqual(['c ends', 'a ends', 'd ends']);
  await expect(turns.run(() => turns.away(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
  expect(await turns.run(() => turns.run(() => Promise.resolve(1)))).toBe(1);
});
