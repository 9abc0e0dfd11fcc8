import { createHash } from 'node:crypto';
import { concatBytes, sameBytes } from '../../base/bytes.ts';
import { encode } from '../../bencode/bencode.ts';
import type { DownloadSetup } from '../../identity/messages.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import { SimClient } from '../../sim/client.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import { type HeardRequest, part, type Reply, SimWebServer } from '../../sim/web-server.ts';

export const KIB = 1024;
export const SERVER = '203.0.113.9';

export const THREE = [
  { path: ['a b.bin'], length: 300 * KIB + 1 },
  { path: ['ü', 'c#d'], length: 200 * KIB },
  { path: ['last'], length: 77 },
];

export type Answer = (request: HeardRequest, count: number, usual: () => Reply) => Reply | 'nothing' | undefined;

export interface Scene {
  readonly made?: ReturnType<typeof padded>;
  readonly files?: ConstructorParameters<typeof SimSwarm>[1]['files'];
  readonly pieceLength?: number;
  readonly urls?: readonly string[];
  readonly answer?: Answer;
  readonly link?: object;
  readonly setup?: Partial<DownloadSetup>;
}

/** A client with nothing but a web seed. */
export async function scene({
  files = THREE,
  pieceLength = 32 * KIB,
  urls = ['http://files.example/pub'],
  ...more
}: Scene = {}) {
  const swarm = new SimSwarm(7, { files, pieceLength });
  const { clock, random, net } = swarm;
  const { torrent, payload } = more.made ?? swarm;
  const { info } = torrent;
  net.name('files.example', [SERVER]);
  const server = new SimWebServer();
  for (const { path, offset, length, padding } of info.files) {
    if (padding) continue;
    const names = path.map(encodeURIComponent).join('/');
    server.files.set(`/pub/${names}`, payload.subarray(offset, offset + length));
  }
  const { answer } = more;
  const usual = (request: HeardRequest): Reply => {
    const file = server.files.get(request.target);
    return file === undefined ? { status: 404 } : part(file, request.from, request.to);
  };
  if (answer !== undefined) server.answer = (request, count) => answer(request, count, () => usual(request));
  await server.listen(net.host(SERVER, { latency: 10, up: 4_000 * KIB, ...more.link }));
  const host = net.host('10.9.0.1', { latency: 10, down: 4_000 * KIB });
  const client = new SimClient({ clock, random, host, address: '10.9.0.1', http: swarm.tracker.http('10.9.0.1') });
  client.add(torrent, undefined, { trackers: [], webSeeds: urls, ...more.setup });
  const done = (): boolean => client.verified.size === info.pieceCount;
  const right = (): boolean => sameBytes(client.payload(torrent) ?? new Uint8Array(), payload);
  const warnings = (): string[] => client.heard.flatMap((one) => (one.type === 'tracker-warning' ? [one.message] : []));
  return { swarm, clock, server, client, done, right, warnings, info, payload };
}

/** A torrent of files that take turns with padding. */
export function padded(lengths: readonly number[], pieceLength: number) {
  const payload = concatBytes(
    ...lengths.map((length, i) =>
      new Uint8Array(length).map((_, at) => (i % 2 === 0 ? (at * 7 + (at >>> 9)) & 255 : 0)),
    ),
  );
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += pieceLength) {
    hashes.push(
      createHash('sha1')
        .update(payload.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const files = lengths.map((length, i) => ({ length, ...(i % 2 === 1 && { attr: 'p' }), path: [`${i}`] }));
  const info = { files, name: 'padded', 'piece length': pieceLength, pieces: concatBytes(...hashes) };
  return { torrent: parseTorrent(encode({ info })), payload };
}

/** All of the file, whatever was asked for. */
export function whole({ from }: HeardRequest, usual: () => Reply): Reply {
  const { body } = usual();
  if (body === undefined) return usual();
  const all = new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset - from, fileLength(usual()));
  return { status: 200, body: all };
}

function fileLength({ headers }: Reply): number {
  return Number(String(headers?.['Content-Range']).split('/')[1]);
}

/** The same answer, up to `to`. */
export function shorter(reply: Reply, from: number, to: number): Reply {
  if (reply.body === undefined) return reply;
  const body = reply.body.subarray(0, to - from);
  return {
    ...reply,
    body,
    headers: { 'Content-Range': `bytes ${from}-${from + body.length - 1}/${fileLength(reply)}` },
  };
}
