import { EnsembleError } from '../../base/errors.ts';
import type { CommandArgs, CommandResult } from '../contract.ts';
import type { MakingView } from '../views.ts';
import type { HostServices } from './services.ts';

/** Makes torrents of files, one at a time, as windows ask for. */
export class Makings {
  readonly #services: HostServices;
  #running: { readonly stop: AbortController; view: MakingView } | undefined;

  constructor(services: HostServices) {
    this.#services = services;
  }

  /** What is being made now. */
  get view(): MakingView | null {
    return this.#running?.view ?? null;
  }

  async make({ path, choices }: CommandArgs<'makeTorrent'>): Promise<CommandResult<'makeTorrent'>> {
    const { maker, folders, app } = this.#services;
    if (maker === undefined) throw new EnsembleError('usage', 'This program makes no torrents.');
    if (this.#running !== undefined) {
      throw new EnsembleError('in-use', 'Another torrent is being made: wait for it, or cancel it.');
    }
    if (app.roots.length > 0 && choices.links === 'follow') {
      throw new EnsembleError('usage', 'Links may lead out of the shared folders: they are not followed here.');
    }
    const running = { stop: new AbortController(), view: { path, done: 0, length: 0 } };
    this.#running = running;
    try {
      const source = await folders.permit(path);
      return await maker.make(
        source,
        choices,
        (done, length) => (running.view = { path, done, length }),
        running.stop.signal,
      );
    } finally {
      this.#running = undefined;
    }
  }

  cancel(): void {
    this.#running?.stop.abort(new EnsembleError('interrupted', 'Nothing was made.'));
  }
}
