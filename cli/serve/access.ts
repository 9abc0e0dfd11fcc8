import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isWildcard } from '../../core/base/ip.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Random } from '../../core/ports/random.ts';

/** After this many wrong tokens in a row an address has to wait. */
const FREE_TRIES = 5;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 15 * 60_000;
/** Most addresses whose failures are remembered; the one that failed longest ago is forgotten first. */
const MAX_REMEMBERED = 1000;
/** Most browsers that are let in at a time; with more, the one that was used longest ago has to use the token again. */
const MAX_SESSIONS = 64;

interface Failures {
  count: number;
  until: number;
}

/** The answer to a token. `wait`: seconds until the address may try again. */
export type Admission = { readonly session: string } | 'wrong' | { readonly wait: number };

/** Decides who may use the served UI: whoever has the token of the printed URL, and then the session's cookie. */
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
   * 256 bits. Whoever sends many wrong ones has to wait, and is not reported any more.
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

  /** 32 random bytes, which nobody guesses. */
  #secret(): string {
    return Buffer.from(this.#random.bytes(32)).toString('base64url');
  }
}

/**
 * Whether we serve under the name of a Host header: `localhost`, the name that we were started with, or the address that was
 * connected to, but not a name that somebody else's DNS resolves to our address (DNS rebinding).
 */
export function isOurHost(header: string | undefined, started: string, localAddress: string | undefined): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/.exec(header ?? '');
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  if (name === '') return false;
  if (name === 'localhost' || name === started.toLowerCase()) return true;
  if (isIP(name) === 0) return false;
  // When we listen on all addresses, any address may lead to us (a container's port); no DNS is involved then.
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

/** Compares in a time that does not depend on where they differ. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Removes the oldest entries of a table until it has at most `most`. */
function dropFirst(table: Set<string> | Map<string, unknown>, most: number): void {
  const [first] = table.keys();
  if (table.size > most && first !== undefined) table.delete(first);
}
