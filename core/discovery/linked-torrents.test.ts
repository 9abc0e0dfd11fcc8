import { beforeEach, expect, test } from 'vitest';
import { encode } from '../bencode/bencode.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import type { HttpResponse } from '../ports/http.ts';
import { SimClient } from '../sim/client.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';

const random = new SeededRandom(1);
const { torrent } = simTorrent(random, { files: 100_000, pieceLength: 16_384 });
const { raw } = torrent.info;
const other = simTorrent(random, { files: 100_000, pieceLength: 16_384 }).torrent;
const RIGHT: HttpResponse = { status: 200, body: wrapInfo(torrent.info, [['http://t.example/announce']]) };
const GONE: HttpResponse = { status: 404, body: new Uint8Array() };

let clock: VirtualClock;
let http: SimHttp;

beforeEach(() => {
  clock = new VirtualClock();
  http = new SimHttp(clock);
});

/** A client that knows the info-hash and these addresses alone. */
function seek(torrentUrls: readonly string[]): SimClient {
  const host = new SimNet(clock, random).host('10.9.0.1');
  const client = new SimClient({ clock, random, host, address: '10.9.0.1', http });
  client.addMagnet(torrent, { torrentUrls, trackers: [] });
  return client;
}

const metadata = (client: SimClient): Uint8Array | undefined => {
  const message = client.heard.find((one) => one.type === 'metadata');
  return message?.type === 'metadata' ? message.rawInfo : undefined;
};
const warnings = (client: SimClient): string[] =>
  client.heard.flatMap((one) => (one.type === 'tracker-warning' ? [one.message] : []));
const asked = (): string[] => http.requests.map(({ url }) => url);

test('the metadata of a link that names nobody but an address of its .torrent file, asked from the own address', async () => {
  http.on('http://x.example/a.torrent', () => RIGHT);
  const client = seek(['http://x.example/a.torrent']);
  await clock.advance(1000);
  expect(metadata(client)).toEqual(raw);
  expect(http.requests).toMatchObject([{ localAddress: '10.9.0.1' }]);
  await clock.resolve(client.stop());
  expect(clock.pending).toBe(0);
});

test('whom the file names is told besides; a file that is another’s tells nothing', async () => {
  const trackers = [['http://t.example/announce'], ['udp://u.example:80']];
  const webSeeds = ['http://w.example/', 'ftp://x.example/'];
  http.on('http://x.example/other.torrent', () => ({
    status: 200,
    body: wrapInfo(other.info, [['http://o.example']]),
  }));
  http.on('http://x.example/a.torrent', () => ({ status: 200, body: wrapInfo(torrent.info, trackers, webSeeds) }));
  const client = seek(['http://x.example/other.torrent', 'http://x.example/a.torrent']);
  await clock.advance(2000);
  const told = client.heard.flatMap((one) => (one.type === 'metadata' ? [one.named] : []));
  expect(told).toEqual([{ trackers, webSeeds: ['http://w.example/'] }]);
});

test('the file has the piece layers of a torrent of version 2 alone, too; where they are wrong peers have to give them', async () => {
  const v2 = simTorrent(random, { files: 100_000, pieceLength: 16_384, version: 2 }).torrent;
  const pieceRoots = v2.info.pieceRoots?.slice() ?? new Uint8Array();
  const seekV2 = async (body: Uint8Array) => {
    http.on('http://x.example/v2.torrent', () => ({ status: 200, body }));
    const host = new SimNet(clock, random).host('10.9.0.1');
    const client = new SimClient({ clock, random, host, address: '10.9.0.1', http });
    client.addMagnet(v2, { torrentUrls: ['http://x.example/v2.torrent'], trackers: [] });
    await clock.advance(1000);
    return client.heard.find((one) => one.type === 'metadata');
  };
  expect(await seekV2(wrapInfo(v2.info, []))).toMatchObject({ rawInfo: v2.info.raw, pieceRoots });
  const wrong = { ...v2.info, pieceRoots: pieceRoots.map((byte) => byte ^ 1) };
  expect(await seekV2(wrapInfo(wrong, []))).toBeUndefined();
});

test.each<[string, HttpResponse | undefined]>([
  ['another torrent', { status: 200, body: wrapInfo(other.info, []) }],
  ['a page', { status: 200, body: new TextEncoder().encode('<!doctype html>') }],
  ['a dictionary without torrent', { status: 200, body: encode({ a: 1 }) }],
  ['half a torrent', { status: 200, body: RIGHT.body.slice(0, 100) }],
  ['an error', GONE],
  ['nothing', undefined],
])('where one has %s the next is asked, and it is said', async (_, wrong) => {
  if (wrong !== undefined) http.on('http://a.example/t', () => wrong);
  http.on('http://b.example/t', () => RIGHT);
  const client = seek(['http://a.example/t', 'http://b.example/t', 'http://c.example/t']);
  await clock.advance(1000);
  expect(metadata(client)).toEqual(raw);
  expect(warnings(client)).toEqual([expect.stringContaining('a.example')]);
  expect(asked()).toEqual(['http://a.example/t', 'http://b.example/t']);
});

test('where none has it they are asked again, more and more seldom, and not while paused', async () => {
  http.on('http://a.example/t', () => GONE);
  const client = seek(['http://a.example/t']);
  await clock.advance(8 * 60_000);
  expect(asked()).toHaveLength(4);
  expect(warnings(client)).toHaveLength(1);
  client.tell({ type: 'pause', key: torrent.info.infoHash as never });
  await clock.advance(60 * 60_000);
  expect(asked()).toHaveLength(4);
  http.on('http://a.example/t', () => RIGHT);
  client.tell({ type: 'resume', key: torrent.info.infoHash as never });
  await clock.advance(1000);
  expect(metadata(client)).toEqual(raw);
});

test.each([
  ['http://inside.example/reboot?now=1', '192.168.1.1', false],
  ['http://inside.example/a.torrent', '192.168.1.1', true],
  ['http://outside.example/get?id=1', '93.184.216.1', true],
])('%s at %s is asked for: %s', async (url, at, taken) => {
  http.on(url.replace(/\?.*/, ''), () => RIGHT, at);
  const client = seek([url]);
  await clock.advance(1000);
  expect(metadata(client) !== undefined).toBe(taken);
});

test('an address that leads to a magnet link has no file, which is said; the next one is asked', async () => {
  const link = `magnet:?xt=urn:btih:${torrent.info.infoHash}`;
  http.on('http://a.example/t', () => ({ status: 302, body: new Uint8Array(), location: link }));
  http.on('http://b.example/t', () => RIGHT);
  const client = seek(['http://a.example/t', 'http://b.example/t']);
  await clock.advance(1000);
  expect(metadata(client)).toEqual(raw);
  expect(warnings(client)).toEqual([expect.stringContaining('a magnet link')]);
});

test('nobody is sent on into a private network', async () => {
  http.on(
    'http://a.example/t',
    () => ({ status: 302, body: new Uint8Array(), location: 'http://192.168.1.1/t' }),
    '93.184.216.1',
  );
  http.on('http://192.168.1.1/t', () => RIGHT, '192.168.1.1');
  const client = seek(['http://a.example/t']);
  await clock.advance(1000);
  expect(metadata(client)).toBeUndefined();
});
