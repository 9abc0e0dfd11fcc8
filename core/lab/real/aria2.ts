import type { Child } from './child.ts';
import type { Machine } from './machine.ts';

/** Starts aria2, which exits with 0 when it has everything, unless it `stays`: then it goes on to seed. */
export function startAria2(
  machine: Machine,
  options: {
    readonly address: string;
    readonly torrent: string;
    readonly folder: string;
    readonly pex?: boolean;
    readonly stays?: boolean;
    /** A program that is run when it has everything. */
    readonly whenDone?: string;
  },
): Child {
  return machine.start(
    `aria2 ${options.address}`,
    [
      'aria2c',
      '--no-conf',
      ...(options.stays === true ? ['--seed-ratio=0', '--bt-seed-unverified=true'] : ['--seed-time=0']),
      ...(options.whenDone === undefined ? [] : [`--on-bt-download-complete=${options.whenDone}`]),
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      `--enable-peer-exchange=${options.pex === true}`,
      '--file-allocation=none',
      '--summary-interval=0',
      '--listen-port=6881',
      `--interface=${options.address}`,
      '--dir',
      options.folder,
      options.torrent,
    ],
    {},
  );
}
