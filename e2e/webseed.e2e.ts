import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { encode } from '../core/bencode/bencode.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import type { Machine } from '../core/lab/real/machine.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { Nginx } from './support/nginx.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress } from './support/scene.ts';

const KIB = 1024;
const PIECE = 64 * KIB;

const latin = (name: string): Buffer => Buffer.from(name, 'latin1');
/** Names that are something else in a URL, or that not every system can have. */
const NAMES: readonly (string | Buffer)[] = [
  'a b',
  'c#d',
  'e?f',
  '100%',
  'g+h',
  '[i]',
  'ü',
  "j'k",
  'l&m=n;o,p',
  'q@r:s',
  '~(t)!',
  'back\\slash',
  '%2e%2e',
  latin('f\xfcrth'),
];

const server = seedAddress();

/** A torrent file, and what its files hold together. */
interface Made {
  readonly torrent: string;
  readonly payload: Buffer;
}

/** Writes files with odd names below `root`, and a torrent of them. */
async function make(lab: Lab, root: string, lengths: (i: number) => number, urls: readonly string[]): Promise<Made> {
  const parts: Buffer[] = [];
  const files: { readonly length: number; readonly path: readonly (string | Uint8Array)[] }[] = [];
  for (const [i, name] of NAMES.entries()) {
    const length = lengths(i);
    const data = Buffer.alloc(length);
    for (let at = 0; at < length; at++) data[at] = (at * 31 + (at >>> 8) * 7 + i) & 255;
    const path = Buffer.concat([Buffer.from(`${root}/T/sub dir/`), Buffer.from(name)]);
    await mkdir(dirname(path.toString('latin1')), { recursive: true });
    await writeFile(path, data);
    parts.push(data);
    files.push({ length, path: ['sub dir', name] });
  }
  const payload = Buffer.concat(parts);
  const hashes: Buffer[] = [];
  for (let at = 0; at < payload.length; at += PIECE) {
    hashes.push(
      createHash('sha1')
        .update(payload.subarray(at, at + PIECE))
        .digest(),
    );
  }
  const info = { files, name: 'T', 'piece length': PIECE, pieces: Buffer.concat(hashes) };
  const torrent = lab.path('odd.torrent');
  await writeFile(torrent, encode({ info, 'url-list': urls }));
  return { torrent, payload };
}

async function inLab(play: (lab: Lab, root: string) => Promise<void>): Promise<void> {
  const lab = await Lab.open();
  try {
    await play(lab, await lab.makeFolder('www'));
  } finally {
    await lab.close();
  }
}

interface Case {
  readonly directives: string;
  readonly identities?: number;
  readonly length?: (i: number) => number;
  readonly urls?: readonly string[];
  /** The torrent is known by a link alone, which says where the server has the .torrent file. */
  readonly link?: boolean;
}

/** A certificate of the server's address, whose authority is itself, as directives for nginx. */
async function certificate(lab: Lab): Promise<{ readonly file: string; readonly directives: string }> {
  const [file, key] = [lab.path('cert'), lab.path('key')];
  const about = ['-days', '2', '-subj', '/CN=files', '-addext', `subjectAltName=IP:${server}`];
  await lab.run(
    ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...about, '-keyout', key, '-out', file],
    60,
  );
  return { file, directives: `ssl_certificate ${file}; ssl_certificate_key ${key};` };
}

// BEP 19 against nginx.
interop('a download of nothing but a web seed', ['nginx', 'openssl'], true, () => {
  const mixed = (i: number): number => 1 + i * 77_777;
  it.concurrent.each<[string, Case]>([
    ['odd names', { directives: '' }],
    ['odd names, four identities', { directives: '', identities: 4 }],
    ['a server that gives whole files alone', { directives: 'max_ranges 0;', length: (i) => 9_000 + i }],
    ['redirects', { directives: `return 302 http://${server}:8081$request_uri;` }],
    ['a magnet link that names the server for all', { directives: '', link: true }],
    ['a file that only another server has', { directives: 'location ~ 100 { return 404; }', urls: ['8080/', '8081'] }],
  ])('%s', (_, { directives, identities = 1, length = mixed, urls = ['8080'], link = false }) =>
    inLab(async (lab, root) => {
      const { torrent, payload } = await make(
        lab,
        root,
        length,
        urls.map((url) => `http://${server}:${url}`),
      );
      const nginx = await Nginx.start(lab, server, root, { 8080: directives, 8081: '' });
      const ours = ourAddresses(identities);
      const out = await lab.makeFolder('out');
      const { info } = parseTorrent(await readFile(torrent));
      const at = `http://${server}:8080`;
      const source = link ? `magnet:?xt=urn:btih:${info.infoHash}&xs=${at}/odd.torrent&ws=${at}/` : torrent;
      if (link) await copyFile(torrent, `${root}/odd.torrent`);
      const args = ['get', source, '-o', out, '-n', String(identities), '--bind', ours.join(), '--seed', 'never'];
      // So that none of several is done before the others begin, on a machine that has much else to do.
      const rate = identities === 1 ? '1M' : '128K';
      const { downloaded, wasted } = await new Ensemble(lab, [...args, '--identity-down', rate]).done(60);
      const got = await Promise.all(info.files.map(({ path }) => readFile(`${out}/${path.join('/')}`)));
      expect(Buffer.concat(got).equals(payload)).toBe(true);
      const served = await nginx.served();
      expect(new Set(served.map(({ client }) => client))).toEqual(new Set(ours));
      expect(downloaded - wasted).toBeGreaterThanOrEqual(payload.length);
      expect(wasted).toBeLessThan(payload.length / 4);
    }),
  );

  it.concurrent('by HTTPS: only from who has a certificate that somebody vouches for', () =>
    inLab(async (lab, root) => {
      const { torrent } = await make(lab, root, (i) => 50_000 + i, [`https://${server}`]);
      const { file, directives } = await certificate(lab);
      const nginx = await Nginx.start(lab, server, root, { 443: directives });
      const out = await lab.makeFolder('out');
      const args = ['get', torrent, '-o', out, '--bind', ourAddresses(1).join(), '--seed', 'never'];
      const stranger = new Ensemble(lab, args);
      await stranger.child.until(() => stranger.child.output.includes('SELF_SIGNED'), 'the refusal', 20);
      await stranger.child.stop(10);
      expect(await nginx.served()).toEqual([]);
      const trusting: Machine = {
        folder: lab.folder,
        start: (name, command, options) => lab.start(name, ['env', `NODE_EXTRA_CA_CERTS=${file}`, ...command], options),
      };
      await new Ensemble(trusting, args).done(25);
      expect((await nginx.served()).length).toBeGreaterThan(0);
    }),
  );
});
