import { keepNewest } from '../base/keep-newest.ts';
import type { HttpConnection } from './http-connection.ts';

/** How long a connection that nobody uses is kept, in ms: less than the 5 s after which common servers close theirs. */
const KEEP = 4000;
/** Most that are kept for one server, and in all. */
const MOST_AT_ONE = 8;
const MOST = 64;
const MOST_REMEMBERED = 256;

/** Connections that have served a request and may serve another one to the same server from the same address. */
export class KeptConnections {
  readonly #now: () => number;
  readonly #kept = new Map<string, Set<HttpConnection>>();
  /** What ends each that was ever kept, once nobody has used it for long. */
  readonly #timers = new WeakMap<HttpConnection, NodeJS.Timeout>();
  /** When each server was asked last. */
  readonly #asked = new Map<string, number>();
  #count = 0;

  /** `now`: milliseconds of any origin. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a server is asked often enough that its connections are worth keeping. To be asked once for each request. */
  isBusy(server: string): boolean {
    const now = this.#now();
    const before = this.#asked.get(server);
    this.#asked.delete(server);
    this.#asked.set(server, now);
    keepNewest(this.#asked, MOST_REMEMBERED);
    return before !== undefined && now - before < KEEP;
  }

  /** One that stands as far as is known, and is not kept any more. */
  take(server: string): HttpConnection | undefined {
    const [first] = this.#kept.get(server) ?? [];
    if (first === undefined) return undefined;
    this.#forget(server, first);
    first.rest(false);
    return first;
  }

  /** What comes on it before it is taken again ends it. */
  keep(server: string, connection: HttpConnection): void {
    const { socket } = connection;
    const own = this.#kept.get(server) ?? new Set();
    if (own.size >= MOST_AT_ONE || this.#count >= MOST || socket.destroyed) return void socket.destroy();
    own.add(connection);
    this.#kept.set(server, own);
    this.#count++;
    connection.rest(true);
    this.#endLate(server, connection);
  }

  #endLate(server: string, connection: HttpConnection): void {
    const known = this.#timers.get(connection);
    if (known !== undefined) return void known.refresh();
    // One that is in use then is kept anew, or ends by itself.
    const late = (): void => {
      if (this.#kept.get(server)?.has(connection) === true) connection.socket.destroy();
    };
    const timer = setTimeout(late, KEEP).unref();
    this.#timers.set(connection, timer);
    connection.gone = () => {
      clearTimeout(timer);
      this.#forget(server, connection);
    };
  }

  #forget(server: string, connection: HttpConnection): void {
    const own = this.#kept.get(server);
    if (own?.delete(connection) !== true) return;
    this.#count--;
    if (own.size === 0) this.#kept.delete(server);
  }
}
