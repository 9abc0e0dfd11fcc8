import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldPath } from './safe-path.ts';
import { separate } from './separate-paths.ts';

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

  test.each(['', 'x'.repeat(230)])('many of them take no longer each', (tail) => {
    const paths = Array.from(
      { length: 1 << 14 },
      (_, i) => Array.from('abcdefghijklmn', (c, bit) => ((i >> bit) & 1 ? c.toUpperCase() : c)).join('') + tail,
    );
    expect(new Set(places(...paths).map(foldPath)).size).toBe(paths.length);
  });

  test('a file in the place of folders that are nested without end is refused like any other', () => {
    const deep = ['X', ...Array.from({ length: 200_000 }, () => 'a'), 'file'];
    expect(() => separate([['x'], deep], () => false)).toThrow('folders deep');
    expect(() => separate([['X'], deep], () => false)).toThrow('no folder');
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
