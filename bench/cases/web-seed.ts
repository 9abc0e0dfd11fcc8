import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case, Subject } from '../lib/bench.ts';
import { measure, start } from '../lib/child.ts';
import { ShapedNet } from '../../core/lab/real/shaped-net.ts';
import { nginxConfig } from '../lib/nginx.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import type { Sample } from '../lib/result.ts';
import { labAddress } from './lab-swarm.ts';

const RATE = 1000;
const PIECE_KIB = 1024;
const SERVER = labAddress(1, 0);
const USER = labAddress(2, 0);

/** A download from nginx alone over a fast link, beside curl's of the same file. */
export const webSeed: Case = {
  name: 'web-seed',
  title: `a download of nothing but a web seed (nginx) over a link of ${RATE} Mbit/s (tc tbf), start and end included`,
  metrics: [
    { name: 'wall', unit: 's', digits: 2, ratio: true },
    { name: 'CPU', unit: 's', digits: 2, ratio: true },
  ],
  async run(bench) {
    const mib = bench.options.mib ?? 1024;
    const folder = bench.folder();
    const payload = makePayload(`${folder}/www`, mib);
    const torrent = makeTorrent(payload, PIECE_KIB, [], `${folder}/payload.torrent`, [`http://${SERVER}/payload.bin`]);
    const further = [1, 2, 3].map((i) => labAddress(2, i));
    const lab = new ShapedNet();
    try {
      const web = lab.host('server', [{ address: SERVER, up: RATE }]);
      const home = lab.host('user', [{ address: USER, up: RATE, down: RATE }], further);
      const server = bench.service(
        start(web.on(['nginx', '-c', nginxConfig(folder, { address: SERVER, root: `${folder}/www` })])),
      );
      await sleep(3000);
      const out = `${folder}/out`;
      const got = `${out}/payload.bin`;
      const ours = bench.options.builds.flatMap(({ name, dist }) =>
        [1, 4].map((k) => {
          const bind = [USER, ...further].slice(0, k).join();
          const flags = ['-o', out, '-n', String(k), '--bind', bind, '--seed', 'never', '--json'];
          return { name: `${name} K=${k}`, argv: [process.execPath, `${dist}/cli/main.js`, 'get', torrent, ...flags] };
        }),
      );
      const curl = {
        name: 'curl',
        argv: ['curl', '-s', '--interface', USER, '-o', got, `http://${SERVER}/payload.bin`],
      };
      const subjects: Subject[] = [curl, ...ours].map(({ name, argv }) => ({
        group: `${mib} MiB`,
        name,
        run: () => once(home.on(argv), out, payload.file),
      }));
      await bench.interleave(subjects);
      await bench.end(server);
    } finally {
      lab.close();
    }
  },
};

async function once(argv: readonly string[], out: string, payload: string): Promise<Sample> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const m = await measure(argv, { endsItself: true, limit: 120 });
  execFileSync('cmp', [payload, `${out}/payload.bin`]);
  return { wall: m.wall, CPU: m.cpu };
}
