import { beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { toHex } from '../base/bytes.ts';
import { type IdentityIndex, identityIndex, type InfoHash, torrentKey } from '../base/ids.ts';
import { DhtHosts } from '../coordinator/processes/dht-hosts.ts';
import type { DhtNodeOptions, DhtStatus, SearchOptions, SearchResult } from '../dht/contract.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHttp } from '../sim/http.ts';
import type { SimHost } from '../sim/net-host.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { DhtDesk } from './dht-desk.ts';
import type { Node } from './dht-local-node.ts';
import { ListenSockets } from './listen-sockets.ts';
import type { DhtFromIdentity, DhtToIdentity, ToIdentity } from './messages.ts';
import { silentUser } from './testing/silent-user.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const KEPT = { version: 1, family: 4, id: '11'.repeat(20), nodes: ['10.3.0.1:1'] } as const;

/** A node that does what the test says. */
class FakeNode implements Node {
  readonly options: DhtNodeOptions;
  readonly calls: string[] = [];
  readonly searches: {
    readonly hash: string;
    readonly options: SearchOptions;
    end(result?: Partial<SearchResult>): void;
  }[] = [];
  readonly heard: Endpoint[] = [];

  constructor(options: DhtNodeOptions) {
    this.options = options;
  }

  start(): void {
    this.calls.push('start');
  }
  stop(): void {
    this.calls.push('stop');
    for (const search of this.searches) search.end({ nodes: 0 });
  }
  moved(): void {
    this.calls.push('moved');
  }
  reachable(known: boolean | undefined): void {
    this.calls.push(`reachable ${known}`);
  }
  received(_data: Uint8Array, host: string): void {
    this.calls.push(`received ${host}`);
  }
  search(hash: Uint8Array, options: SearchOptions) {
    let resolve: (result: SearchResult) => void = () => {};
    const done = new Promise<SearchResult>((settle) => (resolve = settle));
    const end = (result: Partial<SearchResult> = {}): void =>
      resolve({ peers: 0, nodes: 8, announced: 8, queries: 20, ...result });
    this.searches.push({ hash: toHex(hash), options, end });
    return { cancel: () => end({ nodes: 3, announced: 0 }), done };
  }
  heardOf(endpoint: Endpoint): void {
    this.heard.push(endpoint);
  }
  closestNodes(): Uint8Array {
    return new Uint8Array(0);
  }
  status(): DhtStatus {
    const none = { messages: 0, bytes: 0 };
    return {
      family: this.options.family,
      id: '22'.repeat(20),
      state: 'joined',
      nodes: { good: 1, questionable: 0, spare: 0 },
      kept: { torrents: 0, peers: 0 },
      readOnly: false,
      sent: none,
      received: none,
      muted: 0,
      searches: 0,
    };
  }
  save() {
    return { ...KEPT, family: this.options.family };
  }
}

/** A machine with several processes and their coordinator. */
class Machine {
  readonly clock = new VirtualClock();
  readonly net = new SimNet(this.clock, new SeededRandom(1));
  readonly host: SimHost = this.net.host(['10.5.0.1', '10.5.0.2', 'fd00::1']);
  readonly disk = new MemoryDisk();
  readonly desks: DhtDesk[] = [];
  readonly sockets: ListenSockets[] = [];
  /** Those that each process made, in that order. */
  readonly nodes: FakeNode[][] = [];
  readonly hosts: DhtHosts;
  readonly posted: (DhtFromIdentity & { readonly index: number })[] = [];

  constructor(bootstrap: readonly Endpoint[] | undefined = [{ host: '10.3.0.1', port: 1 }]) {
    this.hosts = new DhtHosts({
      ports: { clock: this.clock, disk: this.disk, random: new SeededRandom(2) },
      folder: '/state',
      held: undefined,
      bootstrap,
      post: (index, message) => this.#deliver(index, message),
    });
  }

  process(): number {
    const index = this.desks.length;
    const ports = {
      net: this.host,
      clock: this.clock,
      random: new SeededRandom(index),
      interfaces: this.host,
      http: new SimHttp(this.clock),
    };
    const nodes: FakeNode[] = [];
    this.sockets.push(new ListenSockets(ports));
    this.nodes.push(nodes);
    this.desks.push(
      new DhtDesk({
        ports,
        version: new Uint8Array(4),
        post: (message) => {
          this.posted.push({ ...message, index });
          this.clock.soon(() => this.hosts.heard(identityIndex(index), structuredClone(message)));
        },
        makeNode: (options) => {
          const node = new FakeNode(options);
          nodes.push(node);
          return node;
        },
      }),
    );
    return index;
  }

  /** A torrent in a process, bound to this address. */
  async torrent(index: number, address: string | undefined, nodes: readonly Endpoint[] = []) {
    const socket = this.sockets[index]!.at(address);
    const key = torrentKey(HASH);
    await socket.join(key, [HASH], 7000 + index, silentUser());
    const state = { changes: 0 };
    const access = this.desks[index]!.open(socket, { infoHash: HASH, nodes }, () => state.changes++);
    await this.clock.settle();
    return { socket, access, state, leave: () => socket.leave(key) };
  }

  #deliver(index: IdentityIndex, message: ToIdentity): boolean {
    const desk = this.desks[index];
    if (desk === undefined) return false;
    this.clock.soon(() => desk.heard(structuredClone(message) as DhtToIdentity));
    return true;
  }
}

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

