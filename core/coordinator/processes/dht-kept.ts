import { familyOf } from '../../base/ip.ts';
import * as v from 'valibot';
import { toHex } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import { host } from '../../engine/values.ts';
import { type KeptNode, keptNode } from '../../identity/messages.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Random } from '../../ports/random.ts';
import { readVersioned, writeVersioned } from '../catalog/versioned-file.ts';

const VERSION = 1;
/** Most addresses whose nodes are kept: the ones that were used last. */
const MOST = 32;

const file = v.object({
  version: v.literal(VERSION),
  nodes: v.pipe(v.array(v.object({ address: host, kept: keptNode })), v.maxLength(1000)),
});

export interface DhtKeptOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** Absolute folder for `dht.json`; undefined: what is kept lasts as long as the program. */
  readonly folder: string | undefined;
  /** Whether nobody else keeps things there by now. */
  held?(): Promise<boolean>;
}

/**
 * What our nodes of the DHT knew when they ran last, by local address. It only makes the next start quicker: a file that is damaged
 * counts as none, and one that cannot be written is left. Several programs may share it; the last one that writes wins.
 */
export class DhtKept {
  readonly #o: DhtKeptOptions;
  readonly #path: string;
  /** The one used last is the last. */
  readonly #nodes = new Map<string, KeptNode>();
  #changed = false;
  /** A newer program keeps its own there. */
  #foreign = false;

  constructor(options: DhtKeptOptions) {
    this.#o = options;
    this.#path = `${options.folder}/dht.json`;
  }

  /** Never rejects. */
  async read(): Promise<void> {
    const { folder, disk } = this.#o;
    if (folder === undefined) return;
    try {
      const content = await readVersioned(disk, this.#path, VERSION, file);
      for (const { address, kept } of content?.nodes.slice(-MOST) ?? []) this.#nodes.set(address, kept);
    } catch (error) {
      this.#foreign = error instanceof EnsembleError && error.code === 'newer-version';
    }
  }

  /** What a node at this address begins with: its own table, or the newest one of its family, under another id. */
  of(address: string): KeptNode | undefined {
    const own = this.#nodes.get(address);
    if (own !== undefined) return own;
    const family = familyOf(address);
    const other = [...this.#nodes.values()].findLast((kept) => kept.family === family);
    return other && { ...other, id: toHex(this.#o.random.bytes(20)) };
  }

  keep(address: string, kept: KeptNode): void {
    this.#nodes.delete(address);
    this.#nodes.set(address, kept);
    for (const oldest of this.#nodes.keys()) {
      if (this.#nodes.size <= MOST) break;
      this.#nodes.delete(oldest);
    }
    this.#changed = true;
  }

  /** Writes what changed. Never rejects. */
  async write(): Promise<void> {
    const { folder, disk, held } = this.#o;
    if (folder === undefined || this.#foreign || !this.#changed) return;
    this.#changed = false;
    try {
      if ((await held?.()) === false) return;
      const nodes = [...this.#nodes].map(([address, kept]) => ({ address, kept }));
      await writeVersioned(disk, this.#path, VERSION, { nodes });
    } catch {
      this.#changed = true;
    }
  }
}
