import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../../base/errors.ts';
import { BUILT_IN } from './built-in.ts';
import { checkScenario, problemText, readScenario } from './read-scenario.ts';

const GOOD = `name: x
payload: {size: 4 MiB, piece: 64 KiB}
seeds: {count: 1, up: 8}
leechers:
  - {count: 2, up: 4 Mbit/s, arrive: {every: 5}, leave: at completion}
  - {count: 1, up: 500 kB/s, arrive: {poisson: 2, from: 10}, leave: 30, slots: 0}
user:
  K: 2
  up: 1 MiB/s
`;

/** GOOD with one line changed. */
const broken = (from: string, to: string): string => {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
};

describe('what is written', () => {
  test('is read in the units that it is written in', () => {
    expect(readScenario({ file: 'x', text: GOOD })).toMatchObject({
      name: 'x',
      payload: { size: 4 * 1024 ** 2, piece: 65_536 },
      seeds: [{ count: 1, up: 1_000_000, down: 0, slots: 8, client: 'libtorrent', leave: { kind: 'never' } }],
      leechers: [
        { up: 500_000, arrive: { kind: 'every', from: 0, seconds: 5 }, leave: { kind: 'done' } },
        {
          up: 500_000,
          arrive: { kind: 'poisson', from: 10, seconds: 2 },
          leave: { kind: 'after', seconds: 30 },
          slots: 0,
        },
      ],
      user: { K: 2, up: 1024 ** 2, addresses: 'own', selection: 'rarest', share: true },
    });
  });

  test.each([...BUILT_IN.keys()])('built in: %s', (name) => {
    const source = BUILT_IN.get(name);
    expect(source && readScenario(source).name).toBe(name);
  });

  test('values from outside go to their field, or to that of each group', () => {
    const values = { 'user.K': 8, 'leechers.up': 2, 'leechers.1.slots': 3, 'seeds.0.count': 5, limit: '5 min' };
    const read = readScenario({ file: 'x', text: GOOD }, values);
    expect(read.user.K).toBe(8);
    expect(read.leechers.map(({ up, slots }) => [up, slots])).toEqual([
      [250_000, 8],
      [250_000, 3],
    ]);
    expect(read.seeds[0]?.count).toBe(5);
    expect(read.limit).toBe(300);
  });
});

describe('what is wrong is told with its line and its field, in a sentence', () => {
  test.each<[string, string, number | undefined, string]>([
    ['no YAML', broken('K: 2', 'K: [2'), 9, ''],
    ['no fields', 'just words', undefined, ''],
    ['nothing', '', undefined, ''],
    ['no name', broken('name: x', 'about: x'), undefined, 'name'],
    ['a name that is no name', broken('name: x', 'name: a/b'), 1, 'name'],
    ['a field that there is not', broken('K: 2', 'k: 2'), 8, 'user.k'],
    ['a field of the prototype', broken('K: 2', '__proto__: 2'), 8, 'user.__proto__'],
    ['a rate that is no rate', broken('up: 8', 'up: fast'), 3, 'seeds.up'],
    ['a rate of nothing', broken('up: 8', 'up: 0'), 3, 'seeds.up'],
    ['a rate in a unit of size', broken('up: 1 MiB/s', 'up: 1 MiB'), 9, 'user.up'],
    ['a rate below nothing', broken('up: 8', 'up: -3'), 3, 'seeds.up'],
    ['a rate without end', broken('up: 8', 'up: .inf'), 3, 'seeds.up'],
    ['a size that is no size', broken('size: 4 MiB', 'size: 4 pounds'), 2, 'payload.size'],
    ['pieces that are no power of two', broken('piece: 64 KiB', 'piece: 65 KiB'), 2, 'payload.piece'],
    ['too many pieces', broken('size: 4 MiB', 'size: 60 GiB'), 2, 'payload.piece'],
    ['too many identities', broken('K: 2', 'K: 33'), 8, 'user.K'],
    ['half an identity', broken('K: 2', 'K: 1.5'), 8, 'user.K'],
    ['an arrival that is none', broken('{every: 5}', 'soon'), 5, 'leechers.0.arrive'],
    ['an arrival of a kind that there is not', broken('{every: 5}', '{often: 5}'), 5, 'leechers.0.arrive'],
    ['arrivals without a distance', broken('{every: 5}', '{every: 0}'), 5, 'leechers.0.arrive.every'],
    ['a time to leave that is none', broken('leave: 30', 'leave: early'), 6, 'leechers.1.leave'],
    ['no seeds', broken('count: 1, up: 8', 'count: 0, up: 8'), 3, 'seeds'],
    ['more peers than there may be', broken('count: 2', 'count: 20000'), 4, 'leechers'],
    ['links without any', broken('up: 1 MiB/s', 'addresses: links'), 7, 'user.links'],
    ['links for nothing', broken('up: 1 MiB/s', 'links: [{up: 1}]'), 9, 'user.links'],
    ['moving without ranges', broken('up: 1 MiB/s', 'moving: true'), 9, 'user.moving'],
    ['a dealing that there is not', broken('up: 1 MiB/s', 'dealing: unfair'), 9, 'user.dealing'],
    ['pieces that are dealt out and claimed', broken('up: 1 MiB/s', 'dealing: striped'), 9, 'user.dealing'],
    ['a user who comes when all is over', broken('up: 1 MiB/s', 'arrive: {every: 5, from: 10 min}'), 9, 'user.arrive'],
    ['a strategy that there is not', broken('up: 1 MiB/s', 'selection: best'), 9, 'user.selection'],
    ['a program that there is not', broken('slots: 0', 'client: netscape'), 6, 'leechers.1.client'],
    ['a field twice', broken('K: 2', 'K: 2\n  K: 3'), 9, ''],
  ])('%s', (_, text, line, field) => {
    const { scenario, problems } = checkScenario({ file: 'x.yaml', text });
    expect(scenario).toBeUndefined();
    const [first] = problems;
    expect({ line: first?.line, field: first?.field }).toEqual({ line, field });
    const sentence = problemText('x.yaml', first!);
    expect(sentence).toMatch(line === undefined ? /^x\.yaml: / : new RegExp(`^x\\.yaml:${line}: `));
    expect(sentence).toMatch(/ (is|are|makes|has|needs|can)[ ,]/);
    expect(sentence).not.toMatch(/Invalid|Expected|undefined/);
    expect(() => readScenario({ file: 'x.yaml', text })).toThrow(EnsembleError);
  });

  test('a swept value has no line', () => {
    const { problems } = checkScenario({ file: 'x', text: GOOD }, { 'user.K': 99 });
    expect(problems).toMatchObject([{ line: undefined, field: 'user.K' }]);
    for (const field of ['leechers.up', 'leechers.1.up', 'seeds.up', 'seeds.0.up']) {
      const [first] = checkScenario({ file: 'x', text: GOOD }, { [field]: 'fast' }).problems;
      expect(first).toMatchObject({ line: undefined, field: expect.stringMatching(/\.up$/) as string });
    }
    const other = checkScenario({ file: 'x', text: broken('up: 4 Mbit/s', 'up: fast') }, { 'leechers.1.up': 1 });
    expect(other.problems).toMatchObject([{ line: 5, field: 'leechers.0.up' }]);
    expect(checkScenario({ file: 'x', text: GOOD }, { 'user.nothing': 1 }).problems).toMatchObject([
      { field: 'user.nothing' },
    ]);
  });

  test('aliases that would grow without end are refused', () => {
    const text = `name: x\na: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n`;
    expect(checkScenario({ file: 'x', text }).problems).not.toEqual([]);
  });
});
