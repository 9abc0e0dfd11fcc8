import { EnsembleError, messageOf } from '../../base/errors.ts';
import { type IdentityIndex, type Millis, millis } from '../../base/ids.ts';
import {
  type AboutDownloads,
  type DhtFromIdentity,
  MESSAGES_VERSION,
  type ToIdentity,
} from '../../identity/messages.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import { parseFromIdentity } from '../../identity/validate.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ChildProcessHandle, ProcessHost } from '../../ports/process-host.ts';
import { RestartPolicy } from './restart-policy.ts';

const PING_EVERY = millis(2000);
/** Nobody is asked whether he is there who said something less than this ago: an answer to every other look is enough. */
const SILENT = millis(3000);
/** A process without an answer for this long counts as hanging, and is killed. Time in which we did not run ourselves does not count. */
const HANG_AFTER = millis(10_000);
/** A process that does not become ready in time counts as dead. */
const START_WITHIN = millis(30_000);

/** Hears of the process that hosts identity i of every download. */
export interface SlotListener {
  /** It is ready: give it its downloads. */
  up(index: IdentityIndex): void;
  /** By it the processes know each other's announces in the local network (BEP 14). */
  readonly cookie: string;
  /** It died, was killed, or ended as it was told to. After a death it is started again unless `gaveUp`. */
  down(index: IdentityIndex, gaveUp: boolean): void;
  message(index: IdentityIndex, message: AboutDownloads | DhtFromIdentity): void;
  warn(text: string): void;
}

/** One identity process under supervision: started on demand, watched by a heartbeat, restarted with a growing delay. */
export class ProcessSlot {
  readonly index: IdentityIndex;
  restarts = 0;
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  readonly #listener: SlotListener;
  readonly #policy = new RestartPolicy();
  #child: ChildProcessHandle | undefined;
  #ready = false;
  #wanted = false;
  #restart: Timer | undefined;
  #heartbeat: Timer | undefined;
  #lastHeard: Millis = millis(0);
  #pings = 0;
  #limits: RateLimits;
  /** Its end, when it was asked to: whoever asks again waits for the same. */
  #ending: Promise<void> | undefined;
  #ended: (() => void) | undefined;

  constructor(index: IdentityIndex, host: ProcessHost, clock: Clock, limits: RateLimits, listener: SlotListener) {
    this.index = index;
    this.#host = host;
    this.#clock = clock;
    this.#limits = limits;
    this.#listener = listener;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Whether its process exists, ready or not. */
  get running(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Makes it run. If it was given up, this is a new try. */
  start(): void {
    this.#wanted = true;
    if (this.#child === undefined && this.#restart === undefined) {
      this.#policy.forget();
      this.#spawn();
    }
  }

  /** False where it is not ready: then nothing is sent. */
  post(message: ToIdentity): boolean {
    if (!this.#ready || this.#child === undefined) return false;
    this.#child.post(message);
    return true;
  }

  setLimits(limits: RateLimits): void {
    if (limits.down === this.#limits.down && limits.up === this.#limits.up) return;
    this.#limits = limits;
    this.post({ type: 'limits', limits });
  }

  /** Ends it at once; supervision starts it again. */
  kill(): void {
    this.#child?.kill();
  }

  /** Lets it leave its downloads and end; it is killed if that takes longer than `within`. */
  stop(within: Millis): Promise<void> {
    this.#wanted = false;
    this.#restart?.cancel();
    this.#restart = undefined;
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    this.#ending ??= this.#end(child, within);
    return this.#ending;
  }

  async #end(child: ChildProcessHandle, within: Millis): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    if (!this.post({ type: 'stop' })) child.kill();
    // Nothing more is sent to it, but its messages are still handled.
    this.#ready = false;
    const deadline = this.#clock.after(within, () => child.kill());
    await ended;
    deadline.cancel();
  }

  #spawn(): void {
    let child: ChildProcessHandle;
    try {
      child = this.#host.spawn('identity', `identity ${this.index}`);
    } catch (error) {
      this.#listener.warn(`The process of identity ${this.index + 1} could not be started: ${messageOf(error)}`);
      this.#died();
      return;
    }
    this.#child = child;
    this.#lastHeard = this.#clock.now();
    child.onMessage((message) => {
      if (this.#child === child) this.#received(child, message);
    });
    child.onExit(() => {
      if (this.#child === child) this.#died();
    });
    // It was started ahead of time, and is dead already.
    if (this.#child !== child) return;
    child.post({
      type: 'start',
      version: MESSAGES_VERSION,
      identity: this.index,
      limits: this.#limits,
      cookie: this.#listener.cookie,
    });
    this.#heartbeat = this.#clock.every(PING_EVERY, () => this.#beat(child));
  }

  #beat(child: ChildProcessHandle): void {
    const silent = this.#clock.now() - this.#lastHeard;
    if (silent > (this.#ready ? HANG_AFTER : START_WITHIN)) {
      this.#listener.warn(
        `The process of identity ${this.index + 1} has not answered for ${Math.round(silent / 1000)} s: it is ended.`,
      );
      child.kill();
    } else if (this.#ready && silent >= SILENT) child.post({ type: 'ping', n: this.#pings++ });
  }

  #received(child: ChildProcessHandle, raw: unknown): void {
    this.#lastHeard = this.#clock.now();
    try {
      const message = parseFromIdentity(raw);
      switch (message.type) {
        case 'ready':
          return this.#becameReady(message.version);
        case 'fault':
          return this.#listener.warn(`In the process of identity ${this.index + 1}: ${message.message}`);
        case 'pong':
        case 'stopped':
          // That it says something is all that matters; its end is seen.
          return;
        default:
          this.#listener.message(this.index, message);
      }
    } catch (error) {
      if (!(error instanceof EnsembleError)) throw error;
      // It can no longer be relied on, and is started again.
      this.#listener.warn(error.message);
      child.kill();
    }
  }

  #becameReady(version: number): void {
    if (version !== MESSAGES_VERSION) {
      throw new EnsembleError(
        'newer-version',
        `Identity ${this.index + 1} speaks version ${version} of the messages, not ${MESSAGES_VERSION}: install one version.`,
      );
    }
    this.#ready = true;
    this.#listener.up(this.index);
  }

  #died(): void {
    this.#heartbeat?.cancel();
    this.#child = undefined;
    this.#ready = false;
    this.#ended?.();
    this.#ended = undefined;
    const asked = this.#ending !== undefined;
    this.#ending = undefined;
    if (asked) {
      if (this.#wanted) this.#spawn();
      this.#listener.down(this.index, false);
      return;
    }
    if (!this.#wanted) return;
    const delay = this.#policy.died(this.#clock.now());
    if (delay !== undefined) {
      this.restarts++;
      this.#restart = this.#clock.after(delay, () => {
        this.#restart = undefined;
        this.#spawn();
      });
    } else this.#wanted = false;
    this.#listener.down(this.index, delay === undefined);
  }
}
