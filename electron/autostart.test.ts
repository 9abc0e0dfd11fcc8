import fc from 'fast-check';
import { expect, test } from 'vitest';
import { autostartEntry, isOn, isOurEntry } from './autostart.ts';

/** What a desktop makes of an `Exec` line, by the specification. */
function wordsOf(entry: string): string[] {
  // Lines end with a line feed alone: U+2028, which JavaScript takes for one, may stand in a path.
  const value =
    entry
      .split('\n')
      .find((text) => text.startsWith('Exec='))
      ?.slice('Exec='.length) ?? '';
  const line = value.replaceAll('\\\\', '\\');
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) =>
    word.replace(/\\(.)/gs, '$1').replaceAll('%%', '%'),
  );
}

test('the program and its arguments are started as they are', () => {
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(wordsOf(autostartEntry('Ensemble', words))).toEqual(words);
    }),
  );
});

test('a path with what JavaScript takes for an end of line', () => {
  expect(wordsOf(autostartEntry('Ensemble', ['/a\u2028b', '\u2029']))).toEqual(['/a\u2028b', '\u2029']);
});

test.each(['a\nHidden=true', 'a\0b', '\x7f'])('%j is refused', (word) => {
  expect(() => autostartEntry('Ensemble', [word])).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('an entry of ours is told from others, and one that is switched off from one that is on', () => {
  const entry = autostartEntry('Ensemble', ['/opt/Ensemble/ensemble', '--hidden']);
  expect([isOurEntry(entry), isOn(entry)]).toEqual([true, true]);
  expect(isOurEntry('[Desktop Entry]\nExec=ensemble\n')).toBe(false);
  expect(isOn(`${entry}Hidden=true\n`)).toBe(false);
  expect(isOn(entry.replace('enabled=true', 'enabled=false'))).toBe(false);
});