describe('nodes', () => {
  test('there is none without a torrent, one for each address with one, and none again afterwards', async () => {
    machine.process();
    await machine.clock.advance(1000);
    expect(machine.hosts.nodes).toEqual([]);
    const { access } = await machine.torrent(0, undefined);
    expect(machine.desks[0]!.status().map(({ address, port }) => [address, port])).toEqual([
      ['10.5.0.1', 7000],
      ['10.5.0.2', 7000],
      ['fd00::1', 7000],
    ]);
    expect(access.ready).toBe(true);
    access.close();
    await machine.clock.settle();
    expect(machine.desks[0]!.status()).toEqual([]);
    // What they knew is handed on.
    expect(machine.posted.filter(({ type }) => type === 'dht-kept')).toHaveLength(3);
  });

  test('a further torrent at the same socket is no news to those that are there', async () => {
    machine.process();
    const first = await machine.torrent(0, undefined);
    await machine.clock.advance(1000);
    const before = first.state.changes;
    const second = await machine.torrent(0, undefined, [{ host: '10.3.0.9', port: 9 }]);
    expect([first.state.changes, second.state.changes]).toEqual([before, 1]);
    expect(second.access.ready).toBe(true);
    // The nodes are told at once whom its torrent names.
    expect(machine.nodes[0]!.flatMap(({ heard }) => heard)).toContainEqual({ host: '10.3.0.9', port: 9 });
    second.access.close();
    expect(first.access.ready).toBe(true);
  });

  test('the first process with a socket there has it, until it is gone', async () => {
    for (let i = 0; i < 3; i++) machine.process();
    const late = await machine.torrent(2, '10.5.0.1');
    const early = await machine.torrent(1, '10.5.0.1');
    await machine.torrent(0, '10.5.0.2');
    const where = () => machine.desks.map((desk) => desk.status().map(({ address }) => address));
    expect(where()).toEqual([['10.5.0.2'], [], ['10.5.0.1']]);
    expect([late.access.ready, early.access.ready, machine.desks[1]!.portAt('::ffff:10.5.0.1')]).toEqual([
      true,
      true,
      7002,
    ]);
    const before = early.state.changes;
    machine.hosts.down(identityIndex(2));
    await machine.clock.settle();
    expect(where()[1]).toEqual(['10.5.0.1']);
    expect(early.state.changes).toBeGreaterThan(before);
  });

  test('they begin with what was kept, another address of the family under another id', async () => {
    machine.process();
    machine.hosts.heard(identityIndex(0), { type: 'dht-kept', address: '10.5.0.1', kept: { ...KEPT } });
    await machine.clock.resolve(machine.hosts.close());
    const next = new Machine();
    await next.disk.makeDirectory('/state');
    await next.disk.replaceFile('/state/dht.json', (await machine.disk.readFile('/state/dht.json', 1e6))!);
    await next.hosts.start();
    next.process();
    const told: DhtToIdentity[] = [];
    next.desks[0]!.heard = (message) => void told.push(message);
    await next.torrent(0, undefined);
    const here = told.flatMap((message) => (message.type === 'dht-nodes' ? message.here : []));
    expect(here[0]).toEqual({ address: '10.5.0.1', kept: KEPT });
    expect(here[1]).toMatchObject({ address: '10.5.0.2', kept: { nodes: KEPT.nodes } });
    expect(here[1]!.kept!.id).not.toBe(KEPT.id);
    expect(here[2]).toEqual({ address: 'fd00::1' });
  });
});

