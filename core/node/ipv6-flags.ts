import { openSync, readSync } from 'node:fs';
import { formatIp } from '../base/ip.ts';

const NONE: ReadonlyMap<string, number> = new Map();
const TABLE = '/proc/net/if_inet6';

/** The flags of the machine's IPv6 addresses (`ifa_flags`), which Node does not tell; none where the system does not either. */
export class Ipv6Flags {
  readonly #path: string;
  #file: number | undefined;
  #known = NONE;
  #table = Buffer.alloc(0);
  #read = Buffer.alloc(4096);

  constructor(path: string = TABLE) {
    this.#path = path;
  }

  /** The same object as before where they are the same: they are asked for every second, and change a few times a day. */
  now(): ReadonlyMap<string, number> {
    if (process.platform !== 'linux') return NONE;
    let length: number;
    try {
      length = this.#fill();
    } catch {
      return (this.#known = NONE);
    }
    const table = this.#read.subarray(0, length);
    if (this.#known !== NONE && table.equals(this.#table)) return this.#known;
    this.#table = Buffer.from(table);
    const known = new Map<string, number>();
    for (const [, address = '', flags = ''] of table
      .toString('latin1')
      .matchAll(/^([0-9a-f]{32}) \S+ \S+ \S+ ([0-9a-f]+) /gm)) {
      known.set(formatIp(Buffer.from(address, 'hex')), Number.parseInt(flags, 16));
    }
    return (this.#known = known);
  }

  /** The file stays open, as opening it costs more than reading it. */
  #fill(): number {
    this.#file ??= openSync(this.#path, 'r');
    for (let length = 0; ;) {
      if (length === this.#read.length) this.#read = Buffer.concat([this.#read, this.#read]);
      const got = readSync(this.#file, this.#read, length, this.#read.length - length, length);
      if (got === 0) return length;
      length += got;
    }
  }
}
