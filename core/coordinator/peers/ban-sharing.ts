import { isLoopback } from '../../base/ip.ts';
import type { TorrentKey } from '../../base/ids.ts';
import type { Member } from '../run/member.ts';
import type { Team } from '../run/team.ts';

/** As many as an identity keeps; beyond it the oldest is told no more. */
const MOST_BANS = 10_000;

/** Tells every identity of a download whom one of them found to lie, so that not each has to be lied to first. */
export class BanSharing {
  readonly #key: TorrentKey;
  readonly #team: Team;
  readonly #hosts = new Set<string>();

  constructor(key: TorrentKey, team: Team) {
    this.#key = key;
    this.#team = team;
  }

  /** An identity banned a host. Behind a loopback address stand many clients: it bans that for itself alone. */
  heard(member: Member, host: string): void {
    if (isLoopback(host) || this.#hosts.has(host)) return;
    for (const oldest of this.#hosts) {
      if (this.#hosts.size < MOST_BANS) break;
      this.#hosts.delete(oldest);
    }
    this.#hosts.add(host);
    this.#team.broadcast({ type: 'ban', key: this.#key, hosts: [host] }, member);
  }

  /** An identity was given the download anew, and knows of no ban. */
  joined(member: Member): void {
    if (this.#hosts.size === 0) return;
    this.#team.post(member, { type: 'ban', key: this.#key, hosts: [...this.#hosts] });
  }
}
