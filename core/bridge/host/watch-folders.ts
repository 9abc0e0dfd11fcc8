import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { EnsembleError, messageOf } from '../../base/errors.ts';
import { type Pasted, readPasted } from '../../base/pasted.ts';
import type { Source } from '../../engine/engine.ts';
import type { WatchFolder } from '../../engine/settings.ts';
import type { Notice } from '../contract.ts';
import { addUnasked } from './add-unasked.ts';
import type { CommandTable } from './commands.ts';
import type { DroppedFile, HostServices } from './services.ts';

/** A look in so many seconds. */
const EVERY = 3;
const MAX_LINKS_BYTES = 1024 * 1024;
/** Most files that one look adds: the others follow with the next. */
const MOST_AT_ONCE = 100;

/**
 * Adds torrent files, and files with links, that appear in the folders of the settings. One look at a time goes over all of them; a file
 * counts as whole once two looks in a row find the same size and time. What is wrong is told once.
 */
export class WatchFolders {
  readonly #services: HostServices;
  readonly #commands: Pick<CommandTable, 'preview' | 'add' | 'fetchTorrent'>;
  readonly #notify: (notice: Notice) => void;
  #seconds = 0;
  #looking = false;
  /** Files as the last look found them, by path. */
  #last = new Map<string, string>();
  /** Files, as they were, that are dealt with: added, or no good. */
  #done: ReadonlySet<string> | undefined;
  /** What was said of a folder that cannot be looked at. */
  readonly #told = new Map<string, string>();

  constructor(
    services: HostServices,
    commands: Pick<CommandTable, 'preview' | 'add' | 'fetchTorrent'>,
    notify: (notice: Notice) => void,
  ) {
    this.#services = services;
    this.#commands = commands;
    this.#notify = notify;
  }

  /** To be called once a second. */
  everySecond(): void {
    const { drops, settings } = this.#services;
    if (drops === undefined || settings.current.watchFolders.length === 0) return;
    if (this.#seconds++ % EVERY !== 0 || this.#looking) return;
    this.#looking = true;
    void this.#look(settings.current.watchFolders)
      .catch((error: unknown) => this.#say(messageOf(error)))
      .finally(() => (this.#looking = false));
  }

  async #look(folders: readonly WatchFolder[]): Promise<void> {
    const { drops } = this.#services;
    if (drops === undefined) return;
    const before = (this.#done ??= new Set(await drops.remembered()));
    const found = new Map<string, string>();
    const done = new Set<string>();
    const ready: { readonly watch: WatchFolder; readonly file: DroppedFile; readonly mark: string }[] = [];
    for (const watch of folders) {
      const files = await this.#filesIn(watch.folder);
      // Of a folder that is away for a while nothing is forgotten.
      if (files === undefined) for (const mark of before) if (mark.startsWith(`${watch.folder}/`)) done.add(mark);
      for (const file of files ?? []) {
        const path = `${watch.folder}/${file.name}`;
        const mark = `${path}\n${file.size}\n${file.modified}`;
        found.set(path, mark);
        if (before.has(mark)) done.add(mark);
        else if (this.#last.get(path) === mark && file.size > 0) ready.push({ watch, file, mark });
      }
    }
    this.#last = found;
    for (const { watch, file, mark } of ready.slice(0, MOST_AT_ONCE)) {
      done.add(mark);
      await this.#take(watch, file).catch((error: unknown) =>
        this.#say(`${watch.folder}/${file.name} was not added: ${messageOf(error)}`),
      );
    }
    this.#done = done;
    if (done.size !== before.size || [...done].some((mark) => !before.has(mark))) await drops.remember([...done]);
  }

  async #filesIn(folder: string): Promise<readonly DroppedFile[] | undefined> {
    const { drops, folders } = this.#services;
    try {
      await folders.permit(folder);
      const files = await drops?.list(folder);
      this.#told.delete(folder);
      return files;
    } catch (error) {
      const message = messageOf(error);
      if (this.#told.get(folder) !== message) this.#say(`${folder} cannot be watched: ${message}`);
      this.#told.set(folder, message);
      return undefined;
    }
  }

  async #take(watch: WatchFolder, { name }: DroppedFile): Promise<void> {
    const { drops, engine } = this.#services;
    if (drops === undefined) return;
    const path = `${watch.folder}/${name}`;
    // What a download brought here is no wish of the user's.
    if (engine.downloads().some(({ result }) => result?.includes(path))) return;
    const isTorrent = /\.torrent$/i.test(name);
    const data = await drops.read(watch.folder, name, isTorrent ? MAX_TORRENT_BYTES : MAX_LINKS_BYTES);
    if (isTorrent) await this.#add(watch, { kind: 'torrent', data });
    else {
      const { found } = readPasted(new TextDecoder().decode(data));
      if (found.length === 0) throw new EnsembleError('invalid-torrent', 'no link in it names a torrent.');
      for (const link of found) await this.#add(watch, await this.#sourceOf(link));
    }
    if (watch.rename) await drops.setAside(watch.folder, name);
  }

  #sourceOf(link: Pasted): Source | Promise<Source> {
    return link.kind === 'magnet' ? link : this.#commands.fetchTorrent({ url: link.url });
  }

  async #add(watch: WatchFolder, source: Source): Promise<void> {
    await addUnasked(this.#services, this.#commands, source, watch);
  }

  #say(message: string): void {
    this.#notify({ kind: 'error', key: null, name: null, message });
  }
}
