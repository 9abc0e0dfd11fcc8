import { readFile } from 'node:fs/promises';
import { bytesPerSecond } from '../../core/base/ids.ts';
import type { DownloadOptions } from '../../core/bridge/engine.ts';
import { createEngine } from '../../core/entry/coordinator.ts';

/** What the test says: many torrents for one coordinator. */
export interface ManyDownloads {
  readonly build: string;
  readonly torrents: readonly string[];
  readonly output: string;
  readonly identities: number;
  readonly bind: readonly string[];
}

/** What the driver tells, one JSON object a line: how many downloads are in each state. */
export type ManyStates = Readonly<Record<string, number>>;

const { build, torrents, output, identities, bind } = JSON.parse(process.argv[2] ?? '') as ManyDownloads;
const none = bytesPerSecond(0);
const options: DownloadOptions = {
  output,
  identities,
  selection: 'rarest',
  share: true,
  layout: 'in-place',
  bind,
  port: 0,
  peers: [],
  down: none,
  up: none,
  identityDown: none,
  identityUp: none,
  maxUploads: 4,
  maxPeers: 80,
  seed: { kind: 'forever' },
  assemble: true,
  takeOver: false,
  stay: false,
  sequential: false,
  allowPrivate: false,
  reuse: false,
  paused: false,
};

const engine = await createEngine({ identity: `${build}/identity.js`, worker: `${build}/worker.js` });
for (const torrent of torrents) await engine.add({ kind: 'torrent', data: await readFile(torrent) }, options);

const looks = setInterval(() => {
  const states: Record<string, number> = {};
  for (const { state } of engine.downloads()) states[state] = (states[state] ?? 0) + 1;
  console.log(JSON.stringify(states));
}, 200);

// The end of its input ends it.
process.stdin.resume().on('end', () => {
  clearInterval(looks);
  void engine.close().then(() => process.exit(0));
});
