import { describe, expect, test } from 'vitest';
import { readScenario } from '../scenario/read-scenario.ts';
import { addressOf, MOST_OF_ROLE, planOf, roleOf } from './plan.ts';

const scenario = (user: string, seeds = '{count: 2, up: 8 Mbit/s}') =>
  readScenario({
    file: 'x',
    text: `name: x\npayload: {size: 1 MiB}\nseeds: ${seeds}\nleechers: {count: 3, up: none, down: 500 kbit/s}\nuser: ${user}\n`,
  });

describe('the plan of a run', () => {
  test.each([
    ['an address each behind one line', '{K: 3, up: 4}', [{ up: 4 }], 2, 3],
    ['one address for all', '{K: 3, addresses: one, up: 4, down: 8}', [{ up: 4, down: 8 }], 0, 1],
    ['links', '{K: 3, addresses: links, links: [{up: 1, down: 2}, {up: none}]}', [{ up: 1, down: 2 }, {}], 0, 2],
  ])('%s', (_, user, links, further, bound) => {
    const plan = planOf(scenario(user), 1);
    expect(plan.user.links.map(({ address: _address, ...rates }) => rates)).toEqual(links);
    expect(plan.user.addresses).toHaveLength(further);
    expect(plan.user.bind).toHaveLength(bound);
    expect(new Set([...plan.user.links.map(({ address }) => address), ...plan.user.addresses])).toEqual(
      new Set(plan.user.bind),
    );
  });

  test('groups of a role share its hosts and addresses, and keep their own index', () => {
    const { peers } = planOf(scenario('{}', '[{count: 1, up: 1}, {count: 2, up: 2}]'), 1);
    expect(peers.map(({ name, group, index, link }) => [name, group, index, link.up])).toEqual([
      ['s0', 0, 0, 1],
      ['s1', 1, 0, 2],
      ['s2', 1, 1, 2],
      ['l0', 0, 0, undefined],
      ['l1', 0, 1, undefined],
      ['l2', 0, 2, undefined],
    ]);
    expect(new Set(peers.map(({ link }) => link.address)).size).toBe(peers.length);
  });

  test('every address tells its role, and none is there twice', () => {
    const seen = new Set<string>();
    for (const role of ['seed', 'leecher', 'user'] as const) {
      for (let i = 0; i < MOST_OF_ROLE; i++) {
        expect(roleOf(addressOf(role, i))).toBe(role);
        seen.add(addressOf(role, i));
      }
    }
    expect(seen.size).toBe(3 * MOST_OF_ROLE);
    expect(roleOf('10.78.0.1')).toBeUndefined();
  });
});
