import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldPath, safeComponent, separate } from './safe-path.ts';

const safe = (name: string): string => safeComponent('path', name);
const utf8Length = (text: string): number => new TextEncoder().encode(text).length;

test.each([
  'a',
  'A file (1) [x264].mkv',
  '.hidden',
  '-dash',
  'a..b',
  'trailing-',
  'Überschrift 日本語.txt',
  'conference',
  'console.log',
  'com10',
  'What? A: "B" <C>|*',
  'C: the letter.txt',
])('%s stays as it is', (name) => {
  expect(safe(name)).toBe(name);
});

test.each([
  '',
  '.',
  '..',
  '/etc',
  'a/b',
  '../x',
  '\\\\server\\share',
  '\\x',
  'a\\..\\b',
  '..\\..',
  'C:',
  'c:\\windows',
  'a\0b',
  'CON',
  'nul',
  'Com1',
  'LPT9',
  'con ',
])('%j is refused', (name) => {
  // A trailing space makes it a name of its own.
  if (name === 'con ') expect(safe(name)).toBe('con_');
  else expect(() => safe(name)).toThrow(`The torrent's "path" is`);
});

test.each([
  ['aux.c', 'aux_.c'],
  ['NUL.tar.gz', 'NUL_.tar.gz'],
  ['con .txt', 'con_.txt'],
  ['com1:x', 'com1_:x'],
  ['name.', 'name_'],
  ['name. .', 'name___'],
  ['...', '___'],
  ['tab\there', 'tab_here'],
  ['a\\b', 'a_b'],
  ['\u202etxt.exe', '_txt.exe'],
])('%j becomes %j', (name, expected) => {
  expect(safe(name)).toBe(expected);
});

test('long names are cut between characters and keep their extension', () => {
  expect(safe(`${'a'.repeat(300)}.mkv`)).toBe(`${'a'.repeat(251)}.mkv`);
  expect(safe('ä'.repeat(200))).toBe('ä'.repeat(127));
  expect(safe(`a.${'b'.repeat(300)}`)).toBe(`a.${'b'.repeat(253)}`);
});

test('what is made of any name stays one name in its folder', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom('.', '..', '/', '\\', 'C:', 'con', 'aux', ' ', '\0', 'a', 'é'), { maxLength: 6 })
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(name, (text) => {
      let out: string;
      try {
        out = safe(text);
      } catch (error) {
        expect(String(error)).toContain('"path" is');
        return;
      }
      // oxlint-disable-next-line no-control-regex -- they must be gone
      expect(out).not.toMatch(/[/\\\x00-\x1f]|^\.{0,2}$|[. ]$/);
      expect(out).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i);
      expect(utf8Length(out)).toBeLessThanOrEqual(255);
      expect(safe(out)).toBe(out);
    }),
    { numRuns: 2000 },
  );
});

describe('names that file systems may take for the same', () => {
  const places = (...paths: string[]): string[] => {
    const split = paths.map((path) => path.split('/'));
    separate(split, (a, b) => paths[a] === paths[b]);
    return split.map((path) => path.join('/'));
  };

  test.each([
    [
      ['a/x', 'b/x'],
      ['a/x', 'b/x'],
    ],
    [
      ['Read.me', 'read.me', 'READ.ME'],
      ['Read.me', 'read (2).me', 'READ (3).ME'],
    ],
    [
      ['read (2).me', 'a', 'READ (2).me'],
      ['read (2).me', 'a', 'READ (2) (2).me'],
    ],
    [
      ['caf\u00e9', 'cafe\u0301'],
      ['caf\u00e9', 'cafe\u0301 (2)'],
    ],
    [
      ['Stra\u00dfe', 'STRASSE'],
      ['Stra\u00dfe', 'STRASSE (2)'],
    ],
    [
      ['what?', 'what_'],
      ['what?', 'what_ (2)'],
    ],
    [
      ['D/a', 'd/a', 'd/b'],
      ['D/a', 'd/a (2)', 'd/b'],
    ],
    [
      ['X', 'x/inner'],
      ['X (2)', 'x/inner'],
    ],
    [
      ['x/inner', 'X'],
      ['x/inner', 'X (2)'],
    ],
  ])('%j', (paths, expected) => {
    expect(places(...paths)).toEqual(expected);
  });

  test('many of them take no longer each', () => {
    const paths = Array.from({ length: 1 << 14 }, (_, i) =>
      Array.from('abcdefghijklmn', (c, bit) => ((i >> bit) & 1 ? c.toUpperCase() : c)).join(''),
    );
    expect(new Set(places(...paths).map(foldPath)).size).toBe(paths.length);
  });

  test('whatever the names, no two places fold to the same, nor a file to a folder', () => {
    const component = fc.constantFrom('a', 'A', 'b', '\u00e9', 'e\u0301', 'E\u0301', 'a (2)', 'A.x', 'a.x');
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.array(component, { minLength: 1, maxLength: 3 }).map((p) => p.join('/')),
          { maxLength: 30 },
        ),
        (paths) => {
          let out: string[];
          try {
            out = places(...paths);
          } catch (error) {
            expect(String(error)).toContain('no folder');
            return;
          }
          const folded = out.map(foldPath);
          expect(new Set(folded).size).toBe(out.length);
          for (const file of folded) expect(folded.some((other) => other.startsWith(`${file}/`))).toBe(false);
        },
      ),
    );
  });
});
