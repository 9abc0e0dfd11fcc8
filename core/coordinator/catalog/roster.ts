import { EnsembleError, failureOf, messageOf } from '../../base/errors.ts';
import type { PeerId, TorrentKey } from '../../base/ids.ts';
import type { Brought, DownloadChanges, DownloadOptions, QueueMove, Reopening } from '../../engine/engine.ts';
import { moved } from '../../engine/queue-order.ts';
import { wantAlso } from '../download/choice-changed.ts';
import { Download } from '../download/download.ts';
import { checkPrivate } from '../download/private-choice.ts';
import { beginMove, cancelMove, filesAfterMove, type MovedFiles, takeBack } from '../download/move-download.ts';
import { finishRenaming, renamePath } from '../download/rename-files.ts';
import { expectUnmoved, type MoveEnd } from '../download/relocation.ts';
import type { Origin } from '../download/source.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Links } from '../links/links.ts';
import { linksOf } from '../run/links.ts';
import { choosesLinks, withOtherLinks } from '../run/other-links.ts';
import { placeOf } from '../folder/other-place.ts';
import { checkRoots } from '../folder/roots.ts';
import type { LimitSharing } from '../run/limit-sharing.ts';
import { newMembers } from '../run/member.ts';
import type { Queue } from '../queue/queue.ts';
import { type CatalogEntry, checkOptions } from './catalog.ts';
import type { CatalogKeeper, Turn } from './catalog-keeper.ts';
import { TorrentsByHash } from './torrents-by-hash.ts';

interface RosterOptions {
  readonly env: DownloadEnv;
  /** The list; nobody else writes to it. */
  readonly downloads: Map<TorrentKey, Download>;
  readonly limits: LimitSharing;
  readonly links: Pick<Links, 'follow'>;
  /** Undefined: nothing is kept for the next run of the program. */
  readonly catalog: CatalogKeeper | undefined;
  /** Makes a new peer id each time (BEP 20). */
  readonly newPeerId: () => PeerId;
  /** Runs a task on a download after the commands on it so far. */
  inTurn(key: TorrentKey, task: () => Promise<void>): Promise<void>;
  /** Throws EnsembleError('interrupted') when the program ends. */
  checkOpen(): void;
}

/** How downloads come into the list of this program, from the user or from the catalog, and how they go. */
export class Roster {
  readonly #o: RosterOptions;
  /** Downloads whose torrent file or link could not be read, or that could not be removed: resumed they are read again. */
  readonly #unread = new Set<TorrentKey>();
  readonly #byHash = new TorrentsByHash<Download>();
  /** For downloads that the front end has checked. */
  readonly #anywhere: DownloadEnv;
  /** Of all in the list, as long as nobody comes or goes. */
  readonly #places = new Map<TorrentKey, number>();

  constructor(options: RosterOptions) {
    this.#o = options;
    const { env } = options;
    this.#anywhere = env.roots.strict ? { ...env, roots: { ...env.roots, strict: false } } : env;
  }

  /** One that is there already gets the files that a link chooses besides; rejects where that adds none, or it cannot begin. */
  async add(origin: Origin, options: DownloadOptions, brought?: Brought): Promise<void> {
    const { downloads, env, checkOpen } = this.#o;
    checkOpen();
    const { key } = origin.id;
    const there = downloads.get(key) ?? this.#byHash.find(origin.id);
    if (there !== undefined && wantAlso(there, origin)) return;
    if (there !== undefined) {
      throw new EnsembleError('in-use', `${origin.name ?? origin.infoHash} is being downloaded here already.`);
    }
    const kept = brought && { infoHash: origin.infoHash, options, paused: options.paused, ...brought };
    await this.#open(this.#make(origin, options, true, kept));
    await env.keep();
    env.emit({ type: 'added', key });
  }

