import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeComponent as safe } from './safe-path.ts';

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

// The time-out of the test is the judge: these took minutes.
test.each([
  ['dots before a letter', `${'.'.repeat(400_000)}x`],
  ['dots and spaces before a letter', `${'. '.repeat(200_000)}x`],
  ["a device's name and spaces before a letter", `con${' '.repeat(400_000)}x`],
  ['dots', `x${'.'.repeat(400_000)}`],
])('a name of any length takes no longer than reading it: %s', (_, name) => {
  expect(utf8Length(safe(name))).toBeLessThanOrEqual(255);
});

test.each([
  ['', '_'],
  ['.', '_'],
  ['..', '_'],
  ['/', '_'],
  ['/etc', '_etc'],
  ['a/b', 'a_b'],
  ['../x', '.._x'],
  ['\\\\server\\share', '__server_share'],
  ['a\\..\\b', 'a_.._b'],
  ['..\\..', '..___'],
  ['C:', 'C_'],
  ['c:\\windows', 'c__windows'],
  ['c:/windows', 'c__windows'],
  ['a\0b', 'a_b'],
  ['CON', 'CON_'],
  ['nul', 'nul_'],
  ['Com1', 'Com1_'],
  ['LPT9', 'LPT9_'],
  ['con ', 'con_'],
  ['con/', 'con_'],
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
      .array(fc.constantFrom('.', '..', '/', '\\', 'C:', ':', 'con', 'aux', ' ', '\0', 'a', 'é'), { maxLength: 6 })
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(name, (text) => {
      const out = safe(text);
      // oxlint-disable-next-line no-control-regex -- they must be gone
      expect(out).not.toMatch(/[/\\\x00-\x1f]|^\.{0,2}$|[. ]$/);
      expect(out).not.toMatch(/^((con|prn|aux|nul|com\d|lpt\d) *(\.|$)|[a-z]:$)/i);
      expect(utf8Length(out)).toBeLessThanOrEqual(255);
      expect(safe(out)).toBe(out);
    }),
    { numRuns: 2000 },
  );
});
