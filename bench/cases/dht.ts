import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { start } from '../lib/child.ts';
import { PYTHON } from '../lib/clients.ts';
import { DHT, DHT_LEECH } from '../lib/libtorrent.ts';
import { sh } from '../../core/lab/real/namespaces.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import type { Sample } from '../lib/result.ts';

const NODES = 30;
/** libtorrent's nodes take one of a /24 alone, so each has a network of its own. */
const PREFIX = '10.79.';
const OURS = `${PREFIX}99.7`;
const BOOTSTRAP = `${PREFIX}1.7:6881`;
const SECONDS = 60;

interface Scene {
  readonly folder: string;
  readonly magnet: string;
}

/** From a magnet link that names nobody to its first peer, by the DHT alone: the time since the first question, and the datagrams sent. */
export const dht: Case = {
  name: 'dht',
  title: `from a magnet link to its first peer in a DHT of ${NODES} libtorrent nodes, one client at a time`,
  metrics: [
    { name: 'first peer', unit: 's', digits: 2, ratio: true },
    { name: 'datagrams', unit: '', digits: 0, ratio: true },
  ],
  async run(bench) {
    const folder = bench.folder();
    const hosts = [...Array.from({ length: NODES }, (_, i) => `${PREFIX}${i + 1}.7`), OURS];
    sh(...hosts.map((host) => `ip addr add ${host}/24 dev lo`));
    const payload = makePayload(`${folder}/seed`, 1);
    const torrent = makeTorrent(payload, 64, [], `${folder}/payload.torrent`);
    writeFileSync(`${folder}/dht.py`, DHT);
    writeFileSync(`${folder}/leech.py`, DHT_LEECH);
    const nodes = [PYTHON, '-W', 'ignore', `${folder}/dht.py`, torrent, payload.folder, String(NODES), PREFIX];
    const crowd = bench.service(start(nodes));
    for (let tries = 0; !crowd.output().includes('ready'); tries++) {
      if (crowd.over() || tries > SECONDS * 20) throw new Error(`the DHT does not come up: ${crowd.output()}`);
      await sleep(50);
    }
    const { infoHash } = parseTorrent(readFileSync(torrent)).info;
    await bench.interleave(subjectsOf(bench, { folder, magnet: `magnet:?xt=urn:btih:${infoHash}` }));
    await bench.end(crowd);
  },
};

function subjectsOf(bench: Bench, scene: Scene): Subject[] {
  const { folder, magnet } = scene;
  const out = `${folder}/out`;
  const ours = bench.options.builds.map(({ name, dist }) => {
    const flags = ['-o', out, '--bind', OURS, '--dht-bootstrap', BOOTSTRAP, '--timeout', String(SECONDS), '--json'];
    return { name, argv: [process.execPath, `${dist}/cli/main.js`, 'get', magnet, ...flags] };
  });
  const theirs = [PYTHON, '-W', 'ignore', `${folder}/leech.py`, magnet, out, OURS, BOOTSTRAP];
  return [...ours, { name: 'libtorrent', argv: theirs }].map(({ name, argv }) => ({
    group: `${NODES} nodes`,
    name,
    run: () => once(bench, scene, argv),
  }));
}

async function once(bench: Bench, { folder }: Scene, argv: readonly string[]): Promise<Sample> {
  const out = `${folder}/out`;
  const file = `${folder}/capture`;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const filter = `src host ${OURS} and (udp or tcp[tcpflags] & tcp-syn != 0)`;
  const capture = bench.service(start(['tcpdump', '-i', 'lo', '-n', '-U', '-Z', 'root', '-w', file, filter]));
  while (!capture.output().includes('listening on')) await sleep(20);
  // Nothing that an earlier round learnt.
  const client = bench.service(start(argv, { ...process.env, XDG_STATE_HOME: `${folder}/none-${Math.random()}` }));
  await Promise.race([client.ended, sleep(SECONDS * 1000)]);
  await bench.end(client);
  // tcpdump writes about once a second.
  await sleep(1500);
  await bench.end(capture);
  const lines = execFileSync('tcpdump', ['-r', file, '-n', '-tt'], { encoding: 'utf8', stdio: 'pipe' }).split('\n');
  const times = (of: (line: string) => boolean): number[] =>
    lines.filter((line) => line.includes(' IP ') && of(line)).map((line) => Number(line.split(' ')[0]));
  const [first] = times((line) => line.includes('UDP'));
  const [peer] = times((line) => line.includes('Flags [S'));
  if (first === undefined || peer === undefined) throw new Error(`no peer: ${client.output().slice(-300)}`);
  // It may also be the peer that dials: then this is our answer. Later questions are for the table, not for the first peer.
  const asked = times((line) => line.includes('UDP')).filter((at) => at <= peer + 1);
  return { 'first peer': peer - first, datagrams: asked.length };
}
