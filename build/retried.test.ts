import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { retriedLines, retriedOf } from './retried.mjs';
import { root } from './setup.mjs';

const SAMPLE = `
let tries = 0;
describe('a client', { retry: 1 }, () => {
  it('comes late', () => {
    if (tries++ === 0) throw new Error('60 s are over while waiting for a seed\\nand what it said');
  });
  it('never comes', () => {
    throw new Error('waiting for ' + tries++);
  });
  it('is there', () => {});
});
it('fails at once', () => {
  throw new Error('wrong');
});
`;

test('a run ends with the retried tests and what each waited for, and the JSON report has them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'retried-'));
  try {
    await writeFile(path.join(folder, 'sample.test.ts'), SAMPLE);
    const json = path.join(folder, 'report.json');
    const args = ['run', '--globals', '--root', folder, '--reporter=json', `--outputFile=${json}`];
    const command = [`${root}node_modules/vitest/vitest.mjs`, ...args, `--reporter=${root}build/retried.mjs`];
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, command, { cwd: folder }, (_, stdout, stderr) => resolve(stdout + stderr));
    });
    const report = JSON.parse(await readFile(json, 'utf8').catch(() => 'null')) as unknown;
    const retried = retriedOf(report);
    expect(retried, output).toEqual([
      'a client > comes late: 60 s are over while waiting for a seed',
      'a client > never comes: waiting for 2',
    ]);
    for (const line of retriedLines(retried)) expect(output).toContain(line);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);

test('where nothing was retried nothing is said', () => {
  expect(retriedLines([])).toEqual([]);
  expect(retriedOf(undefined)).toEqual([]);
  expect(retriedOf({ testResults: [{}, null, { assertionResults: [{}, { meta: { retried: 7 } }] }] })).toEqual([]);
});
