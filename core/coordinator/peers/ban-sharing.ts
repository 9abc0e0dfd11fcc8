import { isLoopback } from '../../base/ip.ts';
import type { TorrentKey } from '../../base/ids.ts';
import { LateSet } from '../../base/late-map.ts';
import type { Member } from '../run/member.ts';
import type { Team } from '../run/team.ts';

/** As many as an identity keeps; with more, the oldest is not passed on any more. */
const MOST_BANS = 10_000;

/** Tells every identity of a download which hosts one of them found to lie, so that not each of them has to find out. */
export class BanSharing {
  readonly #key: TorrentKey;
  readonly #team: Team;
  readonly #hosts = new LateSet<string>();

  constructor(key: TorrentKey, team: Team) {
    this.#key = key;
    this.#team = team;
  }

  /** An identity banned a host. A ban of a loopback address, behind which there are many clients, is not passed on. */
  heard(member: Member, host: string): void {
    if (isLoopback(host) || this.#hosts.has(host)) return;
    for (const oldest of this.#hosts) {
      if (this.#hosts.size < MOST_BANS) break;
      this.#hosts.delete(oldest);
    }
    this.#hosts.add(host);
    this.#team.broadcast({ type: 'ban', key: this.#key, hosts: [host] }, member);
  }

  /** An identity was given the download again, and knows of no ban. */
  joined(member: Member): void {
    if (this.#hosts.size === 0) return;
    this.#team.post(member, { type: 'ban', key: this.#key, hosts: [...this.#hosts] });
  }
}
