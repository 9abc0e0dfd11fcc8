import { EnsembleError, failureOf } from '../../base/errors.ts';
import type { PeerId, TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions, QueueMove, Reopening } from '../../engine/engine.ts';
import { moved } from '../../engine/queue-order.ts';
import { isSameTorrent, type TorrentId } from '../../metainfo/torrent-id.ts';
import { Download } from '../download/download.ts';
import type { Origin } from '../download/source.ts';
import type { DownloadEnv } from '../download-env.ts';
import { linksOf } from '../run/links.ts';
import { placeOf } from '../folder/other-place.ts';
import { checkRoots } from '../folder/roots.ts';
import type { LimitSharing } from '../run/limit-sharing.ts';
import { newMembers } from '../run/member.ts';
import type { Queue } from '../queue/queue.ts';
import type { CatalogEntry } from './catalog.ts';
import type { CatalogKeeper, Turn } from './catalog-keeper.ts';

interface RosterOptions {
  readonly env: DownloadEnv;
  /** The list; nobody else writes to it. */
  readonly downloads: Map<TorrentKey, Download>;
  readonly limits: LimitSharing;
  /** Undefined: nothing is kept for the next run of the program. */
  readonly catalog: CatalogKeeper | undefined;
  /** Makes a new peer id each time (BEP 20). */
  readonly newPeerId: () => PeerId;
  /** Throws EnsembleError('interrupted') when the program ends. */
  checkOpen(): void;
}

/** How downloads come into the list of this program, from the user or from the catalog, and how they go. */
export class Roster {
  readonly #o: RosterOptions;
  /** Downloads whose torrent file or link could not be read, or that could not be removed: resumed they are read again. */
  readonly #unread = new Set<TorrentKey>();
  /** Of all in the list, as long as nobody comes or goes. */
  readonly #places = new Map<TorrentKey, number>();

  constructor(options: RosterOptions) {
    this.#o = options;
  }

  /** One that is there already gets the files that a link chooses besides; rejects where that adds none, or it cannot begin. */
  async add(origin: Origin, options: DownloadOptions): Promise<void> {
    const { downloads, env, checkOpen } = this.#o;
    checkOpen();
    const { key } = origin.id;
    const there = downloads.get(key) ?? sameIn(downloads.values(), origin.id);
    if (there?.wantAlso(origin) === true) return;
    if (there !== undefined) {
      throw new EnsembleError('in-use', `${origin.name ?? origin.infoHash} is being downloaded here already.`);
    }
    await this.#open(this.#make(origin, options, true));
    await env.keep();
    env.emit({ type: 'added', key });
  }

  /** A download that cannot go on stays in the list and says why. */
  async restore(entry: CatalogEntry, turn?: Turn): Promise<void> {
    const kept = await this.#o.catalog?.origin(entry);
    await turn?.before;
    this.#o.checkOpen();
    if (kept === undefined) return;
    const { origin, problem, owners } = kept;
    const download = this.#make(origin, entry.options, false, entry, owners);
    this.#enter(download);
    turn?.entered();
    if (problem !== undefined) {
      this.#unread.add(download.key);
      download.failed(problem.code, problem.message);
      return;
    }
    this.#unread.delete(download.key);
    await download.open().catch((error: unknown) => {
      const { code, message } = failureOf(error);
      download.failed(code, message);
    });
  }

  /** Its place in the list, from 0. */
  placeOf(key: TorrentKey): number {
    if (this.#places.size === 0) for (const one of this.#o.downloads.keys()) this.#places.set(one, this.#places.size);
    return this.#places.get(key) ?? 0;
  }

  /** Moves some in the list. */
  reorder(keys: readonly TorrentKey[], to: QueueMove, queue: Pick<Queue<Download>, 'counts' | 'reordered'>): void {
    const { downloads } = this.#o;
    // Where none of them is to be seen in the queue, each step counts.
    const anySeen = keys.some((key) => queue.counts(key));
    const order = moved([...downloads.keys()], new Set(keys), to, (key) => !anySeen || queue.counts(key));
    const all = new Map(downloads);
    downloads.clear();
    for (const key of order) {
      const one = all.get(key);
      if (one !== undefined) downloads.set(key, one);
    }
    this.#places.clear();
    queue.reordered();
  }

  /** Somebody may have put its torrent file right, or what kept its files from being removed. */
  resume(download: Download, waits: boolean): void | Promise<void> {
    if (!this.#unread.has(download.key)) return download.resume(waits);
    return this.restore({ ...download.entry, paused: false });
  }

  /** As if the user had removed it and added it again with another place: totals and date stay. */
  async reopen(download: Download, place: Reopening): Promise<void> {
    const { env } = this.#o;
    const { torrent, options, entry } = download;
    const { origin, info } = torrent;
    const changed =
      'reuse' in place
        ? { ...options, reuse: true }
        : { ...options, output: await placeOf(env.ports.disk, info, options, place), reuse: false };
    checkRoots(env.roots, changed);
    await download.close(false);
    const { result: _result, placed: _placed, times: _times, ...kept } = entry;
    const again = { ...kept, options: changed, paused: false };
    const next = this.#make({ ...origin, ...(info && { info }) }, changed, false, again, download.files.owners);
    this.#enter(next);
    if ('reuse' in place || !place.found) next.fetchMissing();
    this.#unread.delete(next.key);
    await next.open().catch((error: unknown) => {
      const { code, message } = failureOf(error);
      next.failed(code, message);
    });
    await env.keep();
    env.emit({ type: 'changed', key: next.key });
  }

  async remove(download: Download, data: boolean): Promise<void> {
    const { downloads, limits, catalog, env } = this.#o;
    const { key } = download;
    if (data) download.folders.expectPermitted();
    try {
      await download.close(data);
    } catch (error) {
      // It stays in the list and says why; the user can remove it again, or resume it.
      this.#unread.add(key);
      const { code, message } = failureOf(error);
      download.fail(code, message);
      throw error;
    }
    downloads.delete(key);
    this.#places.clear();
    limits.forget(key);
    this.#unread.delete(key);
    await catalog?.forget(download.torrent.infoHash);
    await env.keep();
    env.emit({ type: 'removed', key });
  }

  #make(origin: Origin, options: DownloadOptions, strict: boolean, kept?: CatalogEntry, owners?: Uint8Array): Download {
    const { env, newPeerId } = this.#o;
    const { interfaces, random } = env.ports;
    const members = newMembers(linksOf(interfaces, options, options.identities, strict), random, newPeerId);
    kept?.active?.forEach((before, index) => members[index]?.tookPart(before));
    // The front end has checked where a new download goes; a stored one may be from a run with other roots.
    const roots = { ...env.roots, strict: env.roots.strict && kept !== undefined };
    return new Download({ ...env, roots }, origin, options, members, kept, owners);
  }

  #enter(download: Download): void {
    this.#o.downloads.set(download.key, download);
    this.#places.clear();
    this.#o.limits.divide(download);
  }

  async #open(download: Download): Promise<void> {
    this.#enter(download);
    try {
      await download.open();
    } catch (error) {
      this.#o.downloads.delete(download.key);
      this.#places.clear();
      await download.close(false);
      throw error;
    }
  }
}

function sameIn(downloads: Iterable<Download>, id: TorrentId): Download | undefined {
  for (const download of downloads) if (isSameTorrent(download.torrent.id, id)) return download;
  return undefined;
}
