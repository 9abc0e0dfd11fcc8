import type { Endpoint } from '../../core/base/endpoint.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { millis } from '../../core/base/ids.ts';
import { parseIp } from '../../core/base/ip.ts';
import { judge, type Link } from '../../core/links/link.ts';
import type { Speed } from '../../core/peer/speed-probe.ts';
import type { Context } from '../context.ts';
import { readTorrent } from '../source.ts';

export interface MeasureFlags {
  readonly measure?: string;
  readonly peer?: readonly Endpoint[];
}

/** Measures what peers send to an address; undefined: nothing is to be measured there. */
export type Measuring = (link: Link) => Promise<Speed | undefined>;

/** For how long blocks of each link are counted. */
const TIME = millis(5000);

/** What measures links one after the other, by these peers. Throws EnsembleError('usage') where something for it is missing. */
export async function measuring(context: Context, { measure, peer: peers = [] }: MeasureFlags): Promise<Measuring> {
  if (measure === undefined && peers.length === 0) return () => Promise.resolve(undefined);
  if (measure === undefined || peers.length === 0) {
    throw new EnsembleError('usage', 'To measure, give a torrent by --measure, and by --peer who has its files.');
  }
  const { torrent } = await readTorrent(context, measure, { bind: [], proxies: [] });
  const { info } = torrent;
  return async (link) => {
    const { own, at } = link;
    if (!at.up || own.deprecated === true || judge(link) === 'nowhere') return undefined;
    const reachable = peers.filter(({ host }) => mayReach(own.family, host));
    if (reachable.length === 0) return undefined;
    const { signal } = context;
    signal.throwIfAborted();
    const speed = await context.backend.probeSpeed({ peers: reachable, from: own.address, info, time: TIME, signal });
    signal.throwIfAborted();
    return speed;
  };
}

/** A name may lead to addresses of either kind. */
function mayReach(family: 4 | 6, host: string): boolean {
  const ip = parseIp(host);
  return ip === undefined || (ip.length === 16) === (family === 6);
}
