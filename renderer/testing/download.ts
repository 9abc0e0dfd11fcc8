import { bytes, type InfoHashV1, type Millis, torrentKey } from '../../core/base/ids.ts';
import { fakeOptions } from '../../core/engine/testing/moving-download.ts';
import type { DownloadView } from '../../core/bridge/views.ts';

/** A download for tests, with some fields changed. */
export function testDownload(change: Partial<DownloadView> = {}): DownloadView {
  return {
    key: torrentKey('a'.repeat(40) as InfoHashV1),
    infoHash: 'a'.repeat(40) as InfoHashV1,
    name: 'A download',
    state: 'downloading',
    added: 0 as Millis,
    piecesHave: 620,
    piecesTotal: 1000,
    piecesToGo: 380,
    piecesNobodyHas: 0,
    pieceLength: 1_048_576,
    bytesHave: 620_000_000,
    bytesWanted: 1_000_000_000,
    bytesTotal: 1_000_000_000,
    files: 1,
    trackers: null,
    private: false,
    down: 1_000_000,
    up: 0,
    peers: 5,
    timeLeft: 68_000 as Millis,
    downloaded: bytes(620_000_000),
    uploaded: bytes(0),
    wasted: bytes(0),
    duplicatePieces: 0,
    hashFailures: 0,
    work: null,
    error: null,
    stall: null,
    result: null,
    assembledIn: null,
    active: 1000 as Millis,
    options: fakeOptions(),
    overview: new Uint8Array(0),
    demo: false,
    ...change,
  };
}