describe('searches', () => {
  const outcome = async (search: { readonly done: Promise<unknown> }) => {
    let result: unknown;
    void search.done.then((value) => (result = value));
    await machine.clock.settle();
    return () => result;
  };
  const announce = { port: 7001, seed: false };
  let found: string[];
  const hear = (peers: readonly Endpoint[]): void =>
    void found.push(...peers.map(({ host, port }) => `${host}:${port}`));
  beforeEach(() => {
    found = [];
  });

  test('are made at every address of the socket, and end when the last one does', async () => {
    machine.process();
    const { access } = await machine.torrent(0, undefined);
    const result = await outcome(access.search({ announce, found: hear }));
    const searches = machine.nodes[0]!.map((node) => node.searches[0]!);
    expect(searches.map(({ hash, options }) => [hash, options.announce])).toEqual(Array(3).fill([HASH, announce]));
    searches[0]!.options.found([{ host: '10.9.0.1', port: 5 }]);
    searches[2]!.options.found([{ host: 'fd00::9', port: 5 }]);
    expect(found).toEqual(['10.9.0.1:5', 'fd00::9:5']);
    for (const { end } of searches) end({ nodes: 2, announced: 1 });
    await machine.clock.settle();
    expect(result()).toEqual({ nodes: 6, announced: 3 });
  });

  test('at a node of another process go there and back, and those of one torrent follow each other', async () => {
    machine.process();
    machine.process();
    const first = await machine.torrent(0, '10.5.0.1');
    const second = await machine.torrent(1, '10.5.0.1');
    const [node] = machine.nodes[0]!;
    const own = await outcome(first.access.search({ announce: { port: 7000, seed: false }, found: () => {} }));
    const other = await outcome(second.access.search({ announce, found: hear }));
    expect([machine.nodes[1], node!.searches.length]).toEqual([[], 1]);
    node!.searches[0]!.end();
    await machine.clock.advance(9_000);
    expect([own(), node!.searches.length]).toEqual([{ nodes: 8, announced: 8 }, 1]);
    await machine.clock.advance(2_000);
    expect(node!.searches[1]).toMatchObject({ hash: HASH, options: { announce } });
    node!.searches[1]!.options.found([{ host: '10.9.0.1', port: 5 }]);
    await machine.clock.settle();
    node!.searches[1]!.end({ nodes: 4, announced: 2 });
    await machine.clock.settle();
    expect([found, other()]).toEqual([['10.9.0.1:5'], { nodes: 4, announced: 2 }]);
  });

  test('end with nothing where the process with the node dies, and are cancelled where the asker does', async () => {
    for (let i = 0; i < 3; i++) machine.process();
    await machine.torrent(0, '10.5.0.1');
    const asker = await machine.torrent(1, '10.5.0.1');
    const dying = await outcome(asker.access.search({ announce, found: hear }));
    machine.hosts.down(identityIndex(1));
    await machine.clock.settle();
    const [node] = machine.nodes[0]!;
    await machine.clock.advance(11_000);
    const again = await machine.torrent(2, '10.5.0.1');
    const orphaned = await outcome(again.access.search({ announce, found: hear }));
    machine.hosts.down(identityIndex(0));
    await machine.clock.settle();
    expect([node!.searches.length, dying(), orphaned()]).toEqual([2, undefined, { nodes: 0, announced: 0 }]);
  });

  test('what they find that cannot be a peer, or is where we are announced ourselves, is left out', async () => {
    machine.process();
    const { access } = await machine.torrent(0, '10.5.0.1');
    access.search({ announce, found: hear });
    const hosts = ['127.0.0.1', '169.254.1.1', '0.0.0.0', '::1', 'fe80::1', '10.5.0.1', 'name.example', '8.8.8.8'];
    machine.nodes[0]![0]!.searches[0]!.options.found(hosts.map((host) => ({ host, port: 7000 })));
    expect(found).toEqual(['8.8.8.8:7000']);
  });
});

