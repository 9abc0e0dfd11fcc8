import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadBundle } from './load-bundle.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ensemble-bundle-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the build ends a bundle. */
function bundle(code: string): string {
  const text = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  return `${text}\n// ${createHash('sha1').update(text).digest('hex')}`;
}

function write(name: string, text: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** What V8 compiled of a bundle, marked as of another. */
const compiled = (text: string, markOf = text) =>
  Buffer.concat([Buffer.from(markOf.slice(-40), 'latin1'), new Script(text).createCachedData()]);

test('a bundle gets what a CommonJS module gets', () => {
  const file = write('a.js', bundle(`exports.all = [__filename, __dirname, require('node:path').sep];`));
  expect(loadBundle(file)).toEqual({ all: [file, folder, path.sep] });
});

test('bundles require each other, also in a circle, and run once', () => {
  write('a.js', bundle(`exports.name = 'a'; exports.b = require('./b.js'); exports.again = require('./b.js');`));
  write('b.js', bundle(`module.exports = { id: {}, a: require('./a.js').name };`));
  const a = loadBundle(path.join(folder, 'a.js')) as { b: { a: string }; again: unknown };
  expect(a.b.a).toBe('a');
  expect(a.again).toBe(a.b);
});

test('one that could not be read or failed can be loaded later', () => {
  const file = path.join(folder, 'late.js');
  expect(() => loadBundle(file)).toThrow('ENOENT');
  write('late.js', bundle(`throw new Error('not yet');`));
  expect(() => loadBundle(file)).toThrow('not yet');
  write('late.js', bundle('exports.n = 1;'));
  expect(loadBundle(file)).toEqual({ n: 1 });
});

describe('what was compiled ahead', () => {
  const first = bundle(`exports.n = 'one';`);
  const second = bundle(`exports.n = 'two';`);

  test('is taken where it is marked as of this text', () => {
    // It is not, which only shows that the text itself was not compiled.
    write('taken.js.cache', compiled(second, first));
    expect(loadBundle(write('taken.js', first))).toEqual({ n: 'two' });
  });

  test.each([
    ['of an older text, as long as this one', compiled(second)],
    ['nothing', Buffer.alloc(0)],
    ['cut off', compiled(first).subarray(0, 60)],
    ['from another V8', Buffer.concat([compiled(first).subarray(0, 40), Buffer.alloc(200, 7)])],
  ])('is left where it is %s', (_name, cache) => {
    write('left.js.cache', cache);
    expect(loadBundle(write('left.js', first))).toEqual({ n: 'one' });
  });
});
