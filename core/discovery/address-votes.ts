import { canonicalIp, familyOf } from '../base/ip.ts';
import { scopeOf } from '../base/ip-scope.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { Tally } from '../base/tally.ts';

/** Voters that are remembered, those that spoke last. */
const MAX_VOTERS = 64;

/**
 * How others see one local address: trackers (BEP 24), peers (`yourip`, BEP 10) and DHT nodes (BEP 42) each have one vote, which
 * their next one replaces. What most of them say counts; a lone liar changes nothing.
 */
export class AddressVotes {
  readonly #votes: Readonly<Record<4 | 6, Map<string, string>>> = { 4: new Map(), 6: new Map() };
  /** What `agreed` said since the last vote, as every torrent asks for it every second. */
  readonly #agreed = new Map<4 | 6, string | undefined>();

  /** `voter`: what one stranger cannot be twice, such as the name of a tracker or the network of a peer. */
  vote(voter: string, address: string): void {
    const ip = canonicalIp(address);
    // Whoever sees us at a private address stands in our own network.
    if (ip === undefined || scopeOf(ip) !== 'global') return;
    const family = familyOf(ip);
    const votes = this.#votes[family];
    votes.delete(voter);
    votes.set(voter, ip);
    keepNewest(votes, MAX_VOTERS);
    this.#agreed.delete(family);
  }

  /** What more than half of the voters say; undefined while they do not agree, or nobody spoke. */
  agreed(family: 4 | 6): string | undefined {
    if (!this.#agreed.has(family)) this.#agreed.set(family, majority(this.#votes[family]));
    return this.#agreed.get(family);
  }

  /** The local address has another way out now: what was said before does not count. */
  forget(): void {
    this.#votes[4].clear();
    this.#votes[6].clear();
    this.#agreed.clear();
  }
}

function majority(votes: ReadonlyMap<string, string>): string | undefined {
  const counts = new Tally<string>();
  for (const address of votes.values()) counts.count(address, 1);
  for (const address of counts.kinds) if (2 * counts.of(address) > votes.size) return address;
  return undefined;
}
