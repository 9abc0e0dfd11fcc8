import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodePrograms } from './programs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-programs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const programs = new NodePrograms();
const SCRIPT =
  'require("fs").writeFileSync(process.argv[1], JSON.stringify([process.argv[2], process.env.ENSEMBLE_NAME, process.cwd()]))';

test('arguments arrive as they are, with the environment, in no folder of downloads', async () => {
  const out = path.join(folder, 'out');
  const odd = '$(touch x); `y` & "z" %PATH%';
  expect(await programs.run([process.execPath, '-e', SCRIPT, out, odd], { ENSEMBLE_NAME: odd })).toBe(0);
  expect(JSON.parse(await readFile(out, 'utf8'))).toEqual([odd, odd, homedir()]);
});

test('exit codes, and what cannot be run', async () => {
  expect(await programs.run([process.execPath, '-e', 'process.exit(3)'], {})).toBe(3);
  await expect(programs.run([path.join(folder, 'nothing')], {})).rejects.toMatchObject({ code: 'usage' });
  await expect(programs.run([''], {})).rejects.toMatchObject({ code: 'usage' });
  const killed = programs.run([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'], {});
  await expect(killed).rejects.toMatchObject({ code: 'usage' });
});
