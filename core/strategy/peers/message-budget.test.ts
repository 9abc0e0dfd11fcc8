import fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { MessageBudget } from './message-budget.ts';

const MIB = 1024 * 1024;

test.each<[string, { pieces?: number; messages: number; bytes: number; blocks?: number }, number]>([
  ['an ordinary second', { messages: 200, bytes: 3000 }, 0],
  ['each of 500,000 pieces told by a message of its own', { pieces: 500_000, messages: 500_000, bytes: 4_500_000 }, 0],
  ['metadata of 10 MiB', { messages: 650, bytes: 10 * MIB }, 0],
  ['a gigabyte asked for in a second', { messages: 66_000, bytes: 1_200_000, blocks: 1024 * MIB }, 0],
  ['a flood of short messages', { messages: 250_000, bytes: 1_000_000 }, 110_245],
  ['a flood of long ones', { messages: 2000, bytes: 125 * MIB }, 18_000],
])('%s', (_, { pieces = 0, messages, bytes, blocks = 0 }, rest) => {
  expect(new MessageBudget().rest({ messages, bytes, blocks }, pieces, millis(5))).toBe(rest);
});

test('whoever sends as fast as it is read gets 2,000 a second through, whatever it sends at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 50, maxLength: 50 }), (chunks) => {
      const budget = new MessageBudget();
      let now = 0;
      let messages = 0;
      for (const chunk of chunks) {
        messages += chunk;
        now += budget.rest({ messages, bytes: 0, blocks: 0 }, 0, millis(now));
      }
      expect(messages).toBeLessThanOrEqual(30_000 + 2 * now + 2);
      expect(messages).toBeGreaterThanOrEqual(Math.min(30_000, messages) + 2 * now - 50 * 2);
    }),
  );
});
