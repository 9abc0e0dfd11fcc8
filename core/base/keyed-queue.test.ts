import { expect, test } from 'vitest';
import { KeyedQueue } from './keyed-queue.ts';

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

test('what has the same key follows each other, whatever becomes of it; others do not wait', async () => {
  const queue = new KeyedQueue<string>();
  const { opened, open } = gate();
  const told: string[] = [];
  const first = queue.run('a', async () => {
    told.push('a1 begins');
    await opened;
    throw new Error('a1');
  });
  const second = queue.run('a', () => told.push('a2'));
  expect(await queue.run('b', () => told.push('b'))).toBe(2);
  expect(told).toEqual(['a1 begins', 'b']);
  expect([queue.has('a'), queue.has('b')]).toEqual([true, false]);
  open();
  await expect(first).rejects.toThrow('a1');
  await second;
  await queue.idle();
  expect(told).toEqual(['a1 begins', 'b', 'a2']);
  expect(queue.has('a')).toBe(false);
});

test('what nothing is before begins at once, and what it asks for itself comes after it', async () => {
  const queue = new KeyedQueue<string>();
  const told: string[] = [];
  let inner: Promise<unknown> | undefined;
  const outer = queue.run('a', () => {
    inner = queue.run('a', () => told.push('inner'));
    told.push('outer');
  });
  expect(told).toEqual(['outer']);
  await outer;
  await inner;
  expect(told).toEqual(['outer', 'inner']);
});
