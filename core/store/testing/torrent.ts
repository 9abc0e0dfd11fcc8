import { createHash } from 'node:crypto';
import { sameBytes } from '../../base/bytes.ts';
import { identityIndex, type InfoHashV1 } from '../../base/ids.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { torrentId } from '../../metainfo/torrent-id.ts';
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

/** Files `f0`, `d/f1`, ... of these lengths; negative: padding. The content is the same for the same arguments. */
export function testTorrent(lengths: readonly number[], pieceLength: number): TestTorrent {
  let offset = 0;
  const files = lengths.map((signed, i) => {
    const length = Math.abs(signed);
    const path = i % 2 === 0 ? [`f${i}`] : ['d', `f${i}`];
    const file = { path: ['t', ...path], length, offset, padding: signed < 0 };
    offset += length;
    return file;
  });
  const content = new Uint8Array(offset);
  let seed = 12345;
  for (let i = 0; i < offset; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    content[i] = seed >>> 16;
  }
  for (const file of files) if (file.padding) content.fill(0, file.offset, file.offset + file.length);
  const pieceCount = Math.ceil(offset / pieceLength);
  const piece = (index: number): Uint8Array => content.subarray(index * pieceLength, (index + 1) * pieceLength);
  const pieceHashes = new Uint8Array(pieceCount * 20);
  for (let i = 0; i < pieceCount; i++) pieceHashes.set(createHash('sha1').update(piece(i)).digest(), i * 20);
  const infoHash = createHash('sha1').update(pieceHashes).digest('hex') as InfoHashV1;
  const info: Info = {
    id: torrentId({ v1: infoHash }),
    infoHash,
    name: 't',
    pieceLength,
    pieceCount,
    length: offset,
    files,
    pieceHashes,
    private: false,
    raw: new Uint8Array(0),
    naming: {},
    notes: [],
  };
  return { info, geometry: new Geometry(info), content, piece };
}

/** A working folder `/work` and an output `/out`. */
export function testLocation(layout: StoreLocation['layout'], identity = 0): StoreLocation {
  return { layout, workFolder: '/work', output: '/out', assembled: false, identity: identityIndex(identity) };
}
