import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isWildcard } from '../../core/base/ip.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';

/** Wrong tokens in a row after which an address is told to wait. */
const FREE_TRIES = 5;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 15 * 60_000;
/** Addresses whose failures are remembered; beyond it the one that failed longest ago is forgotten. */
const MAX_REMEMBERED = 1000;
/** Browsers that are let in at a time; the one that was used longest ago has to use the token again. */
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

  /**
   * Exchanges a token for a session. A right one always passes: nobody can keep the user out by guessing, and nobody guesses
   * 256 bits. Whoever sends many wrong ones is told to wait, and is heard of no more.
   */
  admit(token: string, address: string): Admission {
    if (sameSecret(token, this.token)) {
      this.#failures.delete(address);
      const session = this.#secret();
      this.#sessions.add(session);
      dropFirst(this.#sessions, MAX_SESSIONS);
      return { session };
    }
    const now = this.#clock.now();
    const failures = this.#failures.get(address) ?? { count: 0, until: 0 };
    if (now < failures.until) return { wait: Math.ceil((failures.until - now) / 1000) };
    failures.count++;
    const beyond = failures.count - FREE_TRIES;
    if (beyond >= 0) failures.until = now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** beyond);
    this.#failures.delete(address);
    this.#failures.set(address, failures);
    dropFirst(this.#failures, MAX_REMEMBERED);
    return 'wrong';
  }

  /** Whether a cookie header holds a session of ours under this name. */
  knows(cookies: string | undefined, name: string): boolean {
    for (const part of (cookies ?? '').split(';')) {
      const equals = part.indexOf('=');
      const session = part.slice(equals + 1).trim();
      if (part.slice(0, equals).trim() !== name || !this.#sessions.delete(session)) continue;
      this.#sessions.add(session);
      return true;
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

/**
 * Whether a page of another site made a browser send this, also one of another port of this machine. Browsers say so with
 * each request to this machine (Sec-Fetch-Site), with WebSockets, forms and calls (Origin), and mostly else (Referer); a
 * program that is no browser says nothing, nor does a browser of what was typed into its address bar.
 */
export function isFromOtherSite(headers: IncomingHttpHeaders): boolean {
  const { host, origin, referer } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin !== undefined) return !isOurOrigin(origin, host);
  return referer !== undefined && !isOurOrigin(/^\w+:\/\/[^/?#]*/.exec(referer)?.[0], host);
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

/** Makes room in what remembers in order. */
function dropFirst(table: Set<string> | Map<string, unknown>, most: number): void {
  const [first] = table.keys();
  if (table.size > most && first !== undefined) table.delete(first);
}
