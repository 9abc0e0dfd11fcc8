import type { DownloadOptions } from '../../engine/engine.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { linksOf } from './links.ts';
import type { Member } from './member.ts';
import type { Team } from './team.ts';

/** What binding needs of a download. */
interface Bound {
  readonly options: DownloadOptions;
  readonly members: readonly Member[];
  readonly crew: { readonly atWork: { readonly team: Team } | undefined };
  readonly halted: boolean;
  inTurn(flow: () => Promise<void>): void;
}

/**
 * Binds identities whose interface was missing when the program started, once it is there: those at work leave and start again.
 * Until then they wait, as for an address that is gone. To be called once a second.
 */
export function bindLate(download: Bound, interfaces: Interfaces): void {
  const { members, options } = download;
  if (download.halted || members.every((member) => member.hasAddress)) return;
  const links = linksOf(interfaces, options, options.identities, false);
  for (const member of members) {
    const address = links[member.index]?.address;
    if (address === undefined || address === member.address) continue;
    member.bindTo(address);
    download.inTurn(() => beginAnew(download, member));
  }
}

async function beginAnew(download: Bound, member: Member): Promise<void> {
  const team = download.crew.atWork?.team;
  if (team === undefined || member.phase !== 'active') return;
  await team.leave(member);
  if (!download.halted) team.join(member);
}
