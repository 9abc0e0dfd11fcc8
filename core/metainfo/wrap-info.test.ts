import { expect, test } from 'vitest';
import { encodeTorrent } from './make-torrent.ts';
import { parseTorrent } from './parse-torrent.ts';
import { wrapInfo } from './wrap-info.ts';

test.each([[[]], [[['http://a.example/'], ['udp://b.example:1', 'https://c.example/']]], [[['http://a.example/']]]])(
  'metadata with the trackers %j is a torrent of the same info-hash',
  (trackers) => {
    const { info } = parseTorrent(
      encodeTorrent({ name: 'n', files: 5, pieceLength: 1024, pieceHashes: new Uint8Array(20), trackers: [] }),
    );
    const back = parseTorrent(wrapInfo(info.raw, trackers));
    expect(back.info).toEqual(info);
    expect(back.trackers).toEqual(trackers);
    expect(back.webSeeds).toEqual([]);
    const webSeeds = ['http://w.example/', 'https://v.example/x'];
    expect(parseTorrent(wrapInfo(info.raw, trackers, webSeeds))).toEqual({ ...back, webSeeds });
  },
);
