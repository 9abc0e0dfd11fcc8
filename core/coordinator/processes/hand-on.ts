import type { IdentityIndex, Millis, TorrentKey } from '../../base/ids.ts';
import type { AboutDownloads } from '../../identity/messages.ts';
import type { Awake } from '../awake.ts';
import type { Download } from '../download/download.ts';

type Downloads = ReadonlyMap<TorrentKey, Download>;

/** Gives what an identity's process said to those who work on the download in question; it may be gone by now. */
export function handOn(
  downloads: Downloads,
  awake: Pick<Awake<TorrentKey>, 'wake'>,
  index: IdentityIndex,
  message: AboutDownloads,
  now: Millis,
): void {
  if ('key' in message) awake.wake(message.key);
  else for (const { key } of message.swarms) awake.wake(key);
  if (message.type === 'status')
    for (const status of message.swarms) downloads.get(status.key)?.members[index]?.reported(status, now);
  else if (message.type === 'tracker-warning') downloads.get(message.key)?.trackerWarnings.say(message.message);
  else {
    const download = downloads.get(message.key);
    const member = download?.members[index];
    if (member !== undefined) download?.crew.atWork?.message(member, message);
  }
}
