import { expect, test } from 'vitest';
import { readScenario } from '../scenario/read-scenario.ts';
import { outcomeOf, type PlayedPeer } from './outcome.ts';
import type { Moved } from './others.ts';
import { addressOf, planOf } from './plan.ts';

const { peers, user } = planOf(
  readScenario({
    file: 'x',
    text: 'name: x\npayload: {size: 1 MiB}\nseeds: {count: 1, up: 8}\nleechers: {count: 2, up: 4}\nuser: {K: 2}\n',
  }),
  1,
);
const [one, two] = [addressOf('user', 0), addressOf('user', 1)];
const told = {
  down: 100,
  up: 30,
  wasted: 4,
  twice: 1,
  identities: [
    { down: 60, up: 10 },
    { down: 40, up: 20 },
  ],
  pieces: [
    { identity: 1, piece: 7, at: 1_004_000 },
    { identity: 0, piece: 2, at: 1_003_500 },
    { identity: 1, piece: 5, at: 1_003_000 },
  ],
};
const played = { planned: user, K: 2, came: 1_000, finished: 6_500, begin: 1_000_000, told };
const end = { end: 'done', lasted: 7_000, programs: {}, notes: {} } as const;
const peer = (index: number, moved: Moved, rest: Partial<PlayedPeer> = {}): PlayedPeer => ({
  planned: peers[index]!,
  came: 500,
  finished: undefined,
  left: undefined,
  moved,
  ...rest,
});

test('times count from who came, and what went to whom is what the others saw', () => {
  const seed = peer(0, { down: 0, up: 90, hosts: { [one!]: [0, 50], [two!]: [0, 20], '10.78.32.1': [0, 20] } });
  const leecher = peer(1, { down: 70, up: 20, hosts: { [one!]: [5, 20] } }, { finished: 3_000, left: 3_100 });
  const late = peer(2, { down: 0, up: 0, hosts: {} }, { came: undefined });
  const outcome = outcomeOf(played, [seed, leecher, late], end);
  expect(outcome.user).toMatchObject({ came: 1, seconds: 5.5 });
  expect(outcome.user.identities).toMatchObject([
    { address: one, seconds: 2.5, fromSeeds: 50, fromLeechers: 20, pieces: [[2.5, 2]] },
    {
      address: two,
      seconds: 3,
      fromSeeds: 20,
      fromLeechers: 0,
      pieces: [
        [2, 5],
        [3, 7],
      ],
    },
  ]);
  expect(outcome.peers).toMatchObject([
    { role: 'seed', seconds: null, toUser: 70, fromUser: 0 },
    { role: 'leecher', came: 0.5, seconds: 2.5, left: 3.1, toUser: 20, fromUser: 5 },
    { role: 'leecher', came: null, seconds: null, left: null },
  ]);
});

test('what a program does not tell is not known', () => {
  const silent = peer(0, { down: 0, up: 90 });
  const outcome = outcomeOf({ ...played, finished: undefined }, [silent], { ...end, end: 'limit' });
  expect(outcome.user.seconds).toBeNull();
  expect(outcome.user.identities[0]?.fromSeeds).toBeNull();
  expect(outcome.peers[0]).toMatchObject({ up: 90, toUser: null, fromUser: null });
});
