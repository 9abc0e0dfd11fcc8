import { expect, test } from 'vitest';
import { bytesPerSecond, torrentKey } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import type { PeerId } from '../base/ids.ts';
import { bucketsOf } from '../base/token-bucket.ts';
import { soloSetup } from '../sim/client.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimHttp } from '../sim/http.ts';
import { routeBy, SimRouter } from '../sim/router.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { UploadLine } from '../swarm/upload-line.ts';
import { decodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { DhtDesk } from './dht-desk.ts';
import type { AtWork } from './host-needs.ts';
import { HostedDownload } from './hosted-download.ts';
import { Links } from './links.ts';
import { ListenSockets } from './listen-sockets.ts';
import { LocalDiscoveries } from './local-discoveries.ts';
import type { FromIdentity } from './messages.ts';

test('trackers and peers are told the outer port of a mapping, at once when it is known, the coordinator where it listens; UDP stands until trackers know of the end', async () => {
  const swarm = new SimSwarm(1, { files: 300_000, pieceLength: 32_768 });
  const { clock, random, tracker, torrent } = swarm;
  const address = '10.9.0.1';
  const host = swarm.net.host(address);
  host.namesElsewhere = true;
  const router = await SimRouter.start(clock, swarm.net.host('10.9.0.254'), new SimHttp(clock), undefined, {
    outer: '93.184.216.34',
  });
  routeBy(host, '10.9.0.254');
  const outer = { host: '93.184.216.34', port: 6882 };
  router.occupy('tcp', 6881);
  const ports = {
    clock,
    random,
    net: host,
    interfaces: host,
    http: tracker.http(address),
    disk: new MemoryDisk(),
    hasher: new SimHasher(),
  };
  const listenSockets = new ListenSockets(ports);
  const socket = listenSockets.at(address);
  const none = bytesPerSecond(0);
  const posted: FromIdentity[] = [];
  const needs = {
    ports,
    listenSockets,
    buckets: bucketsOf({ down: none, up: none }, clock.now()),
    links: new Links(ports),
    localDiscoveries: new LocalDiscoveries(ports),
    line: new UploadLine(ports),
    dht: new DhtDesk({ ports, version: new Uint8Array(4), post: () => {} }),
    client: 'Ensemble sim',
    barred: () => false,
    atWork: new Set<AtWork>(),
    post: (message: FromIdentity) => void posted.push(message),
  };
  const peer = await swarm.wirePeer('10.9.0.2', {}).listen();
  const setup = soloSetup(torrent, undefined, 'ab'.repeat(20) as PeerId, address);
  const download = new HostedDownload(setup, needs);
  await clock.resolve(download.open());
  await clock.advance(10_000);
  download.handle({ type: 'peers', key: setup.key, dial: foundBy('user', [peer.endpoint]) });
  await clock.advance(1000);
  expect(tracker.heard.map(({ port }) => port)).toEqual([6881, outer.port]);
  expect(decodeExtensionHandshake(peer.open!.extended[0]!.payload).port).toBe(outer.port);
  const endpoint = { host: address, port: setup.port };
  expect(posted.find(({ type }) => type === 'listening')).toMatchObject({ endpoint });
  expect(download.status(false)).toMatchObject({ endpoint, reachability: { kind: 'mapped', by: 'pcp', ...outer } });
  // Once, though another download asks for names as well.
  expect(await clock.resolve(socket.namesElsewhere())).toBeUndefined();
  const said = posted.flatMap((message) => (message.type === 'tracker-warning' ? [message.message] : []));
  expect(said).toEqual([expect.stringContaining(`the link with ${address}`)]);
  let udp: number | undefined;
  tracker.answer = (request) => {
    if (request.url.includes('event=stopped')) udp = socket.udp.port;
    return { status: 503, body: new Uint8Array() };
  };
  await clock.resolve(download.leave());
  expect([udp, socket.local, socket.udp.port]).toEqual([setup.port, undefined, undefined]);
});

test('trackers are asked for as many peers as it may have now, not when it began', async () => {
  const swarm = new SimSwarm(2, { files: 300_000, pieceLength: 32_768 });
  const tuned = (maxPeers: number) => ordinaryTuning({ encryption: 'off', utp: false, maxPeers });
  const ours = swarm.leecher('10.9.0.1', {}, { tuning: tuned(1) });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const peer = await swarm.wirePeer('10.9.0.2', {}, { greet: (it) => it.batch.haveNone() }).listen();
  ours.introduce(key, [peer.endpoint]);
  await swarm.clock.advance(300_000);
  expect(swarm.tracker.heard.at(-1)?.numWant).toBe(0);
  ours.tell({ type: 'tune', key, tuning: tuned(80) });
  await swarm.clock.advance(300_000);
  expect(swarm.tracker.heard.at(-1)?.numWant).toBe(79);
});
