import { type Endpoint, formatEndpoint } from '../../base/endpoint.ts';
import { isWithin, type Scope, scopeOf } from '../../base/ip-scope.ts';
import { fewOfAMachine } from './few-of-a-machine.ts';

/** A peer that we are connected with and whose listening port is known. */
export interface LivePeer extends Endpoint {
  /** See `PEX_FLAG`. */
  readonly flags: number;
  readonly seed: boolean;
  /** `formatEndpoint` of it, and how far inside it lies; worked out once for all who are told. */
  readonly key: string;
  readonly scope: Scope;
}

export interface ExchangeSnapshot {
  readonly live: readonly LivePeer[];
  /** Who is told, and where it listens as far as that is known. */
  readonly receiver: Endpoint & { readonly seed: boolean };
  /** What it was told of, by `formatEndpoint`. */
  readonly told: ReadonlyMap<string, Endpoint>;
}

export interface ExchangePlan {
  readonly added: readonly LivePeer[];
  readonly dropped: readonly Endpoint[];
}

/** Most entries of either list (BEP 11); what does not fit is told a minute later. */
const MOST_TOLD = 50;

/**
 * What a peer is told of the others (BEP 11): those that came and those that went since the last time. Never of itself; a seed
 * of no seeds, as those would only dial each other; nobody of addresses that lie further inside than its own, such as private
 * ones to somebody in the internet.
 */
export function planExchange({ live, receiver, told }: ExchangeSnapshot): ExchangePlan {
  const scope = scopeOf(receiver.host) ?? 'global';
  const own = formatEndpoint(receiver);
  const fitting = new Map<string, LivePeer>();
  for (const peer of live) {
    if (peer.key === own || !isWithin(peer.scope, scope) || (peer.seed && receiver.seed)) continue;
    fitting.set(peer.key, peer);
  }
  const added: LivePeer[] = [];
  for (const [key, peer] of fitting) if (!told.has(key) && added.length < MOST_TOLD) added.push(peer);
  const dropped: Endpoint[] = [];
  for (const [key, peer] of told) if (!fitting.has(key) && dropped.length < MOST_TOLD) dropped.push(peer);
  return { added, dropped };
}

/** Messages within a minute that are read, that are borne, and how long that minute is: clients send one. */
const READ = 3;
const BORNE = 6;
const MINUTE = 60_000;

/** What becomes of a message of a peer that sent others at these times: `close` ends the connection (BEP 11). */
export function judgeMessage(times: readonly number[], now: number): 'read' | 'ignore' | 'close' {
  const lately = times.filter((at) => now - at < MINUTE).length;
  return lately < READ ? 'read' : lately < BORNE ? 'ignore' : 'close';
}

/** Most peers that one peer may name at once, and how many more each minute. */
const MOST_NAMED = 200;
const NAMED_A_MINUTE = 50;

/** How many peers somebody may still name that had `left` of its allowance `since` ms ago. */
export function allowance(left: number, since: number): number {
  return Math.min(MOST_NAMED, left + (since * NAMED_A_MINUTE) / MINUTE);
}

export const FULL_ALLOWANCE = MOST_NAMED;

/** Most peers of one machine in one message. */
const MOST_OF_A_MACHINE = 4;

/** The entries of a message that are looked at: each endpoint once, few of one machine. */
export function plausible<T extends Endpoint>(entries: readonly T[]): T[] {
  const seen = new Set<string>();
  const once = entries.filter((entry) => seen.size < seen.add(formatEndpoint(entry)).size);
  return fewOfAMachine(once, MOST_OF_A_MACHINE);
}
