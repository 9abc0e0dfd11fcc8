import { expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { sourcesNamedIn, withSources } from './named-sources.ts';
import { wrapInfo } from './wrap-info.ts';

const { info } = simTorrent(new SeededRandom(1), { files: 1000, pieceLength: 16_384 }).torrent;

test('trackers and web seeds of a torrent file; of anything else nobody', () => {
  const [trackers, webSeeds] = [[['http://a.example/announce'], ['udp://b.example:1']], ['https://w.example/']];
  expect(sourcesNamedIn(wrapInfo(info, trackers, webSeeds))).toEqual({ trackers, webSeeds });
  for (const bad of ['', 'x', 'd4:infode']) {
    expect(sourcesNamedIn(new TextEncoder().encode(bad))).toEqual({ trackers: [], webSeeds: [] });
  }
});

test('who is named besides comes after those that are known, each once, and what cannot be used not at all', () => {
  const known = { trackers: [['http://a.example', 'http://b.example']], webSeeds: ['http://w.example/'], name: 'n' };
  const more = {
    trackers: [['http://b.example', 'http://c.example', 'x:y'], ['http://a.example']],
    webSeeds: ['http://w.example/', 'http://v.example/'],
  };
  expect(withSources(known, more)).toEqual({
    trackers: [['http://a.example', 'http://b.example'], ['http://c.example']],
    webSeeds: ['http://w.example/', 'http://v.example/'],
    name: 'n',
  });
  expect(withSources({ trackers: [] }, { trackers: [] })).toEqual({ trackers: [] });
  const many = Array.from({ length: 300 }, (_, n) => `http://${n}.example/`);
  expect(withSources({ trackers: [] }, { trackers: [many], webSeeds: many })).toMatchObject({
    trackers: [many.slice(0, 256)],
    webSeeds: many.slice(0, 256),
  });
});
