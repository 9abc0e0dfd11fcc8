import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Scope } from '../base/ip-scope.ts';
import { keepNewest } from '../base/keep-newest.ts';

/** How long a connection that nobody uses is kept, in ms: less than the 5 s after which common servers close theirs. */
const KEEP = 4000;
/** Most that are kept for one server, and in all. */
const MOST_AT_ONE = 8;
const MOST = 64;
const MOST_REMEMBERED = 256;

/** A connection with a server, and how far in that lies, where it is known. */
export interface Connected {
  readonly socket: Duplex;
  readonly scope: Scope | undefined;
}

/** Connections that have served a request and may serve another one to the same server from the same address. */
export class KeptConnections {
  readonly #now: () => number;
  readonly #kept = new Map<string, Map<Connected, () => void>>();
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
  take(server: string): Connected | undefined {
    const [first] = this.#kept.get(server) ?? [];
    if (first === undefined) return undefined;
    const [connected, forget] = first;
    forget();
    if (connected.socket instanceof Socket) connected.socket.ref();
    return connected;
  }

  /** What comes on it before it is taken again ends it. Somebody must hear of its errors. */
  keep(server: string, connected: Connected): void {
    const { socket } = connected;
    const own = this.#kept.get(server) ?? new Map<Connected, () => void>();
    if (own.size >= MOST_AT_ONE || this.#count >= MOST || socket.destroyed) return void socket.destroy();
    const end = (): unknown => socket.destroy();
    const timer = setTimeout(end, KEEP).unref();
    const forget = (): void => {
      if (!own.delete(connected)) return;
      this.#count--;
      if (own.size === 0) this.#kept.delete(server);
      clearTimeout(timer);
      socket.off('data', end).off('end', end).off('close', forget);
    };
    own.set(connected, forget);
    this.#kept.set(server, own);
    this.#count++;
    if (socket instanceof Socket) socket.unref();
    socket.on('data', end).on('end', end).on('close', forget);
  }
}
