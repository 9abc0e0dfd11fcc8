import { expect, test } from 'vitest';
import { seenAsOne } from './paths.ts';

test('addresses that others see as one are told together, once', () => {
  const seen = ['10.0.0.2 1.2.3.4', '10.1.0.2 1.2.3.4', '10.2.0.2 1.2.3.5', '10.3.0.2', '10.4.0.2'].map((line) => {
    const [address = '', outside = null] = line.split(' ');
    return { address, outside };
  });
  expect(seenAsOne(seen, [])).toEqual([['10.0.0.2', '10.1.0.2']]);
  expect(seenAsOne(seen, [['10.1.0.2', '10.2.0.2']])).toHaveLength(1);
  expect(seenAsOne(seen, [['10.0.0.2', '10.1.0.2', '10.4.0.2']])).toEqual([]);
});
