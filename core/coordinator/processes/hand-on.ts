import type { IdentityIndex, TorrentKey } from '../../base/ids.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import type { FromIdentity } from '../../identity/messages.ts';
import type { Download } from '../download/download.ts';

type Downloads = ReadonlyMap<TorrentKey, Download>;

/** Gives what an identity's process said to those who work on the download in question; it may be gone by now. */
export function handOn(downloads: Downloads, index: IdentityIndex, message: FromIdentity): void {
  if (message.type === 'status') for (const status of message.swarms) handOnStatus(downloads, index, status);
  else if (message.type === 'tracker-warning') downloads.get(message.key)?.trackerWarnings.say(message.message);
  else if ('key' in message) {
    const download = downloads.get(message.key);
    const member = download?.members[index];
    if (member !== undefined) download?.crew.atWork?.message(member, message);
  }
}

function handOnStatus(downloads: Downloads, index: IdentityIndex, status: SwarmStatus): void {
  const download = downloads.get(status.key);
  const member = download?.members[index];
  if (member === undefined) return;
  if (status.peerList !== undefined) member.peerList = status.peerList;
  download?.crew.atWork?.status(member, status);
}
