import { NO_RANGES } from '../../base/address-ranges.ts';
import { EnsembleError } from '../../base/errors.ts';
import { type InfoHashV1, millis, torrentKey } from '../../base/ids.ts';
import { packFiles } from '../../base/packed-files.ts';
import type { FolderInfo, Preview } from '../contract.ts';
import { defaultSettings } from '../../engine/settings.ts';
import type { Engine, Source } from '../../engine/engine.ts';
import { fakeHash, fakeName } from '../../engine/testing/moving-engine.ts';
import { fakeImporter } from './fake-importer.ts';
import { FAKE_PATHS } from './fake-paths.ts';
import type { HostClock, HostServices } from '../host/services.ts';
import type { AddressView } from '../views.ts';

const ADDRESSES: readonly AddressView[] = [
  { interfaceName: 'enp3s0', kind: 'wired', address: '192.0.2.14', family: 4, internal: false },
  { interfaceName: 'enp4s0', kind: 'wired', address: '192.0.2.15', family: 4, internal: false },
  { interfaceName: 'wg0', kind: 'vpn', address: '192.0.2.16', family: 4, internal: false },
  { interfaceName: 'lo', kind: 'unknown', address: '127.0.0.1', family: 4, internal: true },
];
const FREE = 214e9;
const HOME = '/home/user';
const DOWNLOADS = `${HOME}/Downloads`;

const SETTINGS = defaultSettings(DOWNLOADS);

const FEED = `<rss><channel><title>Shows of the week</title>${[5, 4, 3, 2, 1]
  .map(
    (
      n,
    ) => `<item><title>The.Show.S01E0${n}.1080p.WEB</title><guid>show-${n}</guid><pubDate>2026-01-0${n}T12:00:00Z</pubDate>
    <enclosure url="magnet:?xt=urn:btih:${String(n + 50).repeat(20)}&amp;dn=The.Show.S01E0${n}" type="application/x-bittorrent" length="${n}00000000"/></item>`,
  )
  .join('')}<item><title>About this feed</title><guid>about</guid></item></channel></rss>`;

/** What stands behind a bridge, without a machine: for the bridge's tests, and for work on a window without an engine. */
export function fakeServices(clock: HostClock, engine: Engine): HostServices {
  let settings = SETTINGS;
  const usable = (folder: string): FolderInfo => ({ folder, free: FREE, usable: true, problem: null });
  return {
    engine,
    clock,
    app: {
      version: '0.1.0',
      shell: { kind: 'browser', platform: 'linux', showsFiles: false, folderDialog: false },
      roots: [HOME],
      mayRunPrograms: false,
    },
    settings: {
      get current() {
        return settings;
      },
      change: (changes) => {
        settings = { ...settings, ...changes };
        return Promise.resolve();
      },
    },
    folders: {
      info: (folder) => Promise.resolve(usable(folder)),
      browse: (folder) =>
        Promise.resolve({
          folder: folder ?? HOME,
          parent: folder === null || folder === HOME ? null : folder.slice(0, folder.lastIndexOf('/')),
          folders: ['Documents', 'Downloads', 'Videos'].map((name) => ({ name, path: `${folder ?? HOME}/${name}` })),
          free: FREE,
        }),
      permit: (folder) => Promise.resolve(folder),
      keep: (folder, name) => Promise.resolve(`${folder}/${name}`),
    },
    demo: {
      start: () => {
        const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${'d'.repeat(40)}&dn=ensemble-demo.bin` } as const;
        return Promise.resolve({ key: torrentKey(fakeHash(source)), source, output: '/tmp/demo' });
      },
      stop: () => Promise.resolve(),
    },
    player: { play: () => Promise.resolve({ by: 'page', url: '/play/film.mp4' }) },
    readBarred: ({ banned }) =>
      Promise.resolve({ ranges: NO_RANGES, report: { ranges: banned.length, bad: 0, first: [] } }),
    fetchTorrent: () => Promise.resolve({ kind: 'torrent', data: new TextEncoder().encode('d4:infode') }),
    maker: {
      make: (source, _, onProgress, signal) => {
        if (source.includes('empty')) {
          return Promise.reject(new EnsembleError('usage', `${source} holds no bytes: nothing to make a torrent of.`));
        }
        onProgress(300_000_000, 1_000_000_000);
        const made = {
          data: new TextEncoder().encode('d4:infode'),
          name: source.slice(source.lastIndexOf('/') + 1),
          folder: source.slice(0, source.lastIndexOf('/')),
          infoHash: 'f'.repeat(40) as InfoHashV1,
          pieceLength: 1_048_576,
          pieceCount: 954,
          length: 1_000_000_000,
          files: 12,
        };
        return new Promise((resolve, reject) => {
          const timer = clock.every(millis(5000), () => (timer.cancel(), resolve(made)));
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    },
    feeds: {
      uniform: () => 0,
      fetch: (url) =>
        Promise.resolve(
          url.includes('bad')
            ? { refused: 'The server answers 404. Check the address.', retryAfter: undefined }
            : { body: new TextEncoder().encode(FEED), validators: {}, scope: 'global' },
        ),
      remembered: () => Promise.resolve({ taken: {}, episodes: {}, added: [] }),
      remember: () => Promise.resolve(),
    },
    importer: fakeImporter(engine, clock),
    addresses: () => ADDRESSES,
    paths: () => Promise.resolve(FAKE_PATHS),
    localTime: (wall) => ({ day: Math.floor(wall / 86_400_000 + 4) % 7, minute: Math.floor(wall / 60_000) % 1440 }),
    preview: (source) => Promise.resolve(fakePreview(source)),
  };
}

function fakePreview(source: Source): Omit<Preview, 'present' | 'more'> & { readonly chooses: boolean } {
  const name = fakeName(source);
  const files =
    source.kind === 'magnet'
      ? []
      : [
          { index: 0, path: [name, 'film.mp4'], length: 838_000_000 },
          { index: 1, path: [name, 'extras', 'poster.jpg'], length: 858_752 },
          { index: 2, path: [name, 'licence.txt'], length: 2048 },
        ];
  return {
    chooses: source.kind === 'magnet' && source.link.includes('&so='),
    key: torrentKey(fakeHash(source)),
    infoHash: fakeHash(source),
    version: 1,
    name,
    ...(source.kind === 'magnet'
      ? { length: null, pieceLength: null, pieceCount: null }
      : { length: 838_860_800, pieceLength: 1_048_576, pieceCount: 800 }),
    files: packFiles(files),
    fileCount: files.length,
    fileSlots: files.length,
    private: false,
    trackers: 2,
    comment: null,
    notes: [],
    renamed: { count: 0, first: [] },
  };
}
