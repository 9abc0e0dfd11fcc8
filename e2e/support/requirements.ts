import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';
import { LONG } from './chance.ts';

/** A command that succeeds if a tool is installed. */
const PROBES = {
  libtorrent: ['/usr/bin/python3', '-c', 'import libtorrent'],
  aria2: ['aria2c', '--version'],
  transmission: ['transmission-cli', '--version'],
  'transmission-qt': ['transmission-qt', '-platform', 'offscreen', '--version'],
  qbittorrent: ['qbittorrent-nox', '--version'],
  xdotool: ['xdotool', '--version'],
  xvfb: ['Xvfb', '-version'],
  rtorrent: ['rtorrent', '-h'],
  opentracker: ['opentracker', '-h'],
  iproute2: ['ip', '-V'],
  tcpdump: ['tcpdump', '--version'],
  nginx: ['nginx', '-v'],
  openssl: ['openssl', 'version'],
  curl: ['curl', '--version'],
  nftables: ['nft', '--version'],
  miniupnpd: ['miniupnpd', '--version'],
  dante: ['danted', '-v'],
  microsocks: ['microsocks', '-h'],
  tinyproxy: ['tinyproxy', '-v'],
  shadowsocks: ['ss-local', '-h'],
  nats: ['nats-server', '--version'],
} as const;

export type Tool = keyof typeof PROBES;

const REAL_CLIENTS: readonly Tool[] = ['libtorrent', 'aria2', 'transmission'];
/**
 * If a wait runs out (`Child.until`), the cause may be a real client that does nothing for minutes. Such a test is run once more,
 * and listed at the end of the run (`build/retried.mjs`). A wrong result is never retried, nor is anything in the acceptance.
 */
const SECOND_TRY = { retry: { count: 1, condition: / s are over while waiting for / } };

/** The folder of the build that is tested; the environment may name another one. */
export const BUILD = process.env['ENSEMBLE_BUILD'] ?? new URL('../../dist', import.meta.url).pathname;
/** The built command line. */
export const COMMAND_LINE = `${BUILD}/cli/main.js`;

function isThere(tool: Tool): boolean {
  const [command, ...args] = PROBES[tool];
  const { error, status } = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
  return error === undefined && (tool !== 'libtorrent' || status === 0);
}

/** Why suites that need these cannot run here; undefined where they can. */
function obstacle(tools: readonly Tool[], built: boolean): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  const { status } = spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore', timeout: 20_000 });
  if (status !== 0) return 'needs root, to make a network namespace';
  const missing = (['iproute2', ...tools] as const).filter((tool) => !isThere(tool));
  if (missing.length > 0) return `needs ${missing.join(', ')}`;
  return built && !existsSync(COMMAND_LINE) ? 'needs a build: npm run build' : undefined;
}

/**
 * A suite that uses real clients. If something that it needs is missing, it fails under CI, and elsewhere is skipped with the
 * reason in its name. `built`: it also needs the built command line.
 */
export function interop(name: string, tools: readonly Tool[], built: boolean, suite: () => void): void {
  const reason = obstacle(tools, built);
  const mayTryAgain = !LONG && tools.some((tool) => REAL_CLIENTS.includes(tool));
  if (reason === undefined) describe(name, mayTryAgain ? SECOND_TRY : {}, suite);
  else if (process.env['CI']) {
    it(name, () => {
      throw new Error(`${name}: ${reason}`);
    });
  } else {
    console.warn(`Skipped: ${name}: ${reason}`);
    describe.skip(`${name} (skipped: ${reason})`, suite);
  }
}
