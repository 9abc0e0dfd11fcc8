import { expect, test } from 'vitest';
import { encodeTorrent } from './make-torrent.ts';
import { parseTorrent } from './parse-torrent.ts';
import { encodeV2, v2Parts } from './testing/v2-torrents.ts';
import { wrapInfo } from './wrap-info.ts';

test.each([[[]], [[['http://a.example/'], ['udp://b.example:1', 'https://c.example/']]], [[['http://a.example/']]]])(
  'metadata with the trackers %j is a torrent of the same info-hash',
  (trackers) => {
    const { info } = parseTorrent(
      encodeTorrent({ name: 'n', files: 5, pieceLength: 1024, pieceHashes: new Uint8Array(20), trackers: [] }),
    );
    const back = parseTorrent(wrapInfo(info, trackers));
    expect(back.info).toEqual(info);
    expect(back.trackers).toEqual(trackers);
    expect(back.webSeeds).toEqual([]);
    const webSeeds = ['http://w.example/', 'https://v.example/x'];
    expect(parseTorrent(wrapInfo(info, trackers, webSeeds))).toEqual({ ...back, webSeeds });
  },
);

test.each([false, true])('metadata of version 2 keeps its piece layers; hybrid: %j', (hybrid) => {
  const files = ['a', 'b', 'c', 'd'].map((name, i) => ({ path: [name], length: i * 20_000 }));
  const { info } = parseTorrent(encodeV2(v2Parts(files, 16384, { hybrid })));
  expect(parseTorrent(wrapInfo(info, [])).info).toEqual(info);
  const { pieceRoots: _, ...bare } = info;
  expect(parseTorrent(wrapInfo(bare, [])).info).toEqual(bare);
});