describe('sockets', () => {
  test('a node gets what comes to its address, stops when that is gone, and looks around when it is back', async () => {
    machine.process();
    const { socket, access } = await machine.torrent(0, '10.5.0.1');
    const far = await machine.net.host('10.6.0.1').datagram({ family: 4 }, { received: () => {} });
    far.send(Uint8Array.of(0x64, 0x65), '10.5.0.1', socket.local!.port);
    await machine.clock.advance(100);
    const [node] = machine.nodes[0]!;
    expect(node!.calls).toEqual(['start', 'received 10.6.0.1']);
    const present = async (is: boolean): Promise<void> => {
      machine.host.link('10.5.0.1').present = is;
      machine.sockets[0]!.check();
      await machine.clock.settle();
    };
    await present(false);
    expect([access.ready, node!.calls.at(-1)]).toEqual([false, 'stop']);
    await present(true);
    expect(access.ready).toBe(true);
    // Nobody else had the address meanwhile: it is a new node with what the old one knew.
    expect(machine.nodes[0]!.at(-1)!.calls).toContain('start');
  });

  test('each node is told of others by peers and by the torrent, wherever it runs', async () => {
    machine.process();
    machine.process();
    machine.net.name('node.example', ['10.3.0.9', 'fd00::9']);
    await machine.torrent(0, '10.5.0.1', [
      { host: 'node.example', port: 4 },
      { host: '10.3.0.8', port: 4 },
    ]);
    await machine.torrent(1, '10.5.0.1');
    machine.desks[1]!.heardOf('::ffff:10.5.0.1', [{ host: '10.3.0.7', port: 4 }]);
    machine.desks[1]!.heardOf('10.5.0.2', [{ host: '10.3.0.6', port: 4 }]);
    await machine.clock.settle();
    expect(machine.nodes[0]![0]!.heard.map(({ host }) => host)).toEqual(['10.3.0.9', '10.3.0.8', '10.3.0.7']);
  });

  test('nodes start from the addresses of names, of their own family, and never from loopback into the world', async () => {
    machine.net.name('router.example', ['10.3.0.9', 'fd00::9']);
    machine = new Machine([
      { host: '10.3.0.1', port: 1 },
      { host: '127.0.0.1', port: 2 },
      { host: 'nobody.example', port: 3 },
    ]);
    machine.net.name('router.example', ['10.3.0.9', 'fd00::9']);
    machine.hosts.set({ dhtBootstrap: [{ host: 'router.example', port: 4 }] });
    machine.process();
    await machine.torrent(0, undefined);
    const places = await Promise.all(machine.nodes[0]!.map(({ options }) => options.bootstrap()));
    // Who was named on the command line counts, whatever the settings say.
    expect(places.map((one) => one.map(({ host }) => host))).toEqual([['10.3.0.1'], ['10.3.0.1'], []]);
  });
});
