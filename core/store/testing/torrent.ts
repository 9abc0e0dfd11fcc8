import { createHash } from 'node:crypto';
import { concatBytes, sameBytes } from '../../base/bytes.ts';
import { identityIndex, type InfoHashV1, piece as pieceIndex } from '../../base/ids.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { inTreeOrder } from '../../metainfo/made-content.ts';
import { encodeTorrent, planTorrent } from '../../metainfo/make-torrent.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import { torrentId } from '../../metainfo/torrent-id.ts';
import { madeHashes } from '../../metainfo/testing/made-hashes.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { StoreLocation } from '../layouts/layout.ts';

/** A torrent for tests of the store, with its content. */
export interface TestTorrent {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly content: Uint8Array;
  piece(index: number): Uint8Array;
}

/** As `toEqual`, for long byte strings. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  if (!sameBytes(actual, expected)) throw new Error(`${actual.length} bytes are not the ${expected.length} expected`);
}

/** Version 1, which may have padding anywhere; version 2 with or without the other half. */
export type TestVersion = 'v1' | 'v2' | 'hybrid';
export const TEST_VERSIONS: readonly TestVersion[] = ['v1', 'v2', 'hybrid'];

/**
 * Files `f0`, `d/f1`, ... of these lengths, in version 2 in the order of their paths; negative: padding of version 1. The content is
 * the same for the same arguments.
 */
export function testTorrent(lengths: readonly number[], pieceLength: number, version: TestVersion = 'v1'): TestTorrent {
  const info = version === 'v1' ? infoOfV1(lengths, pieceLength) : infoOfV2(lengths, pieceLength, version === 'hybrid');
  const geometry = new Geometry(info);
  const content = contentOf(info);
  const piece = (index: number): Uint8Array =>
    content.subarray(index * pieceLength, index * pieceLength + geometry.pieceSize(pieceIndex(index)));
  return { info, geometry, content, piece };
}

/** The bytes of all files at their offsets, the last one being a piece's last. */
function contentOf({ files }: Pick<Info, 'files'>): Uint8Array {
  const content = new Uint8Array(files.reduce((end, { offset, length }) => Math.max(end, offset + length), 0));
  let seed = 12345;
  for (const { offset, length, padding } of files) {
    for (let i = offset; i < offset + length; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      content[i] = padding ? 0 : seed >>> 16;
    }
  }
  return content;
}

function pathOf(i: number): string[] {
  return i % 2 === 0 ? [`f${i}`] : ['d', `f${i}`];
}

function infoOfV1(lengths: readonly number[], pieceLength: number): Info {
  let offset = 0;
  const files = lengths.map((signed, i) => {
    const length = Math.abs(signed);
    const file = { path: ['t', ...pathOf(i)], length, offset, padding: signed < 0 };
    offset += length;
    return file;
  });
  const content = contentOf({ files });
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < offset; at += pieceLength)
    hashes.push(
      createHash('sha1')
        .update(content.subarray(at, at + pieceLength))
        .digest(),
    );
  const pieceHashes = concatBytes(...hashes);
  const infoHash = createHash('sha1').update(pieceHashes).digest('hex') as InfoHashV1;
  return {
    id: torrentId({ v1: infoHash }),
    infoHash,
    name: 't',
    pieceLength,
    pieceCount: hashes.length,
    length: offset,
    files,
    pieceHashes,
    private: false,
    raw: new Uint8Array(0),
    naming: {},
    notes: [],
  };
}

function infoOfV2(lengths: readonly number[], pieceLength: number, hybrid: boolean): Info {
  const files = inTreeOrder(lengths.map((length, i) => ({ path: pathOf(i), length: Math.abs(length) })));
  const input = { name: 't', version: hybrid ? 'hybrid' : 2, files, pieceLength, trackers: [] } as const;
  const plan = planTorrent(input);
  return parseTorrent(encodeTorrent({ ...input, ...madeHashes(plan, contentOf(plan)) })).info;
}

/** A working folder `/work` and an output `/out`. */
export function testLocation(layout: StoreLocation['layout'], identity = 0): StoreLocation {
  return { layout, workFolder: '/work', output: '/out', assembled: false, identity: identityIndex(identity) };
}
