import path from 'node:path';
import type { MakerService } from '../bridge/host/services.ts';
import { planMaking } from '../making/make.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { NodeHasher } from '../node/hasher.ts';
import { VERSION } from './version.ts';

/** Makes torrents of this machine's files. */
export function openMaker(): MakerService {
  return {
    make: async (source, choices, onProgress, signal) => {
      const ports = { disk: new NodeDisk(), clock: new NodeClock() };
      const planned = await planMaking(ports, source, choices, `Ensemble ${VERSION}`);
      const { length, files, pieceLength } = planned;
      onProgress(0, length);
      const hasher = new NodeHasher();
      try {
        const { data, info } = await planned.make(hasher, (done) => onProgress(done, length), signal);
        const { infoHash, pieceCount } = info;
        const name = path.basename(source);
        return { data, name, folder: path.dirname(source), infoHash, pieceLength, pieceCount, length, files };
      } finally {
        await hasher.close();
      }
    },
  };
}
