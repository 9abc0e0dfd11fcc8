import type { TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { linksOf, type NamedLinks, sameLink } from './links.ts';
import type { Member } from './member.ts';
import type { Run } from './run.ts';
import type { Team } from './team.ts';

/** What following its links needs of a download. */
export interface Bound {
  readonly key: TorrentKey;
  readonly options: DownloadOptions;
  readonly members: readonly Member[];
  readonly crew: {
    readonly atWork: (Pick<Run, 'rolesChanged' | 'tuning'> & { readonly team: Team }) | undefined;
  };
  readonly halted: boolean;
  inTurn(flow: () => Promise<void>): void;
  rulesChanged(): void;
}

/**
 * Gives each identity the link that its choice stands for now: an interface may have come or have another address, and a link with a name may be
 * another one, or not to be used for a while. Who then leaves by another way leaves the swarm and joins it anew; who has none waits, as for an
 * address that is gone. To be called when that may be so.
 */
export function followLinks(download: Bound, interfaces: Pick<Interfaces, 'list'>, named: NamedLinks): void {
  const { members, options, crew } = download;
  // Of thousands most have none.
  const chosen = options.links.length + options.bind.length + options.proxies.length;
  if (chosen === 0 && members.every(({ link }) => link.address === undefined)) return;
  const before = members.map(({ link }) => link);
  const now = linksOf({ interfaces, named, strict: false }, options, members.length, before);
  let changed = false;
  for (const member of members) {
    const [was, link] = [member.link, now[member.index]];
    if (link === undefined || sameLink(was, link)) continue;
    member.bindTo(link);
    changed = true;
    if (was.address !== link.address || was.proxy?.url !== link.proxy?.url) {
      // Its turn may come late, such as after an assembly: until then it sends nothing by the way that it had.
      if (member.phase === 'active') crew.atWork?.team.post(member, { type: 'pause', key: download.key });
      download.inTurn(() => beginAnew(download, member));
    } else if (was.role !== link.role) crew.atWork?.tuning.retune(member);
  }
  if (!changed) return;
  crew.atWork?.rolesChanged();
  // Another identity may have to seed.
  download.rulesChanged();
}

async function beginAnew(download: Bound, member: Member): Promise<void> {
  const team = download.crew.atWork?.team;
  if (team === undefined || member.phase !== 'active') return;
  await team.leave(member);
  if (!download.halted) team.join(member);
}
