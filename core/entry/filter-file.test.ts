import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdsAddress } from '../base/address-ranges.ts';
import { readBarred } from './filter-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'filter-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([false, true])('a list, gzipped: %s, and whom the user banned', async (zipped) => {
  const ipFilter = path.join(folder, 'list');
  const text = Buffer.from(`a name \u00e9:1.2.3.4-1.2.3.9\nnothing\n${'x:5.0.0.1-5.0.0.1\n'.repeat(5000)}6.0.0.0/8`);
  await writeFile(ipFilter, zipped ? gzipSync(text) : text);
  const { ranges, report } = await readBarred({ ipFilter, banned: ['192.0.2.7', '2001:db8::7', 'nobody'] });
  for (const host of ['1.2.3.5', '5.0.0.1', '6.255.0.1', '192.0.2.7', '2001:db8::7']) {
    expect(holdsAddress(ranges, host), host).toBe(true);
  }
  expect(holdsAddress(ranges, '7.0.0.1')).toBe(false);
  expect(report.first).toEqual([{ line: 2, text: 'nothing' }]);
  expect(ranges.v4.length).toBe(8);
});

test('no list, an empty one, one that is gone, one that is none', async () => {
  expect((await readBarred({ ipFilter: '', banned: [] })).report).toEqual({ ranges: 0, bad: 0, first: [] });
  const ipFilter = path.join(folder, 'list');
  await expect(readBarred({ ipFilter, banned: [] })).rejects.toMatchObject({ code: 'disk' });
  await writeFile(ipFilter, '');
  expect((await readBarred({ ipFilter, banned: [] })).report.bad).toBe(0);
  await writeFile(ipFilter, gzipSync('1.2.3.4').subarray(0, 15));
  await expect(readBarred({ ipFilter, banned: [] })).rejects.toMatchObject({ code: 'disk' });
});
