import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filledIn, lineOf, wordsIn } from './program-line.ts';

const facts = { name: 'A film', path: '/d/A film', folder: '/d', hash: 'ab', category: '', tags: 'x,y', size: '7' };

test.each([
  ['', []],
  ['  tell   me ', ['tell', 'me']],
  ['"/opt/my tool" --at="a b" \'say "x"\' ""', ['/opt/my tool', '--at=a b', 'say "x"', '']],
  ['C:\\tools\\x.exe', ['C:\\tools\\x.exe']],
  ['a "b', undefined],
])('the words of %j', (line, words) => {
  expect(wordsIn(line)).toEqual(words);
});

test('a line is read as the words that it was made from', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(wordsIn(lineOf(words))).toEqual(words);
    }),
  );
});

test('placeholders are filled in, each once, and never in the program', () => {
  expect(filledIn(['/bin/{name}', '{name}', '--to={folder}/{hash}', '{other}', '{'], facts)).toEqual([
    '/bin/{name}',
    'A film',
    '--to=/d/ab',
    '{other}',
    '{',
  ]);
  expect(filledIn(['x', '{name}'], { ...facts, name: '{path}' })).toEqual(['x', '{path}']);
  expect(filledIn(['x', '{constructor}'], facts)).toEqual(['x', '{constructor}']);
});

test('no torrent gives an option to a program by its name', () => {
  const hostile = { ...facts, name: '--output=/home/x' };
  expect(filledIn(['x', '{name}'], hostile)).toBeUndefined();
  expect(filledIn(['x', '{category}{name}'], hostile)).toBeUndefined();
  expect(filledIn(['x', 'is {name}'], hostile)).toEqual(['x', 'is --output=/home/x']);
  expect(filledIn(['x', '--', '{name}'], hostile)).toEqual(['x', '--', '--output=/home/x']);
  expect(filledIn(['x', '{name}', '--'], hostile)).toBeUndefined();
});
