import { execFile, spawnSync } from 'node:child_process';
import type { ClientName } from '../scenario/scenario.ts';

interface Probe {
  readonly command: readonly [string, ...string[]];
  /** Where in what it prints its version stands. */
  readonly version: RegExp;
  readonly debian: string;
}

/** The programs that may take part beside ours. */
const PROBES: Readonly<Record<Exclude<ClientName, 'ensemble'>, Probe>> = {
  libtorrent: {
    command: ['/usr/bin/python3', '-c', 'import libtorrent; print(libtorrent.version)'],
    version: /^([\d.]+)/m,
    debian: 'python3-libtorrent',
  },
  transmission: {
    command: ['transmission-cli', '--version'],
    version: /transmission-cli ([\w.]+)/,
    debian: 'transmission-cli',
  },
  aria2: { command: ['aria2c', '--version'], version: /aria2 version ([\w.]+)/, debian: 'aria2' },
};

/** What is missing of what runs with these clients need, as sentences; none: all is there. */
export function missingPrograms(clients: ReadonlySet<ClientName>): string[] {
  const tools = ['ip', 'tc', 'unshare', 'setpriv'].filter((tool) => !runs(tool, ['--version'], true));
  const out =
    tools.length === 0 ? [] : [`the real world needs ${tools.join(', ')}: on Debian the packages iproute2, util-linux`];
  for (const client of clients) {
    if (client === 'ensemble') continue;
    const { command, debian } = PROBES[client];
    const [name, ...args] = command;
    if (!runs(name, args, client !== 'libtorrent'))
      out.push(`the real world needs ${client}, which is not installed: on Debian the package ${debian}`);
  }
  return out;
}

/** `anyCode`: it is there whatever it says of its arguments. */
function runs(command: string, args: readonly string[], anyCode: boolean): boolean {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
  return error === undefined && (anyCode || status === 0);
}

/** Versions of these, as they tell them. */
export async function versionsOf(clients: ReadonlySet<ClientName>): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const client of clients) {
    if (client === 'ensemble') continue;
    const { command, version } = PROBES[client];
    const [name, ...args] = command;
    versions[client] = version.exec(await printed(name, args))?.[1] ?? 'unknown';
  }
  return versions;
}

/** Some tell their version on standard error. */
function printed(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (_error, out, err) => resolve(`${out}\n${err}`));
  });
}
