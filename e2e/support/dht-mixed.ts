import type { Child } from '../../core/lab/real/child.ts';
import { DHT_PORT, startDhtClient } from './dht-clients.ts';
import { dhtAddress } from './dht.ts';
import type { Lab } from './lab.ts';

const SCRIPT = new URL('./dht_js_nodes.mjs', import.meta.url).pathname;

/** How many nodes of each program a mixed DHT has. Those of libtorrent come first, and are there already. */
export const MIXED = { libtorrent: 12, 'bittorrent-dht': 6, transmission: 4, aria2: 4, rtorrent: 4 } as const;
export const MIXED_NODES = Object.values(MIXED).reduce((sum, count) => sum + count, 0);
const PLACES = Array.from({ length: MIXED_NODES }, (_, i) => `${dhtAddress(i)}:${DHT_PORT}`);
/** What a node has to name to whoever asks it. */
const ENOUGH = 5;

/** Some of a mixed DHT's nodes, others for each `i`. */
const someNodes = (i: number): string[] =>
  Array.from({ length: 12 }, (_, n) => PLACES[(i + 1 + n * 2) % MIXED_NODES] ?? '');

/** Starts the other nodes of a mixed DHT; resolves to those of bittorrent-dht when every node knows others. */
export async function joinOtherNodes(lab: Lab): Promise<JsNodes> {
  const own = Array.from({ length: MIXED['bittorrent-dht'] }, (_, i) => dhtAddress(MIXED.libtorrent + i));
  let at: number = MIXED.libtorrent + own.length;
  const folder = await lab.makeFolder('nothing');
  for (const kind of ['transmission', 'aria2', 'rtorrent'] as const)
    for (let i = 0; i < MIXED[kind]; i++, at++)
      await startDhtClient(lab, kind, { address: dhtAddress(at), knows: someNodes(at), folder });
  const nodes = new JsNodes(lab, own);
  await nodes.child.until(() => nodes.allNameSome, 'a DHT of all kinds', 120);
  return nodes;
}

/** Nodes of bittorrent-dht. */
class JsNodes {
  readonly child: Child;
  #named: readonly number[] = [];
  /** Peers that it found, as "hash host:port". */
  readonly #found = new Set<string>();

  constructor(lab: Lab, addresses: readonly string[]) {
    const options = JSON.stringify({ addresses, port: DHT_PORT, all: PLACES });
    this.child = lab.start('bittorrent-dht', [process.execPath, SCRIPT, options], {
      onLine: (line) =>
        this.#hear(JSON.parse(line) as { named: readonly number[] } | { infoHash: string; place: string }),
    });
  }

  get allNameSome(): boolean {
    return this.#named.length === MIXED_NODES && this.#named.every((count) => count >= ENOUGH);
  }

  /** Resolves once its own look-up finds that peer. */
  async find(infoHash: string, host: string, seconds: number): Promise<void> {
    const again = setInterval(() => this.child.send(infoHash), 3000);
    const wanted = `${infoHash} ${host}:`;
    try {
      await this.child.until(
        () => [...this.#found].some((peer) => peer.startsWith(wanted)),
        `${host} as a peer of ${infoHash}`,
        seconds,
      );
    } finally {
      clearInterval(again);
    }
  }

  #hear(event: { readonly named: readonly number[] } | { readonly infoHash: string; readonly place: string }): void {
    if ('named' in event) this.#named = event.named;
    else this.#found.add(`${event.infoHash} ${event.place}`);
  }
}
