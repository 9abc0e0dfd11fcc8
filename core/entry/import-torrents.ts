import { Catalog, type CatalogEntry } from '../coordinator/catalog/catalog.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Found } from '../import/found.ts';
import type { Planned } from '../import/look.ts';
import { idOf } from '../import/torrent-facts.ts';
import { hashesOf } from '../metainfo/torrent-id.ts';
import { NodeDisk } from '../node/disk.ts';
import { openChoices } from './bridge-host.ts';
import { importedEntry } from './imported-entry.ts';
import { KnownTorrents } from './known-torrents.ts';
import { holdStateFolder } from './state-folder.ts';

/** Torrent files that are written at a time. */
const AT_ONCE = 200;

/** The list of a state folder, into which other clients' torrents are taken while no program runs with it. */
export interface Importer {
  /** Where new downloads go by the settings. */
  readonly folder: string;
  has(found: Found): boolean;
  /** It is in the list once `finish` has resolved. */
  add(planned: Planned, choice: { readonly output: string; readonly paused: boolean }): Promise<void>;
  finish(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `dry`: nothing is added, and a program may run meanwhile. Rejects with EnsembleError('in-use') where one does, and where catalog or settings are
 * damaged or newer.
 */
export async function openImporter(stateFolder: string, { dry }: { readonly dry: boolean }): Promise<Importer> {
  const lock = dry ? undefined : await holdStateFolder(stateFolder);
  const release = async (): Promise<void> => {
    await lock?.release();
  };
  try {
    const held = (): Promise<boolean> => lock?.sure() ?? Promise.resolve(false);
    const { settings } = await openChoices(stateFolder, held);
    const catalog = new Catalog(new NodeDisk(), stateFolder);
    const before = await catalog.read();
    if (!dry) await catalog.torrents.look(await catalog.names());
    return new IntoCatalog(catalog, before, settings.current, release);
  } catch (error) {
    await release();
    throw error;
  }
}

class IntoCatalog implements Importer {
  readonly #catalog: Catalog;
  readonly #settings: Parameters<typeof importedEntry>[1];
  readonly #entries: CatalogEntry[];
  readonly #there = new KnownTorrents();
  readonly close: () => Promise<void>;
  #torrents: { readonly infoHash: InfoHash; readonly data: Uint8Array }[] = [];

  constructor(
    catalog: Catalog,
    before: readonly CatalogEntry[],
    settings: Parameters<typeof importedEntry>[1],
    close: () => Promise<void>,
  ) {
    this.#catalog = catalog;
    this.#entries = [...before];
    this.#settings = settings;
    this.close = close;
    for (const { infoHash } of before) this.#there.note(hashesOf(infoHash));
  }

  get folder(): string {
    return this.#settings.folder;
  }

  has({ source }: Found): boolean {
    return this.#there.has(idOf(source));
  }

  async add(planned: Planned, choice: { readonly output: string; readonly paused: boolean }): Promise<void> {
    const { found } = planned;
    const { source, infoHash } = found;
    this.#entries.push(importedEntry(planned, this.#settings, choice));
    this.#there.note(idOf(source));
    if (source.kind === 'magnet') return;
    this.#torrents.push({ infoHash, data: source.data });
    if (this.#torrents.length >= AT_ONCE) await this.#keep();
  }

  async finish(): Promise<void> {
    await this.#keep();
    await this.#catalog.write(this.#entries);
  }

  async #keep(): Promise<void> {
    const torrents = this.#torrents;
    this.#torrents = [];
    await this.#catalog.torrents.keep(torrents, () => {});
  }
}