  /** A download that cannot go on stays in the list and says why. */
  async restore(entry: CatalogEntry, turn?: Turn): Promise<void> {
    const { env } = this.#o;
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
    if (entry.moving === undefined) return openOrFail(download);
    void this.#move(download).catch((error: unknown) =>
      env.emit({ type: 'log', key: download.key, level: 'error', message: messageOf(error) }),
    );
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
    if (this.#unread.has(download.key)) return this.restore({ ...download.entry, paused: false });
    if (download.state === 'failed' && download.relocation.record !== undefined) {
      return void this.#move(download).catch(() => {});
    }
    return download.resume(waits);
  }

  /** As if the user had removed it and added it again with another place: totals and date stay. */
  async reopen(moving: Download, place: Reopening): Promise<void> {
    const { env } = this.#o;
    const download = await this.#settled(moving);
    const { torrent, options } = download;
    const changed =
      'reuse' in place
        ? { ...options, reuse: true }
        : { ...options, output: await placeOf(env.ports.disk, torrent.info, options, place), reuse: false };
    checkRoots(env.roots, changed);
    await this.#replace(download, { options: changed, paused: false, files: {} }, (next) => {
      if ('reuse' in place || !place.found) next.fetchMissing();
    });
  }

  /** See `Engine.move`: resolves, once it has begun, to its end. */
  async move(download: Download, output: string): Promise<{ readonly done: Promise<void> }> {
    const { state, options, error } = download;
    checkRoots(this.#o.env.roots, { ...options, output });
    this.#expectFree(download, 'move it');
    if (state === 'missing-files') throw new EnsembleError('usage', error?.message ?? 'Its files are missing.');
    return { done: output === options.output ? Promise.resolve() : this.#move(download, output) };
  }

  /** See `Engine.rename`. */
  rename(download: Download, path: string, name: string): Promise<string> {
    this.#expectRead(download);
    return renamePath(download, path, name);
  }

  /** Throws EnsembleError('in-use') for one of which nothing runs until it is resumed. */
  #expectRead({ key, torrent }: Download): void {
    if (this.#unread.has(key)) throw new EnsembleError('in-use', `${torrent.name} has failed: resume it first.`);
  }

  /** Also for one whose files are being moved or put together. `what`: to be done when that is over. */
  #expectFree(download: Download, what: string): void {
    expectUnmoved(download);
    this.#expectRead(download);
    if (download.state !== 'assembling') return;
    throw new EnsembleError('in-use', `${download.torrent.name} is being assembled: ${what} when that is over.`);
  }

  /** Begins a move, or goes on with one, and puts the download where it ended. Rejects where that is not the new place. */
  async #move(download: Download, output?: string): Promise<void> {
    const move = beginMove(download, output);
    const end = await move;
    const { error, left } = download.relocation;
    // Else nobody would close what is opened there: the next run goes on from what is recorded.
    if (!left) await this.#o.inTurn(download.key, () => this.#ended(download, move));
    if (end !== 'arrived') throw error;
  }

  async #ended(download: Download, move: Promise<MoveEnd>): Promise<void> {
    const end = await move;
    const { options, relocation, files, paused } = download;
    const { record } = relocation;
    if (!relocation.settle(move) || end === 'stuck') return;
    const sameFolders = (next: Download): void => next.folders.asSeenBy(download);
    if (end === 'back' || record === undefined) {
      return this.#replace(download, { options, paused, files }, sameFolders);
    }
    const moved = await filesAfterMove(download);
    // Files may be replaced where the user has seen them, not in another place.
    const there = { ...options, output: record.to, reuse: false };
    await this.#replace(download, { options: there, paused, files: moved }, sameFolders);
  }

  /**
   * Cancels a move that goes on, and ends a renaming that was cut short, as far as the disk lets it; resolves to the download as it is in
   * the list then.
   */
  async #settled(moving: Download): Promise<Download> {
    const { underWay } = moving.relocation;
    if (underWay !== undefined) {
      cancelMove(moving);
      await this.#ended(moving, underWay);
    }
    const download = this.#o.downloads.get(moving.key) ?? moving;
    await finishRenaming(download).catch(() => undefined);
    return download;
  }

  /** Another object for the same download with other files or options: totals and date stay. */
  async #replace(
    download: Download,
    { options, paused, files }: Pick<CatalogEntry, 'options' | 'paused'> & { readonly files: MovedFiles },
    prepare: (next: Download) => void = () => {},
  ): Promise<void> {
    const { env } = this.#o;
    const { origin, given: info } = download.torrent;
    await download.close(false);
    const { result: _1, placed: _2, times: _3, moving: _4, renaming: _5, ...kept } = download.entry;
    const { result, placed, times } = files;
    const again = {
      ...kept,
      options,
      paused,
      ...(result && { result }),
      ...(placed && { placed }),
      ...(times && { times }),
    };
    const next = this.#make({ ...origin, ...(info && { info }) }, options, false, again, download.files.owners);
    this.#enter(next);
    prepare(next);
    this.#unread.delete(next.key);
    await openOrFail(next);
    await env.keep();
    env.emit({ type: 'changed', key: next.key });
  }

  /** Rejects with EnsembleError('usage') for changes that cannot be. */
  async change(download: Download, changes: DownloadChanges): Promise<void> {
    if (choosesLinks(changes)) return this.#relink(download, changes);
    checkOptions({ ...download.options, ...changes });
    download.change(changes);
    this.#o.limits.divide(download);
  }

  /** By other links, each of which there has to be: as many identities go on, others begin anew with what is there. */
  async #relink(download: Download, changes: DownloadChanges): Promise<void> {
    const { env, links, limits } = this.#o;
    const { torrent, paused, files } = download;
    const options = withOtherLinks(download.options, changes);
    checkOptions(options);
    linksOf({ interfaces: env.ports.interfaces, named: env.named, strict: true }, options, options.identities);
    if (torrent.info !== undefined) checkPrivate(torrent.info, options);
    torrent.priorities(options);
    if (options.identities === download.options.identities) {
      const { links: named, bind, proxies } = options;
      download.change({ ...changes, links: named, bind, proxies });
      links.follow(download);
      limits.divide(download);
      return;
    }
    this.#expectFree(download, 'choose its links');
    links.follow(download);
    await this.#replace(download, { options, paused, files }, (next) => next.folders.asSeenBy(download));
  }

  async remove(moving: Download, data: boolean): Promise<void> {
    const { limits, catalog, env } = this.#o;
    const download = await this.#settled(moving);
    const { key } = download;
    if (download.relocation.record !== undefined) await takeBack(download);
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
    this.#forget(download);
    limits.forget(key);
    this.#unread.delete(key);
    await catalog?.forget(download.torrent.infoHash);
    await env.keep();
    env.emit({ type: 'removed', key });
  }

  #make(origin: Origin, options: DownloadOptions, strict: boolean, kept?: CatalogEntry, owners?: Uint8Array): Download {
    const { env, newPeerId } = this.#o;
    const { interfaces, random } = env.ports;
    const links = linksOf({ interfaces, named: env.named, strict }, options, options.identities);
    const members = newMembers(links, random, newPeerId);
    kept?.active?.forEach((before, index) => members[index]?.tookPart(before));
    // The front end has checked where a new download goes; a stored one may be from a run with other roots.
    const strictly = env.roots.strict && kept !== undefined;
    return new Download(strictly ? env : this.#anywhere, origin, options, members, kept, owners);
  }

  #enter(download: Download): void {
    const { downloads, limits } = this.#o;
    const { key } = download;
    const before = downloads.get(key);
    if (before !== undefined) this.#byHash.delete(before);
    // The last of thousands that come one after the other changes no other's place.
    else if (this.#places.size === downloads.size) this.#places.set(key, downloads.size);
    downloads.set(key, download);
    this.#byHash.add(download);
    limits.divide(download);
  }

  #forget(download: Download): void {
    this.#o.downloads.delete(download.key);
    this.#byHash.delete(download);
    this.#places.clear();
  }

  async #open(download: Download): Promise<void> {
    this.#enter(download);
    try {
      await download.open();
    } catch (error) {
      this.#forget(download);
      await download.close(false);
      throw error;
    }
  }
}

async function openOrFail(download: Download): Promise<void> {
  await download.open().catch((error: unknown) => {
    const { code, message } = failureOf(error);
    download.failed(code, message);
  });
}
