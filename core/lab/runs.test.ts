import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import { arrivalTimes } from './arrivals.ts';
import { lineOf, readResults } from './results.ts';
import { runsLeft, runsOf, secondsLeft, timeLeft } from './runs.ts';
import { armsOf, parseSweep } from './scenario/arms.ts';
import { BUILT_IN } from './scenario/built-in.ts';
import { readScenario, type ScenarioSource } from './scenario/read-scenario.ts';
import { planLine, runLine } from './testing/lines.ts';

describe('sweeps', () => {
  test.each([
    ['user.K=1,2,4', ['user.K=1', 'user.K=2', 'user.K=4']],
    ['seeds.up=4..32', ['seeds.up=4', 'seeds.up=8', 'seeds.up=16', 'seeds.up=32']],
    ['seeds.slots=2..8+3', ['seeds.slots=2', 'seeds.slots=5', 'seeds.slots=8']],
    ['user.share=true,false', ['user.share=true', 'user.share=false']],
    ['seeds.up/leechers.up=2/8,4/6', ['seeds.up=2 leechers.up=8', 'seeds.up=4 leechers.up=6']],
    ['user.up=500 kbit/s,none', ['user.up=500 kbit/s', 'user.up=none']],
  ])('%s', (text, labels) => expect(armsOf([parseSweep(text)]).map(({ label }) => label)).toEqual(labels));

  test.each(['user.K', '=1', 'user.K=', 'user.K=1,1', 'user.K=1,,2', 'a/b=1', 'user K=1', 'seeds.up/user.up=1/2/3'])(
    '%s is refused',
    (text) => expect(() => parseSweep(text)).toThrow(EnsembleError),
  );

  test('all combinations, and none of one field twice, nor too many', () => {
    expect(armsOf([parseSweep('user.K=1,2'), parseSweep('seeds.up=1,2')])).toHaveLength(4);
    expect(() => armsOf([parseSweep('user.K=1'), parseSweep('user.K=2')])).toThrow('twice');
    expect(() => armsOf([parseSweep('a=1..200+1'), parseSweep('b=1..200+1')])).toThrow('arms');
    expect(armsOf([])).toEqual([{ label: 'as written', values: {} }]);
  });
});

describe('runs', () => {
  const plan = planLine([parseSweep('user.K=1,4')], 3);

  test('go repeat by repeat, with the same seed in each arm', () => {
    expect(runsOf(plan).map(({ arm, seed }) => `${arm.label} ${seed}`)).toEqual(
      [1, 2, 3].flatMap((seed) => [`user.K=1 ${seed}`, `user.K=4 ${seed}`]),
    );
  });

  test('that are there are not left', () => {
    const there = [runLine({ 'user.K': 1 }, 0, 5), runLine({ 'user.K': 4 }, 2, 5)];
    expect(runsLeft(plan, there)).toHaveLength(4);
    expect(runsLeft(plan, [])).toHaveLength(6);
  });

  test('the time left is that of as many as are run at a time', () => {
    expect(secondsLeft([], 2, 10)).toBeUndefined();
    expect(secondsLeft([4, 6], 2, 10)).toBe(25);
    expect(secondsLeft([4, 6], 8, 2)).toBe(5);
    expect(timeLeft(30, 0, 10)).toBeUndefined();
    expect(timeLeft(30, 6, 10)).toBe(50);
  });
});

describe('results', () => {
  const plan = planLine([parseSweep('user.K=4,1')], 2);
  const runs = [
    runLine({ 'user.K': 1 }, 1, 7),
    runLine({ 'user.K': 4 }, 0, 5),
    runLine({ 'user.K': 1 }, 0, null, [3, null]),
  ];
  const text = [plan, ...runs].map(lineOf).join('');

  test('are what was written, in the order of the plan; each run once', () => {
    const read = readResults('x', text + lineOf(runs[0]!));
    expect(read).toMatchObject({ plan });
    expect(read.runs).toEqual([runs[1], runs[2], runs[0]]);
  });

  test('may end in a torn line', () => {
    for (let cut = 1; cut < 40; cut += 7) {
      const torn = readResults('x', text.slice(0, -cut));
      expect(torn.runs).toHaveLength(2);
      expect(text.slice(0, torn.whole)).toMatch(/\n$/);
    }
  });

  test.each([
    ['nothing', '', 'plan'],
    ['no plan', lineOf(runs[0]!), 'plan'],
    ['no JSON', `${lineOf(plan)}what\n`, 'x:2'],
    ['another line', `${lineOf(plan)}{"type":"poem"}\n`, 'x:2'],
    ['a newer version', text.replace('"version":1', '"version":2'), 'newer'],
  ])('%s is refused', (_, wrong, why) => expect(() => readResults('x', wrong)).toThrow(why));
});

describe('arrivals', () => {
  const of = (name: string, values = {}) => readScenario(BUILT_IN.get(name) as ScenarioSource, values);

  test('are the same in every arm, and others for another seed', () => {
    const one = arrivalTimes(of('D'), 5);
    expect(arrivalTimes(of('D', { 'user.K': 8, 'seeds.up': 3 }), 5)).toEqual(one);
    expect(arrivalTimes(of('D'), 6)).not.toEqual(one);
    // A larger group begins as the smaller one does.
    expect(arrivalTimes(of('D', { 'leechers.count': 50 }), 5).leechers[0]?.slice(0, 44)).toEqual(one.leechers[0]);
  });

  test('are as they are said to be', () => {
    const { seeds, leechers, user } = arrivalTimes(of('D'), 1);
    expect(new Set(seeds[0])).toEqual(new Set([0]));
    leechers[0]?.forEach((at, i) => expect(at >= 5 * i && at <= 5 * i + 1).toBe(true));
    expect(user >= 70 && user <= 71).toBe(true);
    const poisson = arrivalTimes(of('paper', { 'leechers.count': 2000 }), 1).leechers[0] ?? [];
    expect((poisson.at(-1) ?? 0) / 2000).toBeCloseTo(20, -1);
  });
});
