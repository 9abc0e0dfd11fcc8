import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAtLeast } from './node-version.mjs';
import { digest, isStale } from './setup.mjs';
import { missingTools } from './tools.mjs';

let folder = '';
const write = (name: string, text: string) => {
  mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};

beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'ensemble-setup-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('digest', () => {
  beforeEach(() => {
    write('core/a/one.ts', '1');
    write('lock.json', '{}');
  });

  const sources = ['core', 'lock.json', 'not-there'];

  test.each([
    ['a changed file', () => write('core/a/one.ts', '2'), true],
    ['a new file', () => write('core/b/two.ts', ''), true],
    ['a removed file', () => rmSync(path.join(folder, 'core/a/one.ts')), true],
    ['a file written again as it was', () => write('core/a/one.ts', '1'), false],
    ['a changed test', () => write('core/a/one.test.ts', 'x'), false],
    ['a file elsewhere', () => write('docs/one.md', 'x'), false],
  ])('%s', (_name, change, differs) => {
    const before = digest(folder, sources);
    change();
    expect(digest(folder, sources) !== before).toBe(differs);
  });

  test('content cannot pass for a name', () => {
    write('x/ab', 'c');
    write('y/a', 'bc');
    expect(digest(folder, ['x/ab'])).not.toBe(digest(folder, ['y/a']));
  });
});

test('a stamp is stale when missing or different', () => {
  expect(isStale(folder, 'stamp', 'v')).toBe(true);
  write('stamp', 'u');
  expect(isStale(folder, 'stamp', 'v')).toBe(true);
  write('stamp', 'v');
  expect(isStale(folder, 'stamp', 'v')).toBe(false);
});

test.each([
  ['20.18.3', '20.18.3', true],
  ['20.18.2', '20.18.3', false],
  ['20.9.0', '20.18.3', false],
  ['18.20.8', '20.18.3', false],
  ['24.0.0', '20.18.3', true],
  ['22.1.0', '20.18.3', true],
])('Node %s where %s is needed', (have, need, fine) => {
  expect(isAtLeast(have, need)).toBe(fine);
});

test('a tool is missing when its probe cannot run, or its module cannot be loaded', () => {
  const node = process.execPath;
  expect(
    missingTools([
      { package: 'there', probe: [node, '--version'] },
      { package: 'odd-status', probe: [node, '--no-such-flag'] },
      { package: 'gone', probe: [path.join(folder, 'no-such-program')] },
      { package: 'no-module', probe: [node, '-c', path.join(folder, 'no-such-file')] },
    ]),
  ).toEqual(['gone', 'no-module']);
});
