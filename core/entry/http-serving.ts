import { messageOf } from '../base/errors.ts';
import type { TorrentKey } from '../base/ids.ts';
import type { ServingService } from '../bridge/host/services.ts';
import type { Engine } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';
import { NodeRandom } from '../node/random.ts';
import { type FileServer, serveFiles } from './file-server.ts';

type HttpSetting = Settings['http'];

/** Bytes of the secret that all paths are made of. */
const SECRET = 32;
const NONE: readonly string[] = [];

/** Serves the files of all downloads by HTTP, where the settings say so. */
export class HttpServing implements ServingService {
  readonly #engine: Engine;
  #server: FileServer | undefined;
  #urls = NONE;
  readonly #known = new Map<TorrentKey, string>();
  /** Changes come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** As the program begins: where it cannot listen, that is a warning, as all else goes on. */
  async start(http: HttpSetting, warn: (text: string) => void): Promise<void> {
    await this.set(http).catch((error: unknown) => warn(messageOf(error)));
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  urlOf(key: TorrentKey): string | null {
    if (this.#server === undefined) return null;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [url = null] = this.#server.keptUrls(key);
    if (url !== null) this.#known.set(key, url);
    return url;
  }

  set(http: HttpSetting): Promise<HttpSetting> {
    const next = this.#turn.then(() => this.#set(http));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#end();
  }

  async #set(wanted: HttpSetting): Promise<HttpSetting> {
    const secret = wanted.secret ?? Buffer.from(new NodeRandom().bytes(SECRET)).toString('base64url');
    const http = wanted.on ? { ...wanted, secret } : wanted;
    const before = this.#server;
    // The same port cannot be listened at twice.
    await this.#end();
    if (!http.on) return http;
    try {
      this.#server = await serveFiles(this.#engine, { ...http, secret });
    } catch (error) {
      if (before !== undefined) this.#server = await before.again().catch(() => undefined);
      throw error;
    } finally {
      this.#urls = this.#server?.bases ?? NONE;
    }
    return http;
  }

  async #end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#urls = NONE;
    this.#known.clear();
    await server?.close();
  }
}
