import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpAnswerReader } from '../base/http-answer.ts';
import type { Scope } from '../base/ip-scope.ts';
import type { StopSignal } from '../base/stopper.ts';

/** Answers that lead elsewhere. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A request that is under way. `clean`: nothing came behind its answer. */
interface Asked {
  readonly reader: HttpAnswerReader;
  finish(error?: unknown, clean?: boolean): void;
}

/**
 * A connection with a server, which is asked one thing at a time. Its listeners stay: thousands of announces go over a few connections, and
 * to add and remove listeners for each costs as much as to read its answer.
 */
export class HttpConnection {
  readonly socket: Duplex;
  /** How far in the server lies, where that is known. */
  readonly scope: Scope | undefined;
  /** It ended; nobody is asking. */
  gone = (): void => {};
  #asked: Asked | undefined;

  constructor(socket: Duplex, scope: Scope | undefined) {
    this.socket = socket;
    this.scope = scope;
    socket
      .on('data', (data: Uint8Array) => this.#received(data))
      .on('end', () => this.#ended())
      .on('error', (error) => this.#asked?.finish(error))
      .on('close', () => this.#closed());
  }

  /** While it is kept for the next request the process does not live on for it; what comes then ends it. */
  rest(rests: boolean): void {
    if (!(this.socket instanceof Socket)) return;
    if (rests) this.socket.unref();
    else this.socket.ref();
  }

  /**
   * Sends a request and reads what comes until the answer is complete, or is a redirect, or the connection ends. Resolves to whether
   * nothing else came.
   */
  exchange(sent: Uint8Array, reader: HttpAnswerReader, signal: StopSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const stop = (): void => finish(signal.reason);
      const finish = (error?: unknown, clean = false): void => {
        this.#asked = undefined;
        signal.removeEventListener('abort', stop);
        if (error === undefined) resolve(clean);
        else reject(asError(error));
      };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.#asked = { reader, finish };
      // It may have ended while nobody looked.
      if (this.socket.destroyed) return this.#closed();
      this.socket.write(sent);
    });
  }

  #received(data: Uint8Array): void {
    const asked = this.#asked;
    if (asked === undefined) return void this.socket.destroy();
    const { reader } = asked;
    try {
      const taken = reader.push(data);
      const { head: got } = reader;
      const leads = got !== undefined && REDIRECTS.has(got.status) && got.headers.has('location');
      if (reader.done || leads) asked.finish(undefined, reader.done && taken === data.length);
    } catch (error) {
      asked.finish(error);
    }
  }

  #ended(): void {
    const asked = this.#asked;
    if (asked === undefined) return void this.socket.destroy();
    try {
      asked.reader.end();
      asked.finish();
    } catch (error) {
      asked.finish(error);
    }
  }

  #closed(): void {
    if (this.#asked === undefined) this.gone();
    else this.#asked.finish(new Error('the answer was cut off'));
  }
}

/** Why a signal was given: always an error here, but nothing says so. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('it was stopped', { cause: reason });
}
