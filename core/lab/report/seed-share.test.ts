import { expect, test } from 'vitest';
import { readScenario } from '../scenario/read-scenario.ts';
import { seedShare } from './seed-share.ts';

const shareOf = (seeds: string, leechers: string, user: string): number | undefined =>
  seedShare(
    readScenario({
      file: 'x',
      text: `name: x\npayload: {size: 1 MiB}\nseeds: ${seeds}\nleechers: ${leechers}\nuser: ${user}\n`,
    }),
  );

test.each<[string, string, string, string, number | undefined]>([
  ['alone', '{count: 2, up: 4}', '[]', '{up: 2}', 0.8],
  ['groups', '[{count: 1, up: 1}, {count: 1, up: 4}]', '{count: 3, up: 1}', '{up: 2}', 0.5],
  ['nobody of them', '{count: 1, up: 2}', '{count: 0, up: none}', '{up: 2}', 0.5],
  ['own limit', '{count: 1, up: 2}', '[]', '{up: 6, limit: 2 Mbit/s}', 0.5],
  ['a limit alone', '{count: 1, up: 2}', '[]', '{limit: 2 Mbit/s}', 0.5],
  ['links', '{count: 1, up: 2}', '[]', '{addresses: links, links: [{up: 1}, {up: 1}]}', 0.5],
  ['without limit: seeds', '{count: 1, up: none}', '[]', '{up: 2}', undefined],
  ['without limit: leechers', '{count: 1, up: 2}', '{count: 1, up: none}', '{up: 2}', undefined],
  ['without limit: the user', '{count: 1, up: 2}', '[]', '{}', undefined],
])('%s', (_, seeds, leechers, user, share) => {
  const found = shareOf(seeds, leechers, user);
  if (share === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(share);
});
