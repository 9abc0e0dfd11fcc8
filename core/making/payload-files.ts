import path from 'node:path';
import { MAX_FILES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import type { MakeChoices } from '../engine/making.ts';
import type { Disk, FileInfo } from '../ports/disk.ts';

export interface PayloadChoices {
  readonly links: MakeChoices['links'];
  /** Whether to take what has a name that begins with a dot. */
  readonly hidden: boolean;
}

/** A file that a torrent is made of. */
export interface PayloadFile {
  /** Components below the torrent's folder. */
  readonly path: readonly string[];
  /** Absolute. */
  readonly source: string;
  readonly length: number;
  readonly executable: boolean;
  /** It is kept as a link to this path below the torrent's folder. */
  readonly link?: readonly string[];
}

export interface Payload {
  readonly single: boolean;
  readonly files: readonly PayloadFile[];
}

/** Most names that an error tells. */
const MOST_NAMED = 5;

/**
 * What lies at `source`: one file, or all files below a folder in the order of their paths. Nothing is left out but what `choices`
 * say: EnsembleError('usage') names what cannot be taken.
 */
export async function listPayload(disk: Disk, source: string, choices: PayloadChoices): Promise<Payload> {
  // The path itself may be a link: whoever names it means what it leads to.
  const root = await disk.realPath(source);
  const info = root === undefined ? undefined : await disk.info(root);
  if (root === undefined || info === undefined) throw usage(`There is nothing at ${source}.`);
  if (info.kind === 'file') {
    return { single: true, files: [payloadFile([path.basename(source)], root, info)] };
  }
  if (info.kind !== 'directory') throw noFile(source);
  const walk = new Walk(disk, root, choices);
  await walk.folder(root, [], new Set());
  walk.refuseUnreadable();
  return { single: false, files: walk.files };
}

class Walk {
  readonly files: PayloadFile[] = [];
  readonly #disk: Disk;
  readonly #root: string;
  readonly #choices: PayloadChoices;
  readonly #unreadable: string[] = [];
  /** Entries that were looked at: links to folders can lead to the same ones again and again. */
  #entries = 0;

  constructor(disk: Disk, root: string, choices: PayloadChoices) {
    this.#disk = disk;
    this.#root = root;
    this.#choices = choices;
  }

  /** `above`: where the folders that led here really lie. */
  async folder(folder: string, components: readonly string[], above: ReadonlySet<string>): Promise<void> {
    const names = [...(await this.#disk.list(folder))].sort();
    const trail = new Set([...above, folder]);
    for (const name of names) {
      if (!this.#choices.hidden && name.startsWith('.')) continue;
      const full = path.join(folder, name);
      // What bytes become that are no text.
      if (name.includes('\ufffd')) {
        this.#unreadable.push(full);
        continue;
      }
      if (++this.#entries > 2 * MAX_FILES) throw usage(`${this.#root} holds too many files for a torrent.`);
      const info = await this.#disk.info(full);
      if (info === undefined) throw usage(`${full} has gone while it was read. Try again.`);
      if (info.kind === 'link') await this.#link(full, [...components, name], trail);
      else await this.#entry(full, info, [...components, name], trail);
    }
  }

  async #entry(full: string, info: FileInfo, components: string[], trail: ReadonlySet<string>): Promise<void> {
    if (info.kind === 'directory') await this.folder(full, components, trail);
    else if (info.kind === 'file') this.files.push(payloadFile(components, full, info));
    else throw noFile(full);
  }

  async #link(full: string, components: string[], trail: ReadonlySet<string>): Promise<void> {
    const { links } = this.#choices;
    if (links === 'refuse') throw usage(`${full} is a link. Say what to do with links: follow or keep them (--links).`);
    const real = await this.#disk.realPath(full);
    const info = real === undefined ? undefined : await this.#disk.info(real);
    if (real === undefined || info === undefined) throw usage(`${full} is a link that leads to nothing. Remove it.`);
    if (links === 'follow') {
      if (trail.has(real)) throw usage(`${full} is a link to a folder that it is in: it has no end.`);
      return this.#entry(real, info, components, trail);
    }
    const link = path.relative(this.#root, real).split(path.sep);
    if (path.isAbsolute(link.join(path.sep)) || link[0] === '..' || real === this.#root) {
      throw usage(`${full} leads out of ${this.#root}, and would lead to nothing elsewhere. Follow it, or remove it.`);
    }
    this.files.push({ path: components, source: full, length: 0, executable: false, link });
  }

  /** Throws if there were names that are no UTF-8. */
  refuseUnreadable(): void {
    const names = this.#unreadable;
    if (names.length === 0) return;
    const shown = names.slice(0, MOST_NAMED).join(', ');
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
    throw usage(`A torrent holds names in UTF-8, which these are not: ${shown}${more}. Rename them first.`);
  }
}

function payloadFile(components: readonly string[], source: string, info: FileInfo): PayloadFile {
  return { path: components, source, length: info.size, executable: info.executable === true };
}

function noFile(full: string): EnsembleError {
  return usage(`${full} is a device or the like: a torrent holds files and folders alone.`);
}

function usage(message: string): EnsembleError {
  return new EnsembleError('usage', message);
}
