import * as v from 'valibot';
import { expect, test } from 'vitest';
import { checkedAlike, checkedSame } from './checked-alike.ts';

const to = v.pipe(v.string(), v.minLength(1));
const schema = v.object({
  to,
  count: v.pipe(v.number(), v.maxValue(9)),
  tags: v.optional(v.array(v.string()), ['usual']),
});
const make = () => checkedAlike(schema, 'to', to);

test('what differs in its own field alone shares all else', () => {
  const some = make();
  const first = v.parse(some, { to: 'a', count: 1 });
  const second = v.parse(some, { to: 'b', count: 1, extra: 1 });
  const third = v.parse(some, { to: 'c', count: 1, extra: 1 });
  expect([first, second, third]).toEqual(['a', 'b', 'c'].map((to) => ({ to, count: 1, tags: ['usual'] })));
  expect(third.tags).toBe(second.tags);
  expect(third).not.toBe(second);
});

test('nothing wrong passes because it is like the one before', () => {
  const some = make();
  const right = { to: 'a', count: 1 };
  v.parse(some, right);
  for (const wrong of [
    { to: '', count: 1 },
    { to: 1, count: 1 },
    { to: 'a', count: 10 },
    { to: 'a' },
    { count: 1 },
    null,
    'a',
  ])
    expect([v.safeParse(some, wrong).success, v.safeParse(some, wrong).success]).toEqual([false, false]);
  expect(v.parse(some, { ...right, count: 2 })).toEqual({ to: 'a', count: 2, tags: ['usual'] });
});

test('whoever changes what he gave later changes nothing here', () => {
  const some = make();
  const given = { to: 'a', count: 1 };
  v.parse(some, given);
  given.count = 10;
  expect(v.safeParse(some, { to: 'b', count: 10 }).success).toBe(false);
});

test('what is alike to the one before shares what was made of that, and nothing wrong passes', () => {
  const some = checkedSame(schema);
  const first = v.parse(some, { to: 'a', count: 1 });
  expect(v.parse(some, { to: 'a', count: 1 })).toEqual(first);
  expect(v.parse(some, { to: 'a', count: 1 }).tags).toBe(v.parse(some, { to: 'a', count: 1 }).tags);
  expect(v.parse(some, { to: 'a', count: 2 })).toEqual({ to: 'a', count: 2, tags: ['usual'] });
  for (const wrong of [{ to: 'a', count: 10 }, { to: 'a' }, null])
    expect([v.safeParse(some, wrong).success, v.safeParse(some, wrong).success]).toEqual([false, false]);
});
