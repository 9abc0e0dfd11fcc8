import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldPath } from './safe-path.ts';
import { separate } from './separate-paths.ts';

describe('names that file systems may take for the same', () => {
  const places = (...paths: string[]): string[] => {
    const split = paths.map((path) => path.split('/'));
    separate(split);
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
      ['a', 'a', 'b', 'a'],
      ['a', 'a (2)', 'b', 'a (3)'],
    ],
    [
      ['x/inner', 'x', 'x.y/inner', 'x.y'],
      ['x/inner', 'x (2)', 'x.y/inner', 'x (2).y'],
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

  test('nor do those that are cut to the same for their numbers', () => {
    const paths = Array.from({ length: 1 << 14 }, (_, i) => {
      const name = `${'x'.repeat(250)}${i.toString(36).padStart(4, '0')}`;
      return [name, name];
    }).flat();
    const out = places(...paths);
    expect(new Set(out.map(foldPath)).size).toBe(paths.length);
    expect(Math.max(...out.map((path) => path.length))).toBeLessThanOrEqual(255);
  });

  test('tells the names that were changed', () => {
    expect(separate([['f', 'a'], ['f', 'A'], ['f', 'b'], ['f']])).toEqual(
      new Map([
        [1, 'A'],
        [3, 'f'],
      ]),
    );
  });

  test('whatever the names, no two places fold to the same, nor a file to a folder', () => {
    const component = fc.constantFrom('a', 'A', 'b', '\u00e9', 'e\u0301', 'E\u0301', 'a (2)', 'A.x', 'a.x');
    fc.assert(
      fc.property(
        fc.array(
          fc.array(component, { minLength: 1, maxLength: 3 }).map((p) => p.join('/')),
          { maxLength: 30 },
        ),
        (paths) => {
          const out = places(...paths);
          const folded = out.map(foldPath);
          expect(new Set(folded).size).toBe(out.length);
          for (const file of folded) expect(folded.some((other) => other.startsWith(`${file}/`))).toBe(false);
        },
      ),
    );
  });
});
