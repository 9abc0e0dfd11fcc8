import { writeFileSync } from 'node:fs';
import { addressOf, PEERS_FROM } from '../lib/addresses.ts';
import type { Case, Subject } from '../lib/bench.ts';
import { measure } from '../lib/child.ts';
import { installedClients, libtorrentVersion, PYTHON, transmissionSettings } from '../lib/clients.ts';
import { CHECK } from '../lib/libtorrent.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';

/** Rechecking: reading and hashing files that are there. */
export const recheck: Case = {
  name: 'recheck',
  title: 'verifying a whole payload that the system has in memory',
  metrics: [
    { name: 'wall', unit: 's', digits: 2, ratio: true },
    { name: 'CPU', unit: 's/GiB', digits: 2, ratio: true },
    { name: 'cores', unit: '', digits: 2 },
    { name: 'memory', unit: 'MiB', digits: 0 },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 4096;
    const folder = bench.folder('disk');
    const payload = makePayload(`${folder}/seed`, mib);
    for (const pieceKib of bench.options.pieces ?? [1024]) {
      const group = `${mib} MiB, pieces of ${pieceKib} KiB`;
      const torrent = makeTorrent(payload, pieceKib, ['http://127.0.0.1:9/announce'], `${folder}/p.torrent`);
      const subject = (name: string, argv: () => readonly string[], word: string, endsItself: boolean): Subject => ({
        group,
        name,
        run: async () => {
          const m = await measure(argv(), { done: (output) => output.includes(word), endsItself });
          return { wall: m.wall, CPU: m.cpu / (payload.bytes / 2 ** 30), cores: m.cpu / m.wall, memory: m.pss };
        },
      });
      const subjects = bench.options.builds.map(({ name, dist }) => {
        const argv = [process.execPath, `${dist}/cli/main.js`, 'check', torrent, payload.folder, '--json'];
        return subject(name, () => argv, '"bad', true);
      });
      if (libtorrentVersion() !== undefined) {
        writeFileSync(`${folder}/check.py`, CHECK);
        const argv = [PYTHON, '-W', 'ignore', `${folder}/check.py`, torrent, payload.folder];
        subjects.push(subject('libtorrent', () => argv, 'checked', true));
      }
      if (installedClients().some((client) => client.name === 'transmission')) {
        const argv = (): string[] => {
          const settings = transmissionSettings(folder, addressOf(PEERS_FROM), 52002);
          return ['transmission-cli', '-v', '-g', settings, '-w', payload.folder, torrent];
        };
        subjects.push(subject('transmission', argv, 'Seeding', false));
      }
      await bench.interleave(subjects);
    }
  },
};
