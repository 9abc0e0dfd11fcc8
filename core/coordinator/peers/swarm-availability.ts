import { type Millis, millis, type TorrentKey } from '../../base/ids.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import type { Member } from '../run/member.ts';
import type { Team } from '../run/team.ts';

const SHARE_EVERY = millis(2000);

/** Sums what the identities see of the swarm, so that each can pick what is rarest for all of them (A8). */
export class SwarmAvailability {
  readonly #pieceCount: number;
  readonly #shares = new NowAndThen(SHARE_EVERY, 0);
  #changed = false;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
  }

  /** An identity reported how many of its peers have each piece; counts of a wrong length are dropped. */
  update(member: Member, counts: Uint16Array): void {
    if (counts.length !== this.#pieceCount) return;
    member.sees(counts);
    this.#changed = true;
  }

  /** How many peers have each piece, over all identities. */
  total(members: readonly Member[]): Uint16Array {
    const sums = new Uint32Array(this.#pieceCount);
    for (const { availability } of members) {
      if (availability === undefined) continue;
      for (let p = 0; p < sums.length; p++) sums[p] = (sums[p] ?? 0) + (availability[p] ?? 0);
    }
    const out = new Uint16Array(sums.length);
    for (let p = 0; p < out.length; p++) out[p] = Math.min(0xffff, sums[p] ?? 0);
    return out;
  }

  /** Now and then tells each identity the sum over its siblings, if that changed. */
  share(key: TorrentKey, team: Team, now: Millis): void {
    const members = team.active;
    if (members.length < 2 || !this.#shares.due(now) || !this.#changed) return;
    this.#changed = false;
    const total = this.total(members);
    for (const member of members) {
      const own = member.availability;
      const counts = own === undefined ? total : total.map((count, p) => Math.max(0, count - (own[p] ?? 0)));
      team.post(member, { type: 'swarm-availability', key, counts });
    }
  }
}
