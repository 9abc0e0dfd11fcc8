import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { chooseName, withChosenNames, workPath } from './chosen-names.ts';
import { infoOf, toldOf } from './known-info.ts';
import { rawPaths } from './raw-paths.ts';
import type { Info } from './torrent.ts';

const FILES = [['a', 'one.txt'], ['a', 'two.txt'], ['b', 'one.txt'], ['readme']].map((path) => ({ path, length: 10 }));
const torrent = (files: Parameters<typeof simTorrent>[1]['files'] = FILES): Info =>
  simTorrent(new SeededRandom(1), { files, pieceLength: 16_384 }).torrent.info;
const paths = ({ files }: Info): string[] => files.map(({ path }) => path.join('/'));

/** Renames one after the other, each by the path that it has then. */
function renamed(info: Info, ...steps: readonly (readonly [path: string, name: string])[]): Info {
  return steps.reduce((now, [path, name]) => withChosenNames(info, chooseName(now, path, name).names), info);
}

describe('chosen names', () => {
  test.each([
    ['a file', [['payload/a/one.txt', 'first.txt']], ['payload/a/first.txt', 'payload/a/two.txt']],
    ['a folder', [['payload/a', 'x']], ['payload/x/one.txt', 'payload/x/two.txt']],
    ['the torrent', [['', 'Top']], ['Top/a/one.txt']],
    ['all', [['payload', 'Top']], ['Top/a/one.txt', 'Top/a/two.txt', 'Top/b/one.txt', 'Top/readme']],
    [
      'one in another',
      [
        ['payload', 'T'],
        ['T/a', 'x'],
        ['T/x/one.txt', '1'],
      ],
      ['T/x/1', 'T/x/two.txt'],
    ],
    [
      'twice',
      [
        ['payload/a', 'x'],
        ['payload/x', 'y'],
      ],
      ['payload/y/one.txt', 'payload/y/two.txt'],
    ],
    [
      'and back',
      [
        ['payload/a', 'x'],
        ['payload/x', 'a'],
      ],
      ['payload/a/one.txt'],
    ],
    ['to another one', [['payload/a/one.txt', 'TWO.txt']], ['payload/a/TWO (2).txt']],
    [
      'to a folder',
      [['payload/readme', 'B']],
      ['payload/a/one.txt', 'payload/a/two.txt', 'payload/b/one.txt', 'payload/B (2)'],
    ],
    [
      'to a device',
      [
        ['payload/a', 'con'],
        ['payload/readme', 'a\\b'],
      ],
      ['payload/con_/one.txt', 'payload/con_/two.txt', 'payload/b/one.txt', 'payload/a_b'],
    ],
    ['in case alone', [['payload/a', 'A']], ['payload/A/one.txt']],
  ] as const)('%s', (_, steps, expected) => {
    const info = torrent();
    const now = renamed(info, ...steps);
    expect(paths(now).slice(0, expected.length)).toEqual(expected);
    expect(now.files.map((file) => workPath(file).join('/'))).toEqual(paths(info));
    expect(paths(infoOf(toldOf(now)))).toEqual(paths(now));
    expect(infoOf(toldOf(now)).name).toBe(now.name);
    expect(rawPaths(now)).toEqual(rawPaths(info));
  });

  test('the first component is the name of the torrent', () => {
    const now = renamed(torrent(), ['payload', 'Top']);
    expect([now.name, now.nameBefore]).toEqual(['Top', 'payload']);
    const file = renamed(torrent(10), ['payload', 'film.mkv']);
    expect([file.name, paths(file)]).toEqual(['film.mkv', ['film.mkv']]);
  });

  test('what is as before leaves nothing behind', () => {
    expect(renamed(torrent(), ['payload/a', 'x'], ['payload/x', 'a']).naming).toEqual({});
  });

  test.each([
    ['payload/c', 'x'],
    ['payload/a/one', 'x'],
    ['/', 'x'],
    ['payload/a', ''],
    ['payload/a', ' '],
    ['payload/a', '..'],
    ['payload/a', 'b/c'],
  ])('%j cannot become %j', (path, name) => {
    expect(() => chooseName(torrent(), path, name)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('a path never gets too long', () => {
    const deep = [{ path: [...Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(90, 'x')), 'f'], length: 10 }];
    const long = 'ä'.repeat(127);
    let info = torrent(deep);
    expect(() => {
      for (let level = 0; level < 20; level++) {
        const path = info.files[0]?.path.slice(0, level + 1).join('/') ?? '';
        info = withChosenNames(torrent(deep), chooseName(info, path, long).names);
      }
    }).toThrow(/too long/);
  });

  test('names that came from outside are made safe, and no two files share a path', () => {
    const names = [
      { path: 'payload/a/one.txt', name: '../../x' },
      { path: 'payload/a', name: 'b' },
      { path: 'payload/gone', name: 'y' },
    ];
    expect(paths(withChosenNames(torrent(), names)).slice(0, 3)).toEqual([
      'payload/b/.._.._x',
      'payload/b/two.txt',
      'payload/b/one.txt',
    ]);
    const same = [{ path: 'payload/a', name: 'B' }];
    expect(paths(withChosenNames(torrent(), same))[2]).toBe('payload/b/one (2).txt');
  });
});
