import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import type { BencodeInput } from '../bencode/bencode.ts';
import { encode } from '../bencode/bencode.ts';
import { parseInfo } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';
import { rawPaths } from './raw-paths.ts';
import { encodeV2, type Fields, v2Parts } from './testing/v2-torrents.ts';

const text = (name: Uint8Array): string => String.fromCharCode(...name);
const latin = (name: string): Uint8Array => Uint8Array.from(name, (char) => char.charCodeAt(0));

function pathsOf(fields: Record<string, BencodeInput>, length: number) {
  const pieces = new Uint8Array(20 * Math.ceil(length / 16384));
  const info = parseInfo(encode({ name: 'T', 'piece length': 16384, pieces, ...fields }));
  return { info, paths: rawPaths(info).map((path) => path?.map(text).join('/')) };
}

describe('paths as they stand in the torrent', () => {
  test('one file', () => {
    expect(pathsOf({ length: 5, name: latin('f\xfcr.iso') }, 5).paths).toEqual(['f\xfcr.iso']);
  });

  test('names that are not kept, padding, links, and the better of two spellings', () => {
    const { info, paths } = pathsOf(
      {
        files: [
          { length: 1, path: ['con.txt'] },
          { attr: 'p', length: 2, path: ['.pad', '2'] },
          { length: 3, path: [latin('caf\xe9'), 'a.'] },
          { attr: 'l', length: 0, path: ['link'], 'symlink path': ['con.txt'] },
          { length: 4, path: [latin('\xfc')], 'path.utf-8': ['ü'] },
        ],
      },
      10,
    );
    expect(paths).toEqual(['T/con.txt', undefined, 'T/caf\xe9/a.', `T/${text(new TextEncoder().encode('ü'))}`]);
    expect(info.files[0]?.path).toEqual(['T', 'con_.txt']);
  });

  test('what is untidy is read as the files are', () => {
    const text = (dict: string): Uint8Array => new TextEncoder().encode(dict);
    const pieces = concatBytes(text('6:pieces20:'), new Uint8Array(20));
    const files = '5:filesld4:pathl1:be4:pathl1:ce6:lengthi02eed10:path.utf-8li1ee4:pathl1:d0:e6:lengthi3eee';
    const raw = concatBytes(text(`d${files}4:name1:T4:name1:U12:piece lengthi16384e`), pieces, text('e'));
    expect(rawPaths(parseInfo(raw)).map((path) => path?.map((name) => String.fromCharCode(...name)))).toEqual([
      ['T', 'b'],
      ['T', 'd', ''],
    ]);
  });

  test.each([false, true])('of version 2; hybrid: %j', (hybrid) => {
    const files = [
      { path: ['con.txt'], length: 5 },
      { path: ['d', 'x'], length: 0 },
      { path: ['d', 'y.'], length: 40_000 },
    ];
    const { info } = parseTorrent(encodeV2(v2Parts(files, 16384, { hybrid })));
    const paths = rawPaths(info).map((path) => path?.map(text).join('/'));
    expect(paths.filter((path) => path !== undefined)).toEqual(['v2/con.txt', 'v2/d/x', 'v2/d/y.']);
    const one = parseTorrent(encodeV2(v2Parts([{ path: ['x.bin'], length: 5 }], 16384))).info;
    expect(rawPaths(one).map((path) => path?.map(text).join('/'))).toEqual(['x.bin']);
  });

  test('links of version 2 are no files', () => {
    const parts = v2Parts([{ path: ['a'], length: 5 }], 16384);
    (parts.info['file tree'] as Fields)['b'] = { '': { attr: 'l', 'symlink path': ['a'] } };
    const { info } = parseTorrent(encodeV2(parts));
    expect(rawPaths(info).map((path) => path?.map(text).join('/'))).toEqual(['v2/a']);
    expect(info.files.map(({ path }) => path.join('/'))).toEqual(['v2/a']);
  });

  test('what lies around the names does not matter', () => {
    const { info } = pathsOf({ files: [{ length: 1, path: ['a'], sha1: { length: 9, path: ['x'] } }] }, 1);
    expect(rawPaths({ files: info.files, raw: concatBytes(info.raw) })).toEqual([[latin('T'), latin('a')]]);
  });
});
