import { canonicalIp, familyOf } from '../base/ip.ts';
import { scopeOf } from '../base/ip-scope.ts';

/** Voters that are remembered, those that spoke last. */
const MAX_VOTERS = 64;

/**
 * How others see one local address: trackers (BEP 24), peers (`yourip`, BEP 10) and DHT nodes (BEP 42) each have one vote, which
 * their next one replaces. What most of them say counts; a lone liar changes nothing.
 */
export class AddressVotes {
  readonly #votes: Readonly<Record<4 | 6, Map<string, string>>> = { 4: new Map(), 6: new Map() };

  /** `voter`: what one stranger cannot be twice, such as the name of a tracker or the network of a peer. */
  vote(voter: string, address: string): void {
    const ip = canonicalIp(address);
    // Whoever sees us at a private address stands in our own network.
    if (ip === undefined || scopeOf(ip) !== 'global') return;
    const votes = this.#votes[familyOf(ip)];
    votes.delete(voter);
    votes.set(voter, ip);
    for (const first of votes.keys()) if (votes.size > MAX_VOTERS) votes.delete(first);
  }

  /** What more than half of the voters say; undefined while they do not agree, or nobody spoke. */
  agreed(family: 4 | 6): string | undefined {
    const votes = this.#votes[family];
    const counts = new Map<string, number>();
    for (const address of votes.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    for (const [address, count] of counts) if (2 * count > votes.size) return address;
    return undefined;
  }

  /** The local address has another way out now: what was said before does not count. */
  forget(): void {
    this.#votes[4].clear();
    this.#votes[6].clear();
  }
}
