import { type Millis, millis } from '../base/ids.ts';

/** What comes from an address that we asked so lately proves nothing: a router lets it in as an answer. */
const ASKED_LATELY = millis(5 * 60_000);
const MAX_ASKED = 4096;
/** How long we answer without being asked by strangers, before we say that we are read-only. */
const TRIAL = millis(30 * 60_000);
/** After so long as read-only we try again. */
const RETRY = millis(6 * 3_600_000);
/** With fewer answers to our own questions the silence may have other reasons. */
const LEAST_ANSWERS = 30;

/**
 * Finds out whether others reach us unasked. Where they do not, we are read-only (BEP 43): others need not keep us in their tables,
 * and ask us in vain.
 */
export class Reachability {
  #known: boolean | undefined;
  /** Where we asked, and when, the latest at the end. */
  readonly #asked = new Map<string, Millis>();
  #answers = 0;
  #readOnly = false;
  /** Since when the present trial, or being read-only, lasts. */
  #since: Millis;

  constructor(now: Millis) {
    this.#since = now;
  }

  get readOnly(): boolean {
    return this.#known === undefined ? this.#readOnly : !this.#known;
  }

  /** Somebody else knows (a port mapping, a connection that came in); undefined: nobody does. */
  told(known: boolean | undefined): void {
    this.#known = known;
  }

  /** All begins anew: we are somewhere else. */
  forget(now: Millis): void {
    this.#try(now);
    this.#asked.clear();
  }

  asked(host: string, now: Millis): void {
    this.#asked.delete(host);
    this.#asked.set(host, now);
    for (const [oldest, at] of this.#asked) {
      if (this.#asked.size <= MAX_ASKED && now - at < ASKED_LATELY) break;
      this.#asked.delete(oldest);
    }
  }

  answered(): void {
    this.#answers++;
  }

  /** Somebody asked us something. */
  heard(host: string, now: Millis): void {
    const at = this.#asked.get(host);
    if (at === undefined || now - at >= ASKED_LATELY) this.#try(now);
  }

  pump(now: Millis): void {
    if (this.#readOnly) {
      if (now - this.#since >= RETRY) this.#try(now);
    } else if (now - this.#since >= TRIAL && this.#answers >= LEAST_ANSWERS) {
      this.#readOnly = true;
      this.#since = now;
    }
  }

  /** Reached just now, or to be tried again: from here on we wait for the next sign. */
  #try(now: Millis): void {
    this.#readOnly = false;
    this.#since = now;
    this.#answers = 0;
  }
}
