import { EnsembleError } from '../base/errors.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import type { Answer, Args } from './args.ts';
import { pause } from './pause.ts';
import { TORRENT_FIELDS } from './torrent-fields.ts';
import { chosen, torrentOf, type World } from './world.ts';

/** Of so many torrents at most the peers are waited for; of more what is known is told. */
const FEW = 4;
/** How long is waited for the first report of a torrent's peers, in ms, and how often it is looked whether it is there. */
const PEERS_WITHIN = 1500;
const LOOK = 100;

/** Each field of each torrent that was asked for, and nothing else. */
export async function torrentGet(world: World, args: Args): Promise<Answer> {
  const asked = args.texts('fields');
  if (asked === undefined) throw new EnsembleError('usage', 'no fields specified');
  const names = [...new Set(asked)].filter((name) => Object.hasOwn(TORRENT_FIELDS, name));
  const fields = names.flatMap((name) => TORRENT_FIELDS[name] ?? []);
  const downloads = chosen(world, args);
  if (names.includes('peers') && downloads.length <= FEW) await peersCome(world, downloads);
  const torrents = downloads.map((one) => torrentOf(world, one));
  const rows = torrents.map((torrent) => fields.map((field) => field(torrent)));
  return {
    torrents:
      args.text('format') === 'table'
        ? [names, ...rows]
        : rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? '', value]))),
    ...(args.raw('ids') === 'recently-active' ? { removed: world.activity.removed } : {}),
  };
}

/** Identities report their peers only while somebody looks: the first one who asks waits for that. */
async function peersCome({ host }: World, downloads: readonly DownloadSnapshot[]): Promise<void> {
  const { engine, clock } = host;
  const until = clock.now() + PEERS_WITHIN;
  for (const { key, peers } of downloads) {
    host.lookAt(key);
    while (peers > 0 && engine.peers(key).length === 0 && clock.now() < until) await pause(clock, LOOK);
  }
}
