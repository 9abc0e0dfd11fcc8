import type { Socket } from 'node:net';
import type { Endpoint } from '../base/endpoint.ts';
import type { Millis } from '../base/ids.ts';
import type { CloseReason, Connection, ConnectionHandler, ProxyTalk } from '../ports/net.ts';
import type { Swept } from './net-sweep.ts';
import { Quiet, sweeper } from './net-sweep.ts';
import { reasonByProxy } from '../ports/proxy-reason.ts';

interface Limits {
  /** For a socket that is being connected. */
  readonly connectTimeout?: Millis;
  readonly silenceTimeout: Millis;
  readonly stuckTimeout: Millis;
}

/** A TCP connection over a socket of Node's. */
export class NodeConnection implements Connection, Swept {
  readonly outgoing: boolean;
  readonly remote: Endpoint;
  #local: Endpoint;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #state: 'connecting' | 'open' | 'ending' | 'over';
  #reason: CloseReason | undefined;
  /** The system did not take all that was written. */
  #waiting = false;
  #corked = false;
  #paused = false;
  readonly #connecting: Quiet | undefined;
  /** What is said to a proxy first; undefined: there is none, or it has done its part. */
  #talk: ProxyTalk | undefined;
  readonly #silence: Quiet;
  readonly #stuck: Quiet;
  #backlog = 0;
  /** One callback for all writes, as Node reports successive writes together that share one. */
  readonly #written = (error?: Error | null): void => (error ? undefined : this.#drained());

  constructor(socket: Socket, ends: { remote: Endpoint; local: Endpoint; outgoing: boolean }, limits: Limits) {
    this.#socket = socket;
    this.remote = ends.remote;
    this.#local = ends.local;
    this.outgoing = ends.outgoing;
    this.#state = ends.outgoing ? 'connecting' : 'open';
    this.#connecting = limits.connectTimeout === undefined ? undefined : new Quiet(limits.connectTimeout);
    this.#silence = new Quiet(limits.silenceTimeout);
    this.#stuck = new Quiet(limits.stuckTimeout);
    sweeper.add(this);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason ??= { kind: 'error', code: error.code ?? 'EIO' };
    });
    socket.on('end', () => {
      this.fail({ kind: 'remote' });
    });
    socket.on('close', () => this.#over());
  }

  /** Sets who hears of its events. A socket with `onread` passes its bytes to `received` itself. */
  attach(handler: ConnectionHandler, reads: 'onread' | 'events', up: 'connect' | 'secureConnect' = 'connect'): void {
    this.#handler = handler;
    if (reads === 'events') {
      this.#socket.on('data', (data: Buffer) => {
        this.received(data);
      });
    }
    if (this.#state !== 'connecting') return;
    this.#socket.once(up, () => {
      if (this.#state !== 'connecting') return;
      this.#local = {
        host: plainAddress(this.#socket.localAddress) ?? this.#local.host,
        port: this.#socket.localPort ?? 0,
      };
      if (this.#talk === undefined) this.#open();
      else this.#socket.write(this.#talk.begin());
    });
  }

  /** To be called before it is connected: it is with a proxy, and counts as connected when that has connected it with the target. */
  talkFirst(talk: ProxyTalk): void {
    this.#talk = talk;
  }

  #open(): void {
    this.#state = 'open';
    this.#handler?.connected?.(this);
  }

  /** The proxy answers. */
  #negotiate(talk: ProxyTalk, data: Uint8Array): void {
    const step = talk.received(data);
    if (step.kind === 'failed') return this.fail({ kind: 'error', code: step.code });
    if (step.kind === 'more') {
      if (step.send !== undefined) this.#socket.write(step.send);
      return;
    }
    this.#talk = undefined;
    this.#open();
    if (step.rest.length > 0) this.received(step.rest);
  }

  handOver(handler: ConnectionHandler): void {
    if (this.#handler !== undefined) this.#handler = handler;
  }

  get local(): Endpoint {
    return this.#local;
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  /** Bytes have come; false when no more are to be read for now. */
  received(data: Uint8Array): boolean {
    this.#silence.stir();
    if (this.#state === 'open') this.#handler?.data(this, data);
    else if (this.#state === 'connecting' && this.#talk !== undefined) this.#negotiate(this.#talk, data);
    return !this.#paused;
  }

  write(data: Uint8Array): boolean {
    if (this.#state === 'over' || this.#state === 'ending') return false;
    if (this.#socket.writableLength === 0) this.#stuck.stir();
    this.#socket.write(data, this.#written);
    this.#waiting = this.#socket.writableLength > 0;
    return !this.#waiting;
  }

  cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
  }

  uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#silence.stir();
    this.#socket.resume();
  }

  end(): void {
    if (this.#state === 'connecting') return this.destroy();
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#reason ??= { kind: 'local' };
    this.uncork();
    // What still comes is read and dropped until the other side ends too: closing with unread bytes would be a reset, by which the
    // last of our own bytes may be lost.
    this.resume();
    this.#stuck.stir();
    this.#socket.end();
  }

  destroy(): void {
    this.fail({ kind: 'local' });
  }

  /** Closes at once for this reason, unless it is closed already. */
  fail(reason: CloseReason): void {
    if (this.#state === 'over') return;
    this.#reason ??= reason;
    this.#state = 'over';
    this.#socket.destroy();
  }

  sweep(now: number): void {
    if (this.#state === 'over') return;
    if (this.#state === 'connecting') {
      if (this.#connecting?.over(now)) this.fail({ kind: 'timeout', what: 'connect' });
      return;
    }
    if (this.#paused) this.#silence.stir();
    else if (this.#silence.over(now)) return this.fail({ kind: 'timeout', what: 'silence' });
    const backlog = this.#unsent();
    if (backlog !== this.#backlog || (backlog === 0 && this.#state === 'open')) this.#stuck.stir();
    this.#backlog = backlog;
    if (this.#stuck.over(now)) this.fail({ kind: 'timeout', what: 'stuck' });
  }

  /** A number that changes with each byte that the system takes, where Node's handle tells, or else with each completed write. */
  #unsent(): number {
    const queued = this.#socket.writableLength;
    if (queued === 0) return 0;
    const socket: { readonly _handle?: { readonly writeQueueSize?: unknown } | null } = this.#socket as object;
    const inHandle = socket._handle?.writeQueueSize;
    return queued + (typeof inHandle === 'number' ? inHandle : 0);
  }

  #drained(): void {
    if (!this.#waiting || this.#socket.writableLength > 0 || this.#state !== 'open') return;
    this.#waiting = false;
    this.#handler?.drained?.(this);
  }

  #over(): void {
    this.#state = 'over';
    sweeper.delete(this);
    const handler = this.#handler;
    this.#handler = undefined;
    const reason = this.#reason ?? { kind: 'remote' };
    handler?.closed(this, this.#talk === undefined ? reason : reasonByProxy(reason, this.#talk));
  }
}

/** An address without the IPv4-in-IPv6 prefix that dual-stack sockets put before it. */
export function plainAddress(address: string | undefined): string | undefined {
  const mapped = address === undefined ? null : /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}
