import { describe, expect, test } from 'vitest';
import { countsOf, coverageByFolder, figuresOf, line, stage, summary } from './stages.mjs';

const outcome = (passed: number, failed: number, skipped: number) => ({
  name: 'unit',
  ok: failed === 0,
  seconds: 1.25,
  counts: { passed, failed, skipped },
  note: '',
});

describe('countsOf', () => {
  test.each([
    ['all fine', { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 }, [3, 0, 2]],
    [
      'a file that could not be loaded counts as one failure',
      { numPassedTests: 3, numFailedTests: 0, testResults: [{ status: 'failed', assertionResults: [] }] },
      [3, 1, 0],
    ],
    [
      'failed tests are counted once',
      { numFailedTests: 2, testResults: [{ status: 'failed', assertionResults: [{}, {}] }] },
      [0, 2, 0],
    ],
    ['no report', undefined, [0, 0, 0]],
  ])('%s', (_name, report, [passed, failed, skipped]) => {
    expect(countsOf(report)).toEqual({ passed, failed, skipped });
  });
});

test.each([
  ['a sentence', [[{ name: 'all fine' }], []], ['all fine']],
  ['one value', [[{ name: 'lost', value: 3 }]], ['lost: 3']],
  [
    'values of several tests and files',
    [[{ name: 'lost', value: 3 }, undefined], [{ name: 'lost', value: 0 }]],
    ['lost: 0 to 3 in 2 tests'],
  ],
  ['something else', [[{ name: 7 }, 'x', null]], []],
  ['no report', undefined, []],
])('figures: %s', (_, files, figures) => {
  const testResults = files?.map((tests) => ({ assertionResults: tests.map((figure) => ({ meta: { figure } })) }));
  expect(figuresOf(testResults && { testResults: [...testResults, {}, undefined] })).toEqual(figures);
});

test('coverage is summed up by folder of core/', () => {
  const lines = (total: number, covered: number) => ({ lines: { total, covered } });
  const summary = {
    total: lines(40, 20),
    '/x/core/wire/a.ts': lines(10, 10),
    '/x/core/base/a.ts': lines(10, 5),
    'C:\\x\\core\\base\\deep\\b.ts': lines(30, 25),
    '/x/cli/a.ts': lines(5, 0),
  };
  expect([...coverageByFolder(summary)]).toEqual([
    ['base', 75],
    ['wire', 100],
  ]);
  expect(coverageByFolder(undefined).size).toBe(0);
});

test('the last line sums up all stages', () => {
  expect(summary([outcome(3, 0, 1), outcome(0, 1, 0), outcome(2, 0, 0)])).toBe('5 passed, 1 failed, 1 skipped');
});

test('a line tells the outcome, the time and, of tests, the counts', () => {
  expect(line(outcome(3, 1, 0))).toMatch(/^FAILED {2}unit .* 1\.3 s {2}3 passed, 1 failed, 0 skipped$/);
  expect(line({ ...outcome(0, 0, 0), note: 'x' })).toMatch(/^ok {6}unit .* 1\.3 s {2}x$/);
});

describe('stage', () => {
  test('a failed program counts as one failure', async () => {
    const failed = await stage('x', ['-e', 'process.exit(3)'], { seconds: 20 });
    expect(failed).toMatchObject({ ok: false, counts: { passed: 0, failed: 1, skipped: 0 } });
    expect(await stage('x', ['-e', ''], { seconds: 20 })).toMatchObject({ ok: true, counts: { failed: 0 } });
  });

  test('one that takes too long is ended and says so', async () => {
    const late = await stage('x', ['-e', 'setInterval(() => 1, 1000)'], { seconds: 0.05 });
    expect(late).toMatchObject({ ok: false, note: 'stopped after 0.05 s', counts: { failed: 1 } });
  });
});
