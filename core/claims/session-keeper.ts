import { EnsembleError } from '../base/errors.ts';
import { millis, type Millis } from '../base/ids.ts';
import { BucketError } from '../ports/buckets.ts';
import type { Timer } from '../ports/clock.ts';
import { type SessionOptions, StoreSession } from './store-session.ts';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;
/** A server that is full is asked again this often. */
const FULL_WAIT = millis(10_000);
/** For this long somebody who is about to stop waits for a server. */
const HURRY = millis(2000);

export interface SessionKeeperOptions extends SessionOptions {
  /** For people. */
  readonly store: string;
  /** Called with each session, before anybody else uses it. */
  joined(session: StoreSession): Promise<void>;
  /** `isOver`: it is usable again. */
  onTrouble(text: string, isOver: boolean): void;
}

/** Keeps a session with the store: where one ends it opens the next, however long that takes, and what was begun is done there. */
export class SessionKeeper {
  readonly #o: SessionKeeperOptions;
  #session: StoreSession | undefined;
  #opening: Promise<StoreSession> | undefined;
  /** What is told to people: why it is away; undefined: it is there. */
  #trouble: string | undefined;
  #opened = false;
  /** Somebody is about to stop: what cannot be done soon is not done. */
  #hurried: Timer | undefined;
  #closed = false;
  readonly #wakers = new Set<() => void>();

  constructor(options: SessionKeeperOptions) {
    this.#o = options;
  }

  /** The session that was there last. */
  get latest(): StoreSession | undefined {
    return this.#session;
  }

  /** Why the store cannot be used now, for people; undefined: it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves to a session that stands. Rejects with EnsembleError where none ever will, or after `hurry` where none stands soon. */
  async ready(): Promise<StoreSession> {
    if (this.#session?.over === false) return this.#session;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** Does something with a session, and again with the next one where that ended meanwhile. */
  async do<T>(task: (session: StoreSession) => Promise<T>): Promise<T> {
    for (;;) {
      const session = await this.ready();
      try {
        const result = await Promise.race([task(session), session.broken]);
        this.#isBack();
        return result;
      } catch (error) {
        await this.#bear(error, session);
      }
    }
  }

  /** Waits, but no longer than somebody who is about to stop may. */
  async pause(span: Millis): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        timer.cancel();
        resolve();
      };
      const timer = this.#o.clock.after(this.#hurried !== undefined ? millis(Math.min(span, FIRST_WAIT)) : span, wake);
      this.#wakers.add(wake);
    });
  }

  hurry(): void {
    if (this.#hurried !== undefined) return;
    this.#hurried = this.#o.clock.after(HURRY, () => this.#stopWaiting());
    for (const wake of this.#wakers) wake();
  }

  close(): void {
    this.#hurried?.cancel();
    this.#stopWaiting();
    this.#session?.end();
  }

  /** A session that stands may still be used, but no other is opened. */
  #stopWaiting(): void {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
  }

  async #open(): Promise<StoreSession> {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      if (this.#closed) throw new EnsembleError('interrupted', `The ${this.#o.store} is away.`);
      let session: StoreSession | undefined;
      try {
        session = await StoreSession.open(this.#o);
        await Promise.race([this.#o.joined(session), session.broken]);
        this.#session = session;
        this.#opened = true;
        this.#isBack();
        return session;
      } catch (error) {
        session?.end();
        await this.#bear(error, session);
      }
      await this.pause(millis(wait));
    }
  }

  /** Waits where that may help; throws where it cannot. */
  async #bear(error: unknown, session: StoreSession | undefined): Promise<void> {
    if (!(error instanceof BucketError)) throw error;
    const { store } = this.#o;
    if (this.#closed) throw new EnsembleError('interrupted', `The ${store} is away: ${error.message}.`);
    if (error.kind === 'refused' && !this.#opened) throw new EnsembleError('network', `The ${store} ${error.message}.`);
    if (error.kind === 'full') {
      this.#say(`The ${store} has no room: nothing new can be claimed or told there until it has.`);
      await this.pause(FULL_WAIT);
      return;
    }
    session?.end(error);
    this.#say(`The ${store} cannot be used (${error.message}): going on with what is claimed, and waiting for it.`);
  }

  #say(text: string): void {
    if (this.#trouble === text || (this.#trouble !== undefined && !text.includes('no room'))) return;
    this.#trouble = text;
    this.#o.onTrouble(text, false);
  }

  #isBack(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#o.onTrouble(`The ${this.#o.store} is back.`, true);
  }
}
