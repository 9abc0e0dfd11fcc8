import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import type { Link } from './net-link.ts';

/** Most bytes under way that the other side has not taken: what the buffers of two kernels hold. */
const WINDOW = 1 << 18;
/** What a buffer is filled with after the call that lent it, so that whoever kept it is found out. */
const SCRIBBLE = 0xdd;

type Parcel = { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'end'; readonly code?: string };

/** One end of a simulated stream connection. */
export class SimConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly outgoing: boolean;
  handler: ConnectionHandler | undefined;
  peer: SimConnection | undefined;
  #state: 'new' | 'open' | 'ending' | 'closed' = 'new';
  #queue: Uint8Array[] = [];
  #queued = 0;
  #corked = false;
  #paused = false;
  #waiting = false;
  #underWay = 0;
  #departing = false;
  #inbox: Parcel[] = [];
  #lastIn: number;
  #lastOut: number;
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #farLink: Link;
  readonly #timers = new Map<string, Timer>();
  readonly #unhook: (() => void)[] = [];
  readonly #ended: (connection: SimConnection) => void;

  constructor(
    clock: Clock,
    ends: { local: Endpoint; remote: Endpoint; outgoing: boolean; link: Link; farLink: Link },
    ended: (connection: SimConnection) => void,
  ) {
    this.#clock = clock;
    this.local = ends.local;
    this.remote = ends.remote;
    this.outgoing = ends.outgoing;
    this.#link = ends.link;
    this.#farLink = ends.farLink;
    this.#ended = ended;
    this.#lastIn = this.#lastOut = clock.now();
  }

  get queued(): number {
    return this.#queued;
  }

  handOver(handler: ConnectionHandler): void {
    this.handler = handler;
  }

  /** The connection is established: time-outs begin, and queued bytes leave. */
  open(silenceTimeout: number, stuckTimeout: number): void {
    this.#state = 'open';
    this.#lastIn = this.#lastOut = this.#clock.now();
    this.#watch(silenceTimeout, 'silence', () => (this.#paused ? this.#clock.now() : this.#lastIn));
    this.#watch(stuckTimeout, 'stuck', () => (this.#queued === 0 ? this.#clock.now() : this.#lastOut));
    for (const link of [this.#link, this.#farLink]) {
      this.#unhook.push(
        link.onPassing(() => {
          this.#clock.soon(() => this.#take());
          this.#pump();
        }),
      );
    }
    this.#pump();
  }

  write(data: Uint8Array): boolean {
    if (this.#state !== 'new' && this.#state !== 'open') return false;
    if (this.#queued === 0) this.#lastOut = this.#clock.now();
    if (data.length > 0) this.#queue.push(data);
    this.#queued += data.length;
    this.#pump();
    this.#waiting = this.#queued > 0;
    return !this.#waiting;
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#pump();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastIn = this.#clock.now();
    this.#clock.soon(() => this.#take());
  }

  end(): void {
    if (this.#state === 'new') return this.destroy();
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#corked = false;
    this.#pump();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    if (this.peer) this.#send({ kind: 'end' });
    this.#close({ kind: 'local' });
  }

  /** Breaks it at both ends at once, as a reset does. */
  reset(code: string): void {
    const peer = this.peer;
    this.fail({ kind: 'error', code });
    peer?.fail({ kind: 'error', code });
  }

  /** Ends this side alone. */
  fail(reason: CloseReason): void {
    this.#close(reason);
  }

  #watch(timeout: number, what: 'silence' | 'stuck', since: () => number): void {
    const check = (): void => {
      if (this.#state === 'closed') return;
      const left = since() + timeout - this.#clock.now();
      if (left > 0) {
        this.#timers.set(what, this.#clock.after(millis(left), check));
        return;
      }
      if (this.peer) this.#send({ kind: 'end', code: 'ECONNRESET' });
      this.#close({ kind: 'timeout', what });
    };
    check();
  }

  /** Sends as long as the line is free and the other side takes it. */
  #pump(): void {
    if (this.#state !== 'open' && this.#state !== 'ending') return;
    while (!this.#departing && !this.#corked && this.#queued > 0 && this.#underWay < WINDOW && this.#link.passing) {
      const chunk = this.#cut();
      this.#underWay += chunk.length;
      this.#lastOut = this.#clock.now();
      this.#link.sent += chunk.length;
      // As a system does: what it has taken is its own copy.
      this.#send({ kind: 'data', bytes: chunk.slice() });
    }
    if (this.#queued > 0) return;
    if (this.#waiting) {
      this.#waiting = false;
      this.#clock.soon(() => this.#state === 'open' && this.handler?.drained?.(this));
    }
    if (this.#state === 'ending' && !this.#departing) this.destroy();
  }

  /** Puts a parcel on the line; it reaches the other side in order. */
  #send(parcel: Parcel): void {
    const peer = this.peer;
    const bytes = parcel.kind === 'data' ? parcel.bytes.length : 0;
    const wait = this.#link.up.book(bytes);
    const latency = this.#link.latency + this.#farLink.latency;
    const arrive = (): void => {
      this.#clock.after(millis(this.#farLink.down.book(bytes)), () => {
        if (!peer || peer.#state === 'closed') return;
        peer.#inbox.push(parcel);
        peer.#take();
      });
    };
    if (wait === 0) {
      this.#clock.after(millis(latency), arrive);
      return;
    }
    this.#departing = true;
    this.#clock.after(millis(wait), () => {
      this.#departing = false;
      this.#clock.after(millis(latency), arrive);
      this.#pump();
    });
  }

  /** Hands over what has come, as far as this side reads. */
  #take(): void {
    while (this.#state === 'open' || this.#state === 'ending') {
      if (this.#paused || !this.#link.passing || !this.#farLink.passing) return;
      const parcel = this.#inbox.shift();
      if (parcel === undefined) return;
      if (parcel.kind === 'end') {
        this.#close(parcel.code === undefined ? { kind: 'remote' } : { kind: 'error', code: parcel.code });
        return;
      }
      this.#lastIn = this.#clock.now();
      if (this.#state === 'open') this.handler?.data(this, parcel.bytes);
      const peer = this.peer;
      if (peer) {
        peer.#underWay -= parcel.bytes.length;
        peer.#pump();
      }
      parcel.bytes.fill(SCRIBBLE);
    }
  }

  #cut(): Uint8Array {
    const out = new Uint8Array(Math.min(this.#link.up.turn, this.#queued));
    let filled = 0;
    while (filled < out.length) {
      const head = this.#queue[0];
      if (head === undefined) break;
      const part = head.subarray(0, out.length - filled);
      out.set(part, filled);
      filled += part.length;
      if (part.length === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(part.length);
    }
    this.#queued -= filled;
    return out;
  }

  #close(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#queue = [];
    this.#queued = 0;
    this.#inbox = [];
    for (const timer of this.#timers.values()) timer.cancel();
    for (const unhook of this.#unhook) unhook();
    this.#ended(this);
    this.#clock.soon(() => this.handler?.closed(this, reason));
  }
}
