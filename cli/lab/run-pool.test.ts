import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runLine } from '../../core/lab/testing/lines.ts';
import { type RunOrder, withRunners } from './run-pool.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'ensemble-runs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { outcome, scenario, ...run } = runLine({}, 0, 7);
const order: RunOrder = { world: 'sim', scenario, run };
const NEVER = new AbortController().signal;

/** A program that does this with what it is told. */
function script(act: string): string {
  const file = path.join(folder, 'runs.mjs');
  writeFileSync(file, `const outcome = ${JSON.stringify(outcome)};\nprocess.on('message', (order) => { ${act} });\n`);
  return file;
}

test('each has a process of its own, which does one run after the other', async () => {
  const same = script('process.send({ outcome: { ...outcome, notes: { pid: process.pid } } })');
  const pids = await withRunners(
    2,
    NEVER,
    async (runner, signal) => [
      (await runner.do(order, signal)).notes['pid'],
      (await runner.do(order, signal)).notes['pid'],
    ],
    same,
  );
  expect(pids[0]?.[0]).toBe(pids[0]?.[1]);
  expect(new Set(pids.flat()).size).toBe(2);
});

test.each([
  ['ends', 'process.exit(9)', /ended \(exit code 9\)/],
  ['says something else', 'process.send({ outcome: 1 })', /something else/],
  ['says what went wrong', `process.send({ failure: { code: 'disk', message: 'full' } })`, /^full$/],
])('where one %s, all are stopped and it is told', async (_, act, why) => {
  let stopped: unknown;
  const both = withRunners(
    2,
    NEVER,
    (runner, signal) =>
      stopped === undefined
        ? new Promise<unknown>((_resolve, reject) => {
            stopped = 'not yet';
            signal.addEventListener('abort', () => reject((stopped = signal.reason) as Error));
          })
        : runner.do(order, signal),
    script(act),
  );
  await expect(both).rejects.toThrow(why);
  expect((stopped as Error).message).toMatch(why);
});
