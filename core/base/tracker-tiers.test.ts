import { expect, test } from 'vitest';
import { readTiers, writeTiers } from './tracker-tiers.ts';

test.each([
  ['', []],
  ['  \n\n \n', []],
  ['http://a/announce', [['http://a/announce']]],
  [' udp://a:1 \nudp://b:2\n\n\n  \nhttp://c/\n', [['udp://a:1', 'udp://b:2'], ['http://c/']]],
  ['udp://a:1\r\n\r\nudp://b:2', [['udp://a:1'], ['udp://b:2']]],
])('%j', (typed, tiers) => {
  expect(readTiers(typed)).toEqual(tiers);
  expect(readTiers(writeTiers(tiers))).toEqual(tiers);
});
