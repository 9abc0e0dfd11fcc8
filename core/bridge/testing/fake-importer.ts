import { EnsembleError } from '../../base/errors.ts';
import { type BytesPerSecond, type InfoHashV1, millis, torrentKey } from '../../base/ids.ts';
import { ordinaryOptions } from '../../engine/download-options.ts';
import type { Engine } from '../../engine/engine.ts';
import { fakeHash } from '../../engine/testing/moving-engine.ts';
import type { HostClock, ImportService } from '../host/services.ts';
import { type ImportCandidate, NOTHING_KNOWN } from '../import-candidate.ts';

const KEPT = '/home/user/.config/transmission/resume';
const MEDIA = '/media/archive/films and series';
const BASE: Omit<ImportCandidate, 'key' | 'infoHash' | 'record' | 'name'> = {
  ...NOTHING_KNOWN,
  client: 'Transmission',
  length: 1_420_000_000,
  how: 'in-place',
  output: MEDIA,
  from: MEDIA,
  have: 1,
  downloaded: 1_500_000_000,
  uploaded: 2_310_000_000,
  notes: [],
};

function torrent(name: string, said: Partial<ImportCandidate>): ImportCandidate {
  const infoHash = fakeHash({ kind: 'magnet', link: linkOf(name) }) as InfoHashV1;
  return { ...BASE, key: torrentKey(infoHash), infoHash, record: `${infoHash}.resume`, name, ...said };
}

const linkOf = (name: string): string => `magnet:?xt=urn:btih:${hashText(name)}&dn=${encodeURIComponent(name)}`;

function hashText(name: string): string {
  const codes = Array.from(name)
    .map((letter) => letter.codePointAt(0)?.toString(16) ?? '')
    .join('');
  return codes.repeat(40).slice(0, 40);
}

const FOUND: readonly ImportCandidate[] = [
  torrent('A film of 1931', {}),
  torrent('Lectures on harbours', {
    client: 'qBittorrent',
    category: 'lectures',
    tags: ['one', 'two words'],
    up: 50_000 as BytesPerSecond,
    seed: { kind: 'goals', ratio: 1.5, time: millis(172_800_000) },
    paused: true,
  }),
  torrent('A long name of something that somebody once recorded by the sea and never cut.mkv', {
    client: 'qBittorrent',
    how: 'copy',
    output: '/home/user/Downloads',
    have: 0.62,
    notes: ['Its web seeds (httpseeds) are not taken over.'],
  }),
  torrent('linux.iso', { client: 'aria2', how: 'download', output: null, from: null, have: 0, length: null }),
  torrent('Charts of the North Sea', { present: true }),
  {
    ...NOTHING_KNOWN,
    client: 'Transmission',
    record: 'c0ffee.resume',
    name: 'c0ffee.resume',
    notes: [`There is no ${KEPT}/../torrents/c0ffee.torrent.`],
  },
];

/** Torrents of other clients that are made up. They come into the list one after the other. */
export function fakeImporter(engine: Engine, clock: HostClock): ImportService {
  const readable = (folder: string | null): Promise<void> => {
    if (folder === null || folder.endsWith('theirs')) return Promise.resolve();
    const message = `${folder} has nothing of Transmission ("resume" and "torrents"), qBittorrent ("BT_backup") or aria2 (a session file, "*.aria2") in it.`;
    return Promise.reject(new EnsembleError('usage', message));
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.every(millis(400), () => (timer.cancel(), resolve()));
    });
  return {
    look: async (folder) => {
      await readable(folder);
      return FOUND.map((one) => ({
        ...one,
        present: one.present || (one.key !== null && engine.download(one.key) !== undefined),
      }));
    },
    take: async (folder, { output, paused, only }) => {
      await readable(folder);
      const wanted = FOUND.filter(({ key, present }) => key !== null && !present && only?.includes(key) !== false);
      for (const { name, output: where } of wanted.slice(1)) {
        await pause();
        const options = { ...ordinaryOptions(where ?? output ?? MEDIA, {}), paused };
        await engine.add({ kind: 'magnet', link: linkOf(name) }, options);
      }
      const [first] = wanted;
      const failures = first === undefined ? [] : [`${first.name}: There is no space left for its records.`];
      return { added: Math.max(0, wanted.length - 1), present: 0, refused: failures.length, failures };
    },
  };
}
