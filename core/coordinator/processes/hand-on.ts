import type { IdentityIndex, Millis, TorrentKey } from '../../base/ids.ts';
import type { AboutDownloads } from '../../identity/messages.ts';
import { statusesIn } from '../../engine/statuses.ts';
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
  if (message.type === 'status') {
    for (const status of statusesIn(message)) {
      const download = downloads.get(status.key);
      const rested = download?.atRest === true;
      download?.members[index]?.reported(status, now);
      // What its trackers say of a seed at rest changes nothing else in it.
      if (!rested || download?.atRest !== true) awake.wake(status.key);
    }
    return;
  }
  const download = downloads.get(message.key);
  // Where it listens changes nothing else in a seed at rest.
  if (message.type !== 'listening' || download?.atRest !== true) awake.wake(message.key);
  if (message.type === 'tracker-warning') download?.trackerWarnings.say(message.message);
  else {
    const member = download?.members[index];
    if (member !== undefined) download?.crew.atWork?.message(member, message);
  }
}
