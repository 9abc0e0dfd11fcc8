import { writeFile } from 'node:fs/promises';
import type { Machine } from '../../core/lab/real/machine.ts';
import type { Lab } from './lab.ts';

const NAME_SERVER = new URL('name-server.mjs', import.meta.url).pathname;

/** Starts a name server at `host` that gives every name these IPv4 addresses; resolves to the lab as a machine that has no other.
 * `at`: where it runs; undefined: in the lab. */
export async function withNameServer(
  lab: Lab,
  host: string,
  addresses: readonly string[],
  at: Machine = lab,
): Promise<Machine> {
  let ready = false;
  const server = at.start('name server', [process.execPath, NAME_SERVER, host, ...addresses], {
    onLine: (line) => (ready ||= line === 'ready'),
  });
  await server.until(() => ready, 'its port', 20);
  const file = lab.path('resolv.conf');
  await writeFile(file, `nameserver 127.0.0.53\nnameserver ${host}\n`);
  const setUp = [
    'mount -t tmpfs none /run',
    'at=$(readlink -m /etc/resolv.conf); mkdir -p "$(dirname "$at")"; touch "$at"; mount --bind "$0" "$at"',
    'exec "$@"',
  ].join('\n');
  return {
    folder: lab.folder,
    start: (name, command, options) =>
      lab.start(name, ['unshare', '--mount', 'sh', '-e', '-c', setUp, file, ...command], options),
  };
}
