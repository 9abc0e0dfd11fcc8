import type { TorrentKey } from '../core/base/ids.ts';
import type { DownloadOptions, Engine } from '../core/engine/engine.ts';
import type { FileServer } from '../core/entry/file-server.ts';
import { formatMagnet } from '../core/metainfo/magnet.ts';
import type { Torrent } from '../core/metainfo/torrent.ts';
import type { Backend } from './backend.ts';
import type { Reporter } from './output/reporter.ts';

/** `--http`: while a command runs, others fetch the files of its download from here (BEP 19). */
export class WebServing {
  readonly #backend: Backend;
  readonly #engine: Engine;
  readonly #at: DownloadOptions['http'];
  #server: Pick<FileServer, 'seedUrls' | 'close'> | undefined;

  constructor(backend: Backend, engine: Engine, { http }: Pick<DownloadOptions, 'http'>) {
    this.#backend = backend;
    this.#engine = engine;
    this.#at = http;
  }

  /** Does nothing without the option. Says where the files are, and of a torrent that is not private a magnet link that says it too. */
  async start(key: TorrentKey, reporter: Reporter, torrent: Torrent | undefined): Promise<void> {
    if (this.#at === undefined) return;
    const { secret, ...at } = this.#at;
    this.#server = await this.#backend.serveFiles(this.#engine, at);
    const urls = this.#server.seedUrls(key, secret);
    const shown = torrent === undefined || torrent.info.private ? undefined : torrent;
    const magnet = shown && formatMagnet({ ...shown, webSeeds: [...shown.webSeeds, ...urls] });
    reporter.result(
      { event: 'web-seed', urls, ...(magnet !== undefined && { magnet }) },
      [`Its files are served as a web seed at ${urls.join(' and ')}`, ...(magnet === undefined ? [] : [magnet])].join(
        '\n',
      ),
    );
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}
