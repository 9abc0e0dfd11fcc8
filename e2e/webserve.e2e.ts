import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { startAria2 } from '../core/lab/real/aria2.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { startTransmission } from '../core/lab/real/transmission.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress } from './support/scene.ts';

/** Names that are something else in a URL, and that clients encode each in another way. */
const NAMES = ['a b', 'c#d', 'e?f', '100%', 'g+h', '[i]', 'ü', "j'k", 'l&m=n;o,p', 'q@r:s', '~(t)!'];
const SECRET = 'kept-over-many-runs';
const ALONE = ['--no-dht', '--no-lsd', '--no-pex', '--no-port-map'];
const base = `http://${seedAddress()}:8080/${SECRET}/`;

interface Served {
  readonly lab: Lab;
  /** A torrent of one file, or of a folder, that names nobody but our program's web seed. */
  readonly torrent: string;
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly data: Buffer }[];
}

/** Our program seeds, and serves, what it made a torrent of. */
async function withServed(names: readonly string[], play: (served: Served) => Promise<void>): Promise<void> {
  const lab = await Lab.open();
  try {
    const folder = await lab.makeFolder('seed');
    const alone = names.length === 1;
    const files = names.map((name, i) => {
      const data = Buffer.alloc(90_000 + i * 77_777);
      for (let at = 0; at < data.length; at++) data[at] = (at * 31 + (at >>> 8) * 7 + i) & 255;
      return { path: alone ? name : `T/sub dir/${name}`, data };
    });
    if (!alone) await mkdir(`${folder}/T/sub dir`, { recursive: true });
    for (const { path, data } of files) await writeFile(`${folder}/${path}`, data);
    const name = alone ? (names[0] ?? '') : 'T';
    const torrent = lab.path('served.torrent');
    await new Ensemble(lab, ['create', `${folder}/${name}`, '-o', torrent, '--web-seed', base]).exit(20);
    const at = `${seedAddress()}:8080/${SECRET}`;
    const args = ['seed', torrent, folder, '--bind', seedAddress(), '--http', at, ...ALONE];
    const seed = new Ensemble(lab, args);
    await seed.child.until(() => seed.last('web-seed') !== undefined, 'the web seed', 20);
    expect(seed.last('web-seed')).toMatchObject({ urls: [base], magnet: expect.stringContaining('&ws=http%3A%2F%2F') });
    await play({ lab, torrent, name, files });
  } finally {
    await lab.close();
  }
}

async function expectFiles({ files }: Served, out: string, client: string): Promise<void> {
  for (const { path, data } of files) {
    // It asks for names that Windows can have, and stores them so.
    const stored = client === 'Transmission' ? path.replaceAll(/[?:]/g, '_') : path;
    expect([path, (await readFile(`${out}/${stored}`)).equals(data)]).toEqual([path, true]);
  }
}

const clients: readonly [string, (served: Served, out: string) => Promise<void>][] = [
  [
    'libtorrent',
    async ({ lab, torrent }, out) => {
      const client = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent, folder: out });
      await client.untilSeeding(40);
    },
  ],
  [
    'aria2',
    async ({ lab, torrent }, out) => {
      const { code } = await startAria2(lab, { address: leechAddress(1), torrent, folder: out }).ends(40);
      expect(code).toBe(0);
    },
  ],
  [
    'Transmission',
    async (served, out) => {
      const { lab, torrent } = served;
      const client = await startTransmission(lab, { address: leechAddress(2), torrent, folder: out });
      await client.until(() => client.output.includes('Seeding'), 'the whole torrent', 60);
      await client.stop(5);
    },
  ],
  [
    'our own',
    async ({ lab, torrent }, out) => {
      const args = [
        'get',
        torrent,
        '-o',
        out,
        '-n',
        '2',
        '--bind',
        ourAddresses(2).join(),
        '--seed',
        'never',
        ...ALONE,
      ];
      const { wasted } = await new Ensemble(lab, args).done(40);
      expect(wasted).toBeLessThan(1_000_000);
    },
  ],
];

interop('our web seed', ['libtorrent', 'aria2', 'transmission', 'curl'], true, () => {
  it.concurrent.each(clients)('serves a folder with odd names to %s', (client, fetchFrom) =>
    withServed(NAMES, async (served) => {
      const out = await served.lab.makeFolder(`out-${client.replaceAll(' ', '')}`);
      await fetchFrom(served, out);
      await expectFiles(served, out, client);
    }),
  );

  it.concurrent('serves one file to all of them, at a URL that ends in a slash', () =>
    withServed(['one file.bin'], async (served) => {
      for (const [client, fetchFrom] of clients) {
        const out = await served.lab.makeFolder(`out-${client.replaceAll(' ', '')}`);
        await fetchFrom(served, out);
        await expectFiles(served, out, client);
      }
    }),
  );

  it.concurrent('serves curl: all of a file, the rest of one, several ranges, and nothing without the path', () =>
    withServed(['film.mp4'], async ({ lab, files: [file] }) => {
      const data = file?.data ?? Buffer.alloc(0);
      const curl = async (...args: string[]): Promise<Buffer> => {
        const to = lab.path('curled');
        await lab.run(['curl', '-sS', '--max-time', '10', ...args, '-o', to], 15);
        return readFile(to);
      };
      const url = `${base}film.mp4`;
      expect((await curl(url)).equals(data)).toBe(true);
      const half = lab.path('half');
      await writeFile(half, data.subarray(0, 1000));
      await lab.run(['curl', '-sS', '--max-time', '10', '-C', '-', '-o', half, url], 15);
      expect((await readFile(half)).equals(data)).toBe(true);
      const parts = (await curl('-r', '0-9,70000-70009', url)).toString('latin1');
      expect(parts).toContain(data.subarray(70_000, 70_010).toString('latin1'));
      expect(parts).toContain(`Content-Range: bytes 70000-70009/${data.length}`);
      const status = ['-w', '%{stderr}%{http_code}'];
      for (const [path, code] of [
        [url, '200'],
        [`http://${seedAddress()}:8080/film.mp4`, '404'],
        [`http://${seedAddress()}:8080/`, '404'],
        [`${base}../../served.torrent`, '404'],
      ] as const) {
        const output = await lab.run(['curl', '-s', '--path-as-is', '-o', lab.path('x'), ...status, path], 15);
        expect([path, output.trim()]).toEqual([path, code]);
      }
    }),
  );
});
