import { expect, test } from 'vitest';
import { Begun } from './begun.ts';

test('all is ended once, last things first, whatever goes wrong with one', async () => {
  const told: unknown[] = [];
  const begun = new Begun((error) => told.push(String(error)));
  begun.push(() => told.push('first'));
  begun.push(() => Promise.reject(new Error('rejects')));
  begun.push(() => {
    throw new Error('throws');
  });
  begun.push(async () => {
    await Promise.resolve();
    told.push('last');
  });
  await begun.end();
  await begun.end();
  expect(told).toEqual(['last', 'Error: throws', 'Error: rejects', 'first']);
});
