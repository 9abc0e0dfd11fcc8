import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { MeasureOptions } from './child.ts';
import { versionOf } from './machine.ts';
import { LEECH } from './libtorrent.ts';

/** How a client is started and how it tells that it is done. */
export interface Run {
  readonly argv: readonly string[];
  readonly options: MeasureOptions;
}

export interface LeechInput {
  /** A folder for scripts and settings, which are written anew for each run. */
  readonly scratch: string;
  readonly torrent: string;
  readonly out: string;
  readonly done: string;
  readonly address: string;
}

/** How another client is run as a leecher. */
export interface Client {
  readonly name: string;
  readonly version: string;
  leech(input: LeechInput): Run;
}

export const PYTHON = '/usr/bin/python3';

/** The clients that we know and that are installed. */
export function installedClients(): Client[] {
  const found: Client[] = [];
  const add = (name: string, version: string | undefined, leech: Client['leech']): void => {
    if (version !== undefined) found.push({ name, version, leech });
  };
  add('libtorrent', libtorrentVersion(), libtorrent);
  add('aria2', versionOf('aria2c', ['--version']), aria2);
  add('transmission', versionOf('transmission-cli', ['--version']), transmission);
  add('rtorrent', versionOf('rtorrent', ['-h']), rtorrent);
  return found;
}

export function libtorrentVersion(): string | undefined {
  try {
    const script = 'import libtorrent as lt; print("libtorrent " + lt.version)';
    return execFileSync(PYTHON, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function libtorrent({ scratch, torrent, out, done, address }: LeechInput): Run {
  const script = written(`${scratch}/leech.py`, LEECH);
  return { argv: [PYTHON, '-W', 'ignore', script, torrent, out, done, address], options: { done } };
}

function aria2({ scratch, torrent, out, done, address }: LeechInput): Run {
  const hook = written(`${scratch}/hook.sh`, `#!/bin/sh\n: > ${done}\n`);
  chmodSync(hook, 0o755);
  const flags = [
    'no-conf',
    'quiet',
    'seed-time=0',
    'enable-dht=false',
    'bt-enable-lpd=false',
    'enable-peer-exchange=false',
  ];
  const more = ['file-allocation=none', 'listen-port=52001', `interface=${address}`, `on-bt-download-complete=${hook}`];
  const argv = ['aria2c', ...[...flags, ...more].map((flag) => `--${flag}`), '--bt-max-peers=50', '-d', out, torrent];
  return { argv, options: { done } };
}

/** Settings that keep Transmission to plain TCP with the peers of its tracker. */
export function transmissionSettings(scratch: string, address: string, port: number): string {
  const folder = `${scratch}/transmission`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const off = ['dht', 'lpd', 'pex', 'utp', 'port-forwarding', 'rpc'].map((name) => [`${name}-enabled`, false] as const);
  written(
    `${folder}/settings.json`,
    JSON.stringify({
      'bind-address-ipv4': address,
      'peer-port': port,
      'peer-port-random-on-start': false,
      encryption: 0,
      preallocation: 0,
      'rename-partial-files': true,
      ...Object.fromEntries(off),
    }),
  );
  return folder;
}

function transmission({ scratch, torrent, out, address }: LeechInput): Run {
  const folder = transmissionSettings(scratch, address, 52002);
  // The file gets its final name once the last piece has been verified and written.
  return { argv: ['transmission-cli', '-g', folder, '-w', out, torrent], options: { done: `${out}/payload.bin` } };
}

function rtorrent({ scratch, torrent, out, done, address }: LeechInput): Run {
  const rc = written(
    `${scratch}/rtorrent.rc`,
    `system.daemon.set = true
network.bind_address.set = ${address}
network.port_range.set = 52003-52003
directory.default.set = ${out}
dht.mode.set = disable
protocol.pex.set = no
pieces.hash.on_completion.set = no
method.set_key = event.download.finished, done, "execute2={touch,${done}}"
schedule2 = add, 0, 0, ((load.start, "${torrent}"))
`,
  );
  return { argv: ['rtorrent', '-n', '-o', `import=${rc}`], options: { done, signal: 'SIGINT' } };
}

function written(file: string, text: string): string {
  writeFileSync(file, text);
  return file;
}
