import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child } from '../../core/lab/real/child.ts';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

/** Torrents that a client is given, and the folder where it finds their files. */
export interface Given {
  readonly lab: Lab;
  readonly whole: string;
  readonly part: string;
  readonly data: string;
}

/** Runs a client until it has looked at both torrents; resolves, once it has ended, to the folder of its records. */
export type Keep = (given: Given) => Promise<string>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const keepTransmission: Keep = async ({ lab, whole, part, data }) => {
  const home = await lab.makeFolder('transmission');
  const settings = {
    'bind-address-ipv4': '10.77.0.30',
    'dht-enabled': false,
    'lpd-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-port': 9092,
    'rpc-whitelist-enabled': false,
    'download-dir': data,
  };
  await writeFile(`${home}/settings.json`, JSON.stringify(settings));
  const child = lab.start('transmission-daemon', ['transmission-daemon', '-f', '-g', home]);
  const remote = (...args: string[]): Promise<string> =>
    lab.run(['transmission-remote', '127.0.0.1:9092', ...args], 20);
  await until('its RPC', async () => (await remote('-si')) !== '');
  await remote('-a', whole, '-w', data);
  await remote('-t', '1', '-L', 'films,two words', '-u', '50', '-sr', '1.5');
  await remote('-a', part, '-w', data);
  await until('its checks', async () => /100% .*\n +2 +[1-9]\d% /.test(await remote('-l')));
  await child.stop(20);
  return home;
};

interface Qbittorrent {
  readonly home: string;
  readonly child: Child;
  /** Calls its API with arguments for curl. */
  api(path: string, ...args: string[]): Promise<string>;
  /** `data`: where its files are. */
  add(torrent: string, data: string, ...more: string[]): Promise<string>;
  torrents(): Promise<{ progress: number; state: string; name: string }[]>;
}

/** qBittorrent at work in the lab, which finds peers in no way but by trackers. */
export async function startQbittorrent(lab: Lab): Promise<Qbittorrent> {
  const home = await lab.makeFolder('qbittorrent');
  const config = await lab.makeFolder('qbittorrent', 'qBittorrent', 'config');
  const lines = [
    '[LegalNotice]\nAccepted=true',
    '[BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\nSession\\InterfaceAddress=10.77.0.31',
    'Session\\SaveResumeDataInterval=1',
    '[Preferences]\nWebUI\\Enabled=true\nWebUI\\Port=9093\nWebUI\\LocalHostAuth=false',
  ];
  await writeFile(`${config}/qBittorrent.conf`, `${lines.join('\n')}\n`);
  await writeFile(`${config}/categories.json`, '{"films":{"save_path":""}}');
  const child = lab.start('qbittorrent-nox', ['qbittorrent-nox', `--profile=${home}`]);
  const api = (path: string, ...args: string[]): Promise<string> =>
    lab.run(['curl', '-sf', `http://127.0.0.1:9093/api/v2/${path}`, ...args], 20);
  await until('its API', async () => (await api('app/version')) !== '');
  return {
    home,
    child,
    api,
    add: (torrent, data, ...more) =>
      api('torrents/add', ...[`torrents=@${torrent}`, `savepath=${data}`, ...more].flatMap((one) => ['-F', one])),
    torrents: async () => JSON.parse(await api('torrents/info')) as Awaited<ReturnType<Qbittorrent['torrents']>>,
  };
}

export const keepQbittorrent: Keep = async ({ lab, whole, part, data }) => {
  const { home, child, add, torrents } = await startQbittorrent(lab);
  await add(whole, data, 'category=films', 'tags=one,two', 'upLimit=51200', 'ratioLimit=1.5');
  await add(part, data);
  await until('its checks', async () => {
    const all = await torrents();
    return all.some(({ progress }) => progress === 1) && all.some(({ progress }) => progress > 0.2 && progress < 1);
  });
  await child.stop(20);
  return home;
};

export const keepAria2: Keep = async ({ lab, whole, part, data }) => {
  const home = await lab.makeFolder('aria2');
  const session = `${home}/aria2.session`;
  const input = `${home}/input`;
  const options = (torrent: string): string => `${torrent}\n dir=${data}\n max-upload-limit=50K\n seed-ratio=1.5\n`;
  await writeFile(input, options(whole) + options(part));
  const still = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--interface=10.77.0.32'];
  const keep = [`--save-session=${session}`, '--save-session-interval=1', '--auto-save-interval=1', '-i', input];
  const child = lab.start('aria2', ['aria2c', '--no-conf', ...still, ...keep, '--check-integrity=true']);
  await until('its session', async () => (await readFile(session, 'utf8')).includes(part));
  await until('its record', async () => (await readFile(`${data}/single.bin.aria2`)).length > 60);
  // It ends with what it has.
  await pause(2000);
  await child.stop(20, 'SIGINT');
  return home;
};

/** All that can be seen of every file and folder below a folder, but when it was read. */
export async function factsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const rows = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs, ctimeMs, ino, nlink, mode } = await lstat(path);
    const hash = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : '';
    return `${path} ${[size, mtimeMs, ctimeMs, ino, nlink, mode, hash].join(' ')}`;
  });
  return (await Promise.all(rows)).sort();
}
