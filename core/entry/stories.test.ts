import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type InfoHashV1, millis, torrentKey } from '../base/ids.ts';
import { LOG_LINES } from '../bridge/patches.ts';
import type { LogLine } from '../bridge/views.ts';
import { openStories } from './stories.ts';

const key = torrentKey('ab'.repeat(20) as InfoHashV1);
const line = (n: number): LogLine => ({ time: n, level: 'info', message: `line ${n}` });
let folder: string;
const file = (): string => path.join(folder, 'stories', `${key}.jsonl`);

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ensemble-stories-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was appended is read by the next run; what a crash cut off, and what is not ours, is passed over', async () => {
  const stories = openStories(folder, () => Promise.resolve(true));
  expect(await stories.read(key)).toEqual({ lines: [], assembledIn: null });
  await stories.append(key, { lines: [line(1), line(2)], assembledIn: null });
  await stories.append(key, { lines: [line(3)], assembledIn: millis(4000) });
  await appendFile(file(), '{"t":1e300,"level":"info","message":"no date"}\n[]\n{"t":4,"lev');
  const next = openStories(folder, () => Promise.resolve(true));
  expect(await next.read(key)).toEqual({ lines: [line(1), line(2), line(3)], assembledIn: 4000 });
  expect((await readFile(file(), 'utf8')).split('\n')[0]).toBe('{"version":1}');
  await next.forget(key);
  expect(await next.read(key)).toEqual({ lines: [], assembledIn: null });
});

test('a file does not grow for ever', async () => {
  const stories = openStories(folder, () => Promise.resolve(true));
  const lines = Array.from({ length: 10 * LOG_LINES }, (_, n) => line(n));
  await stories.append(key, { lines, assembledIn: millis(7) });
  const kept = await stories.read(key);
  expect(kept.lines).toEqual(lines.slice(-LOG_LINES));
  expect((await readFile(file(), 'utf8')).split('\n').length).toBeLessThan(2 * LOG_LINES);
  expect(await stories.read(key)).toEqual({ ...kept, assembledIn: 7 });
});

test('nor where nobody reads it while it grows', async () => {
  const stories = openStories(folder, () => Promise.resolve(true));
  const long = (n: number): LogLine => ({ ...line(n), message: `${n} ${'x'.repeat(2000)}` });
  for (let n = 0; n < 10 * LOG_LINES; n += LOG_LINES) {
    const lines = Array.from({ length: LOG_LINES }, (_, i) => long(n + i));
    await stories.append(key, { lines, assembledIn: millis(7) });
  }
  expect((await stat(file())).size).toBeLessThan(6 * 1024 * 1024);
  const kept = await stories.read(key);
  expect(kept.lines.length).toBe(LOG_LINES);
  expect(kept.lines.at(-1)).toEqual(long(10 * LOG_LINES - 1));
  expect(kept.assembledIn).toBe(7);
});

test('nothing is written where another program has the folder', async () => {
  const stories = openStories(folder, () => Promise.resolve(false));
  await stories.append(key, { lines: [line(1)], assembledIn: null });
  expect((await stories.read(key)).lines).toEqual([]);
});
