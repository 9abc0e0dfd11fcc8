import { expect } from 'vitest';
import type { Child } from '../../core/lab/real/child.ts';
import { Libtorrent } from '../../core/lab/real/libtorrent.ts';
import { type MadeTorrent, makeTorrent } from './clients.ts';
import { DHT_PORT as PORT, inDht } from './dht-clients.ts';
import type { Machine } from '../../core/lab/real/machine.ts';
import { Ensemble } from './ensemble.ts';
import { Lab } from './lab.ts';
import { makePayload, type Payload, treeOf } from './trees.ts';

const NODES_SCRIPT = new URL('./dht_nodes.py', import.meta.url).pathname;
const PYTHON = '/usr/bin/python3';

/** Address i of a DHT lab. libtorrent's nodes take one of a /24 (a /64) alone, so each has a network of its own. */
export const dhtAddress = (i: number): string => `10.${80 + (i >> 7)}.${1 + (i & 127)}.7`;
export const dhtAddress6 = (i: number): string => `fd00:${(0x80 + i).toString(16)}::7`;
const MOST = 60;
/** What `ensemble` does besides is left out. */
export const DHT_ALONE = ['--no-pex', '--no-lsd', '--no-port-map'] as const;

/** libtorrent nodes that know each other: a DHT to be joined. Their addresses are the first ones. */
class DhtNodes {
  readonly child: Child;
  readonly #count: number;
  #known: readonly number[] = [];

  constructor(lab: Lab, addresses: readonly string[], bootstrap: string) {
    this.#count = addresses.length;
    const options = JSON.stringify({ addresses, port: PORT, bootstrap });
    this.child = lab.start('dht nodes', [PYTHON, NODES_SCRIPT, options], {
      onLine: (line) => (this.#known = (JSON.parse(line) as { known: readonly number[] }).known),
      keep: () => false,
    });
  }

  /** Each knows some others. */
  async joined(seconds = 60): Promise<void> {
    const enough = Math.min(3, this.#count - 1);
    await this.child.until(
      () => this.#known.length === this.#count && this.#known.every((known) => known >= enough),
      'a DHT of nodes that know each other',
      seconds,
    );
  }
}

/** A lab with a DHT and a payload whose torrent names no tracker. */
export interface DhtScene extends MadeTorrent {
  readonly lab: Lab;
  readonly magnet: string;
  /** For `--dht-bootstrap` and libtorrent. */
  readonly bootstrap: string;
}

/** Sets a scene with `count` nodes at the first addresses, lets `play` run in it, and clears up whatever became of it. */
export async function withDht(
  options: { readonly payload: Payload; readonly ipv6?: boolean; readonly count: number },
  play: (scene: DhtScene) => Promise<void>,
): Promise<void> {
  const lab = await Lab.open();
  try {
    const commands = Array.from({ length: MOST }, (_, i) => [
      `ip addr add ${dhtAddress(i)}/24 dev lo`,
      `ip addr add ${dhtAddress6(i)}/128 dev lo nodad`,
    ]);
    await lab.run(['sh', '-ec', commands.flat().join('\n')], 20);
    const at = options.ipv6 === true ? dhtAddress6 : dhtAddress;
    const bootstrap = options.ipv6 === true ? `[${at(0)}]:${PORT}` : `${at(0)}:${PORT}`;
    const nodes = new DhtNodes(
      lab,
      Array.from({ length: options.count }, (_, i) => at(i)),
      bootstrap,
    );
    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, options.payload);
    const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] });
    await nodes.joined();
    await play({ lab, bootstrap, magnet: `magnet:?xt=urn:btih:${made.infoHash}`, ...made });
  } finally {
    await lab.close();
  }
}

/** A libtorrent seed that is known to nobody but the DHT. */
export async function startDhtSeed(scene: DhtScene, address: string): Promise<Libtorrent> {
  const { lab, torrent, folder, bootstrap } = scene;
  const settings = inDht(bootstrap);
  const seed = new Libtorrent(lab, { role: 'seed', address, torrent, folder, settings });
  await seed.child.until(() => (seed.status?.nodes ?? 0) > 0, 'a seed that knows nodes', 30);
  return seed;
}

/** Fetches what the magnet link names by the DHT alone, from these addresses, and compares it. */
export async function fetches(
  { lab, magnet, folder }: Pick<DhtScene, 'lab' | 'magnet' | 'folder'>,
  bind: readonly string[],
  bootstrap: string,
  { seconds = 50, machine = lab }: { readonly seconds?: number; readonly machine?: Machine } = {},
): Promise<void> {
  const out = await lab.makeFolder(`out-${bind[0]}-${bootstrap.replaceAll(/\W/g, '-')}`);
  const args = ['get', magnet, '-o', out, '-n', String(bind.length), '--bind', bind.join(','), ...DHT_ALONE];
  await new Ensemble(machine, [...args, '--dht-bootstrap', bootstrap, '--timeout', String(seconds)]).done(seconds + 5);
  expect(await treeOf(out)).toEqual(await treeOf(folder));
}

/** A torrent of the same files that is private, without a tracker. */
export async function makePrivateTorrent({ lab, folder, torrent }: DhtScene): Promise<MadeTorrent> {
  const path = lab.path('private.torrent');
  const code = [
    'import sys, libtorrent as lt',
    't = lt.bdecode(open(sys.argv[1], "rb").read())',
    't[b"info"][b"private"] = 1',
    'open(sys.argv[2], "wb").write(lt.bencode(t))',
    'print(lt.torrent_info(sys.argv[2]).info_hash())',
  ].join('\n');
  const infoHash = (await lab.run([PYTHON, '-W', 'ignore', '-c', code, torrent, path], 20)).trim();
  return { torrent: path, infoHash, folder };
}
