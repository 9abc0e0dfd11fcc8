import { createHash } from 'node:crypto';
import type { KeptAccessFile, KeptSession } from '../../core/engine/access.ts';
import { millis } from '../../core/base/ids.ts';
import { keepNewest } from '../../core/base/keep-newest.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';
import { Attempts } from './attempts.ts';
import { sameSecret } from './same-secret.ts';

/** Most browsers that are let in at a time; with more, the one that was used longest ago has to use the token again. */
const MAX_SESSIONS = 64;
/** A browser that did not come for so long (seconds) has to use the token again. */
export const SESSION_SECONDS = 30 * 24 * 3600;
const MAX_IDLE = SESSION_SECONDS * 1000;
/** How exactly (ms) it is kept when a session was last used: nothing is written for each request. */
const USE_STEP = 24 * 3600 * 1000;
/** Most passwords that are compared or wait for it at a time. */
const MAX_COMPARING = 8;
/** Characters of 32 bytes in base64url. */
const SECRET_LENGTH = 43;

/** The answer to a token. `wait`: seconds until the address may try again. */
export type Admission = { readonly session: string } | 'wrong' | { readonly wait: number };

/** What decides besides the token of the printed URL. */
export interface KeptAccess {
  /** That token, where the user chose one; undefined: a new one at each start. */
  readonly token?: string | undefined;
  /** Compares with the user's password; undefined: there is none. */
  readonly isPassword?: ((text: string) => Promise<boolean>) | undefined;
  /** The sessions of earlier runs, the one that was used longest ago first. */
  readonly sessions?: Readonly<KeptAccessFile['sessions']>;
  /** Called with those of this run when they change. */
  readonly keep?: (sessions: readonly KeptSession[]) => void;
}

/**
 * Decides who may use the served UI: whoever has the token of the printed URL or the user's password, and then the session's
 * cookie. Of sessions only hashes are known here, so that they can be kept.
 */
export class Access {
  readonly token: string;
  readonly #random: Pick<Random, 'bytes'>;
  readonly #kept: KeptAccess;
  readonly #clock: Pick<Clock, 'wall'>;
  /** When each session was last used, about, by its hash; the one that was used longest ago first. */
  readonly #sessions: Map<string, number>;
  readonly #attempts: Attempts;
  /** Passwords that are being compared, or wait for that. */
  #comparing = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Pick<Clock, 'now' | 'wall'>, random: Pick<Random, 'bytes'>, kept: KeptAccess = {}) {
    this.#attempts = new Attempts(clock);
    this.#clock = clock;
    this.#random = random;
    this.#kept = kept;
    const now = clock.wall();
    this.#sessions = new Map(
      (kept.sessions ?? [])
        .slice(-MAX_SESSIONS)
        // Of those of version 1 it is not known: their time begins now.
        .map((one) => (typeof one === 'string' ? [one, now] : [one.hash, Math.min(one.used, now)])),
    );
    this.token = kept.token ?? this.#secret();
  }

  /** All sessions, the one that was used longest ago first. */
  get sessions(): readonly KeptSession[] {
    return Array.from(this.#sessions, ([hash, used]) => ({ hash, used: millis(used) }));
  }

  /**
   * Exchanges a token for a session. A right one always passes: nobody can keep the user out by guessing, and nobody guesses
   * 256 bits. Whoever sends many wrong ones has to wait, and is not reported any more.
   */
  admit(token: string, address: string): Admission {
    const verdict = this.judge(token, address);
    return verdict === 'right' ? this.#letIn(address) : verdict;
  }

  /** The same for one connection, without a session. */
  judge(token: string, address: string): 'right' | Exclude<Admission, { readonly session: string }> {
    if (sameSecret(token, this.token)) {
      this.#attempts.right(address);
      return 'right';
    }
    const wait = this.#attempts.wait(address);
    return wait === 0 ? this.#wrong(address) : { wait };
  }

  /**
   * The same for what somebody typed: the token, or the password. As passwords can be guessed, whoever has to wait is not heard, and few are
   * compared at a time.
   */
  async enter(secret: string, address: string): Promise<Admission> {
    const { isPassword } = this.#kept;
    if (sameSecret(secret, this.token)) return this.#letIn(address);
    const wait = this.#attempts.wait(address);
    if (wait > 0) return { wait };
    if (isPassword === undefined) return this.#wrong(address);
    if (this.#comparing >= MAX_COMPARING) return { wait: 1 };
    this.#comparing++;
    // One after the other, as each takes much memory.
    const turn = this.#turn.then(() => isPassword(secret));
    this.#turn = turn.catch(() => undefined);
    try {
      const right = await turn;
      // Others of the same address may have been wrong meanwhile.
      const late = this.#attempts.wait(address);
      if (late > 0) return { wait: late };
      return right ? this.#letIn(address) : this.#wrong(address);
    } finally {
      this.#comparing--;
    }
  }

  #letIn(address: string): Admission {
    this.#attempts.right(address);
    const session = this.#secret();
    this.#sessions.set(hashOf(session), this.#clock.wall());
    keepNewest(this.#sessions, MAX_SESSIONS);
    this.#kept.keep?.(this.sessions);
    return { session };
  }

  #wrong(address: string): 'wrong' {
    this.#attempts.wrong(address);
    return 'wrong';
  }

  /** The session of ours that a cookie header holds under this name, which counts as used. */
  session(cookies: string | undefined, name: string): string | undefined {
    for (const part of (cookies ?? '').split(';')) {
      const equals = part.indexOf('=');
      if (part.slice(0, equals).trim() !== name) continue;
      const text = part.slice(equals + 1).trim();
      if (text.length !== SECRET_LENGTH) continue;
      const session = hashOf(text);
      const used = this.#sessions.get(session);
      if (used === undefined) continue;
      const now = this.#clock.wall();
      this.#sessions.delete(session);
      if (now - used > MAX_IDLE) continue;
      const isLater = now - used >= USE_STEP;
      this.#sessions.set(session, isLater ? now : used);
      if (isLater) this.#kept.keep?.(this.sessions);
      return text;
    }
    return undefined;
  }

  /** 32 random bytes, which nobody guesses. */
  #secret(): string {
    return Buffer.from(this.#random.bytes(32)).toString('base64url');
  }
}

/** What is kept of a session. It has 256 random bits, so that no salt is needed. */
function hashOf(session: string): string {
  return createHash('sha256').update(session).digest('base64url');
}
