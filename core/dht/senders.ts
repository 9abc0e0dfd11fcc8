import { type Millis, bytesPerSecond, millis } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';
import { TokenBucket } from '../base/token-bucket.ts';

const WINDOW = millis(10_000);
const MAX_IN_WINDOW = 50;
const MUTED_FOR = millis(5 * 60_000);
/** Senders that are counted at a time. */
const MAX_SENDERS = 1000;
const LOOKED_AT = 20;
/** What is read of strangers in all, so that a flood from many addresses costs little. */
const MAX_RATE = bytesPerSecond(64 * 1024);

interface Sender {
  count: number;
  /** End of the window, or of being muted. */
  until: number;
  muted: boolean;
}

/** Decides which unasked datagrams are read at all: a sender of too many is not heard for a while, and all together have a limit. */
export class Senders {
  readonly #senders = new Map<string, Sender>();
  readonly #rate: TokenBucket;

  constructor(now: Millis) {
    this.#rate = new TokenBucket(MAX_RATE, now);
  }

  /** How many are not heard now. */
  muted(now: Millis): number {
    let count = 0;
    for (const sender of this.#senders.values()) if (sender.muted && sender.until > now) count++;
    return count;
  }

  isMuted(host: string, port: number, now: Millis): boolean {
    const sender = this.#senders.get(keyOf(host, port));
    return sender !== undefined && sender.muted && sender.until > now;
  }

  /** Counts a datagram of `size` bytes; false: drop it. */
  admit(host: string, port: number, size: number, now: Millis): boolean {
    const key = keyOf(host, port);
    const sender = this.#senders.get(key) ?? this.#add(key, now);
    if (now >= sender.until) {
      sender.count = 0;
      sender.muted = false;
      sender.until = now + WINDOW;
    }
    if (sender.muted) return false;
    if (++sender.count > MAX_IN_WINDOW) {
      sender.muted = true;
      sender.until = now + MUTED_FOR;
      return false;
    }
    if (this.#rate.wait(size, now) > 0) return false;
    this.#rate.spend(size, now);
    return true;
  }

  /** The one counted longest makes room; a muted one only where there is nobody else among the first few. */
  #add(key: string, now: Millis): Sender {
    if (this.#senders.size >= MAX_SENDERS) {
      let out: string | undefined;
      let looked = 0;
      for (const [other, { muted, until }] of this.#senders) {
        out ??= other;
        if (muted && until > now && ++looked < LOOKED_AT) continue;
        if (!muted || until <= now) out = other;
        break;
      }
      if (out !== undefined) this.#senders.delete(out);
    }
    const sender: Sender = { count: 0, until: now + WINDOW, muted: false };
    this.#senders.set(key, sender);
    return sender;
  }
}

/** All programs of this machine share its loopback addresses. */
function keyOf(host: string, port: number): string {
  return isLoopback(host) ? `${host} ${port}` : networkOf(host);
}
