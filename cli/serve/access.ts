import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { isWildcard } from '../../core/base/ip.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';

/** Wrong tokens in a row that an address may send before it has to wait. */
const FREE_TRIES = 5;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 15 * 60_000;
/** Addresses whose failures are remembered; beyond it all others share one count. */
const MAX_REMEMBERED = 1000;
/** Browsers that are let in at a time; the one that came first has to use the token again. */
const MAX_SESSIONS = 64;

interface Failures {
  count: number;
  until: number;
}

/** What a token was worth. `wait`: seconds until the address is listened to again. */
export type Admission = { readonly session: string } | 'wrong' | { readonly wait: number };

/** Who may use the served UI: whoever bears the token of the printed URL, and then its session's cookie. */
export class Access {
  readonly token: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #random: Pick<Random, 'bytes'>;
  readonly #sessions = new Set<string>();
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, 'now'>, random: Pick<Random, 'bytes'>) {
    this.#clock = clock;
    this.#random = random;
    this.token = this.#secret();
  }

  /** Exchanges a token for a session; too many wrong ones, and the address has to wait, right or wrong. */
  admit(token: string, address: string): Admission {
    const now = this.#clock.now();
    const key = this.#failures.has(address) || this.#failures.size < MAX_REMEMBERED ? address : '';
    const failures = this.#failures.get(key) ?? { count: 0, until: 0 };
    if (now < failures.until) return { wait: Math.ceil((failures.until - now) / 1000) };
    if (!sameSecret(token, this.token)) {
      failures.count++;
      const beyond = failures.count - FREE_TRIES;
      if (beyond >= 0) failures.until = now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** beyond);
      this.#failures.set(key, failures);
      return 'wrong';
    }
    this.#failures.delete(key);
    const session = this.#secret();
    this.#sessions.add(session);
    const [first] = this.#sessions;
    if (this.#sessions.size > MAX_SESSIONS && first !== undefined) this.#sessions.delete(first);
    return { session };
  }

  /** Whether a cookie header holds a session of ours under this name. */
  knows(cookies: string | undefined, name: string): boolean {
    for (const part of (cookies ?? '').split(';')) {
      const equals = part.indexOf('=');
      if (part.slice(0, equals).trim() === name && this.#sessions.has(part.slice(equals + 1).trim())) return true;
    }
    return false;
  }

  /** 32 bytes that nobody guesses. */
  #secret(): string {
    return Buffer.from(this.#random.bytes(32)).toString('base64url');
  }
}

/**
 * Whether a Host header is one that we serve under: a name that somebody else's DNS answers for with our address is
 * none (DNS rebinding). Fine are `localhost`, the name that we were started with, and the address that was connected to.
 */
export function isOurHost(header: string | undefined, started: string, localAddress: string | undefined): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/.exec(header ?? '');
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  if (name === '') return false;
  if (name === 'localhost' || name === started.toLowerCase()) return true;
  if (isIP(name) === 0) return false;
  // Listening everywhere we may stand behind an address that is not ours (a container's port); no DNS is in play there.
  return isWildcard(started) || name === plain(localAddress);
}

/** Whether an Origin header is the page's own: what a browser sends with every WebSocket, and no page can forge. */
export function isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** An IPv4 address that an IPv6 socket reports. */
function plain(address: string | undefined): string {
  return (address ?? '').toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}

/** In a time that does not tell how far they agree. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
