import { expect, it } from 'vitest';
import { sharedTiers } from './shared-tiers.ts';

it('gives the same tiers once for all, and others as they are', () => {
  const tiers = () => [['http://a/announce', 'udp://b:1'], ['http://c/announce']];
  expect(sharedTiers(tiers())).toEqual(tiers());
  expect(sharedTiers(tiers())).toBe(sharedTiers(tiers()));
  const others = [['http://a/announce'], ['udp://b:1', 'http://c/announce']];
  expect(sharedTiers(others)).toEqual(others);
  expect(sharedTiers([])).toEqual([]);
  const long = [[`http://${'a'.repeat(5000)}/`]];
  expect(sharedTiers(long)).toBe(long);
  expect(sharedTiers([['http://a/announce'], []])).toEqual([['http://a/announce'], []]);
});
