import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import type { Case } from '../lib/bench.ts';
import { libtorrentVersion, PYTHON } from '../lib/clients.ts';
import { PARSE } from '../lib/libtorrent.ts';

/** Reading large torrent files. */
export const metainfo: Case = {
  name: 'metainfo',
  title: 'reading and validating a torrent file; `ensemble first` is the first time in a process',
  metrics: [{ name: 'time', unit: 'ms', digits: 1, ratio: true }],
  async run(bench) {
    const folder = bench.folder();
    const trackers = [['http://127.0.0.1:9/announce']];
    const pieceLength = 1 << 20;
    const large = {
      name: 'large',
      files: 200_000 * pieceLength,
      pieceLength,
      pieceHashes: randomBytes(20 * 200_000),
      trackers,
    };
    const files = Array.from({ length: 20_000 }, (_, i) => ({
      path: [`folder ${i % 200}`, `file number ${i}.bin`],
      length: 100_000 + i,
    }));
    const total = files.reduce((sum, file) => sum + file.length, 0);
    const many = {
      name: 'many',
      files,
      pieceLength,
      pieceHashes: randomBytes(20 * Math.ceil(total / pieceLength)),
      trackers,
    };
    for (const [group, input] of [
      ['200,000 pieces', large],
      ['20,000 files', many],
    ] as const) {
      const torrent = `${folder}/${input.name}.torrent`;
      writeFileSync(torrent, encodeTorrent(input));
      const data = new Uint8Array(readFileSync(torrent));
      const script = `${folder}/parse.py`;
      writeFileSync(script, PARSE);
      const libtorrent = {
        group,
        name: 'libtorrent',
        run: () => {
          const out = execFileSync(PYTHON, ['-W', 'ignore', script, torrent, '3'], { encoding: 'utf8' });
          return Promise.resolve({ time: Number(out.split('\n')[1]) });
        },
      };
      const ours = {
        group,
        name: 'ensemble',
        run: () => {
          const from = performance.now();
          parseTorrent(data);
          return Promise.resolve({ time: performance.now() - from });
        },
      };
      await bench.interleave([{ ...ours, name: 'ensemble first' }], 1);
      await bench.interleave([ours, ...(libtorrentVersion() === undefined ? [] : [libtorrent])]);
    }
  },
};
