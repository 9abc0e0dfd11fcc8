import { scopeOf } from '../base/ip-scope.ts';
import { formatIp } from '../base/ip.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { type Family } from './contract.ts';
import { addressBytes, subnetOf } from './compact.ts';

/** Voters whose last vote counts. */
const MAX_VOTERS = 40;
/** Votes that it takes to believe in a first address. */
const FIRST_VOTES = 4;
/** Votes that it takes to believe in another one. */
const OTHER_VOTES = 10;

/**
 * How others see our address (BEP 42). Each network has one vote, its last one; more than half of them decide on a first address,
 * and more than two thirds on another one, so that a few liars change nothing.
 */
export class ExternalAddress {
  readonly #family: Family;
  /** What each voter said last, in the order in which they first voted. */
  readonly #votes = new Map<string, string>();
  #address: string | undefined;

  constructor(family: Family) {
    this.#family = family;
  }

  /** Undefined: not enough of them agree. */
  get address(): string | undefined {
    return this.#address;
  }

  /** `compact`: what `voter` says, an address with a port behind it or without. */
  vote(compact: Uint8Array, voter: string): void {
    const size = addressBytes(this.#family);
    if (compact.length !== size && compact.length !== size + 2) return;
    const said = formatIp(compact.subarray(0, size));
    // Within a private network everybody sees us at an address that means nothing elsewhere.
    if (scopeOf(said) !== 'global') return;
    const network = subnetOf(voter);
    this.#votes.set(network, said);
    keepNewest(this.#votes, MAX_VOTERS);
    if (said === this.#address) return;
    let same = 0;
    for (const one of this.#votes.values()) if (one === said) same++;
    const total = this.#votes.size;
    const enough =
      this.#address === undefined
        ? same >= FIRST_VOTES && same * 2 > total
        : same >= OTHER_VOTES && same * 3 > total * 2;
    if (enough) this.#address = said;
  }

  /** We are somewhere else: nothing of what was said counts any more. */
  forget(): void {
    this.#votes.clear();
    this.#address = undefined;
  }
}
