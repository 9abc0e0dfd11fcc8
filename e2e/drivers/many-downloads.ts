import { readFile } from 'node:fs/promises';
import { ordinaryOptions } from '../../core/engine/download-options.ts';
import { createEngine } from '../../core/entry/coordinator.ts';

/** The driver's arguments: many torrents for one coordinator. */
export interface ManyDownloads {
  readonly build: string;
  readonly torrents: readonly string[];
  readonly output: string;
  readonly identities: number;
  readonly bind: readonly string[];
}

/** The driver's output, one JSON object a line: how many downloads are in each state. */
export type ManyStates = Readonly<Record<string, number>>;

const { build, torrents, output, identities, bind } = JSON.parse(process.argv[2] ?? '') as ManyDownloads;
const options = ordinaryOptions(output, { identities, bind, seed: { kind: 'forever' } });

const engine = await createEngine({ identity: `${build}/identity.js`, worker: `${build}/worker.js` });
for (const torrent of torrents) await engine.add({ kind: 'torrent', data: await readFile(torrent) }, options);

const looks = setInterval(() => {
  const states: Record<string, number> = {};
  for (const { state } of engine.downloads()) states[state] = (states[state] ?? 0) + 1;
  console.log(JSON.stringify(states));
}, 200);

// It ends when its standard input ends.
process.stdin.resume().on('end', () => {
  clearInterval(looks);
  void engine.close().then(() => process.exit(0));
});
