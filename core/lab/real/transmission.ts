import { mkdir, writeFile } from 'node:fs/promises';
import type { Child } from './child.ts';
import type { Machine } from './machine.ts';

/**
 * The command that runs transmission-cli. It ends, as if it had been stopped, when it happens to look at its torrent after the check and
 * before the start, which on a busy machine is often: then it begins again.
 */
export function transmissionCli(args: readonly string[]): readonly string[] {
  return ['sh', '-c', 'while setpriv --pdeathsig KILL transmission-cli "$@"; do :; done', 'sh', ...args];
}

/** Starts Transmission: with a complete payload it checks it and seeds, else it fetches what is missing. `uploadLimit` in KiB/s. */
export async function startTransmission(
  machine: Machine,
  options: {
    readonly address: string;
    readonly torrent: string;
    readonly folder: string;
    readonly uploadLimit?: number;
    /** Its own. */
    readonly settings?: Readonly<Record<string, unknown>>;
    /** A program that is run when it has everything. */
    readonly whenDone?: string;
  },
): Promise<Child> {
  const home = `${machine.folder}/transmission-${options.address}`;
  await mkdir(home, { recursive: true });
  const settings = {
    'bind-address-ipv4': options.address,
    'peer-port': 6881,
    'peer-port-random-on-start': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-enabled': false,
    ...options.settings,
  };
  await writeFile(`${home}/settings.json`, JSON.stringify(settings));
  const limit = options.uploadLimit === undefined ? [] : ['-u', String(options.uploadLimit)];
  const finish = options.whenDone === undefined ? [] : ['-f', options.whenDone];
  const args = ['-g', home, '-w', options.folder, '-v', ...limit, ...finish, options.torrent];
  return machine.start(`transmission ${options.address}`, transmissionCli(args), {});
}
