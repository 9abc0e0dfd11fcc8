import { messageOf } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { rawPartsOf } from '../metainfo/raw-info.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Http, HttpRequest } from '../ports/http.ts';
import { agendaOf } from './agenda.ts';
import { fetchTorrent } from './fetch-torrent.ts';

/** Where no address gave the torrent, all are asked again after this time, and then after twice as long, up to the most. */
const AGAIN = 60_000;
const MOST = 3_600_000;

export interface LinkedTorrentsOptions {
  readonly ports: { readonly http: Http; readonly clock: Clock };
  /** Where a magnet link says that its .torrent file is (`xs`, `as`). */
  readonly urls: readonly string[];
  /** Ask from this local address, or not at all. */
  readonly address: string | undefined;
  /** An info dictionary came, perhaps with piece layers, from such a torrent file; false where it is not the one that the link names. */
  take(rawInfo: Uint8Array, layers: Uint8Array | undefined, file: Uint8Array): boolean;
  /** Called once for each address that does not give it. */
  warn(text: string): void;
}

/** Fetches the metadata of a magnet link from where the link says that the .torrent file is, one address after the other. */
export class LinkedTorrents {
  readonly #o: LinkedTorrentsOptions;
  readonly #warned = new Set<string>();
  #stop: AbortController | undefined;
  #timer: Timer | undefined;
  #wait = AGAIN;

  constructor(options: LinkedTorrentsOptions) {
    this.#o = options;
  }

  start(): void {
    if (this.#stop !== undefined || this.#o.urls.length === 0) return;
    this.#stop = new AbortController();
    void this.#ask(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#timer?.cancel();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { ports, urls, address, take } = this.#o;
    for (const url of urls) {
      try {
        const found = await fetchTorrent({ clock: ports.clock, http: outwards(ports.http) }, url, address, signal);
        if (signal.aborted) return;
        if (found.kind === 'magnet') {
          this.#warn(url, `${url} leads to a magnet link, and not to a torrent file.`);
          continue;
        }
        const parts = rawPartsOf(found.data);
        if (parts !== undefined && take(parts.info, parts.layers, found.data)) return this.stop();
        this.#warn(url, `${url} has another torrent than the link names.`);
      } catch (error) {
        if (signal.aborted) return;
        this.#warn(url, messageOf(error));
      }
    }
    this.#timer = agendaOf(ports.clock).after(millis(this.#wait), () => void this.#ask(signal));
    this.#wait = Math.min(MOST, 2 * this.#wait);
  }

  #warn(url: string, text: string): void {
    if (this.#warned.has(url)) return;
    this.#warned.add(url);
    this.#o.warn(text);
  }
}

/** As for web seeds, nothing with a query is asked for inside a private network: a link could work a device there. */
function outwards(http: Http): Http {
  const limited = <R extends HttpRequest>(request: R): R =>
    request.innermost === undefined && request.url.includes('?') ? { ...request, innermost: 'global' } : request;
  return { get: (request) => http.get(limited(request)), post: (request) => http.post(limited(request)) };
}
