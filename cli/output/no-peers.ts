import { waitText } from '../../core/engine/link-rules.ts';
import type { DhtNodeSnapshot, DownloadSnapshot, TrackerSnapshot } from '../../core/engine/engine.ts';

/** How long nobody may be found before the user is told why (ms): joining the DHT and asking trackers takes a while. */
const PATIENCE = 45_000;

/** What a download knows of its ways to peers. */
export interface WaysToPeers {
  readonly trackers: readonly Pick<TrackerSnapshot, 'state'>[];
  readonly dhtNodes: readonly Pick<DhtNodeSnapshot, 'state'>[];
}

/** Says why a download finds nobody, once each time that it has had no peer for long. */
export class NoPeers {
  #since: number | undefined;
  #said = false;

  /** A sentence that is due now. `now`: ms. */
  look(snapshot: DownloadSnapshot, ways: () => WaysToPeers, now: number): string | undefined {
    const fetches = snapshot.state === 'metadata' || snapshot.state === 'downloading';
    // Web seeds may give what no peer does.
    if (!fetches || snapshot.peers > 0 || snapshot.rate.down > 0) {
      this.#since = undefined;
      this.#said = false;
      return undefined;
    }
    this.#since ??= now;
    if (this.#said || now - this.#since < PATIENCE) return undefined;
    this.#said = true;
    return whyNobody(snapshot, ways());
  }
}

function whyNobody(snapshot: DownloadSnapshot, { trackers, dhtNodes }: WaysToPeers): string {
  const { options, identities, stall, private: isPrivate } = snapshot;
  if (stall?.kind === 'no-fetch') {
    return 'The links of this download only seed: it waits until one may fetch, or another is chosen.';
  }
  const waits = identities.flatMap((one) => (one.link && one.waits ? [`${one.link}: ${waitText(one.waits)}`] : []));
  if (waits.length > 0 && stall?.kind === 'no-link') {
    return `No peer so far. It waits for its links (${[...new Set(waits)].join('; ')}), and nothing goes beside them.`;
  }
  if (identities.length > 0 && identities.every(({ state }) => state === 'no-address')) {
    if (identities.some(({ proxy }) => proxy !== undefined)) {
      return 'No peer so far. The proxies do not answer just now: it goes on when one is back, and nothing goes beside them.';
    }
    return 'No peer so far. This machine does not have the addresses of --bind just now: it goes on when one is there.';
  }
  const answering = trackers.filter(({ state }) => state === 'working').length;
  const byDht = options.dht && !isPrivate;
  const joined = byDht && dhtNodes.some(({ state }) => state === 'joined');
  const first = 'No peer so far.';
  if (trackers.length === 0 && !byDht) {
    return isPrivate
      ? `${first} The torrent is private and names no tracker: name peers with --peer.`
      : `${first} The source names no tracker, and --no-dht forbids the other way: leave it out, or name peers with --peer.`;
  }
  if (answering === 0 && !joined) {
    const silent = [...(trackers.length > 0 ? ['no tracker'] : []), ...(byDht ? ['no node of the DHT'] : [])];
    const udp = byDht ? ' by UDP' : '';
    return `${first} ${upper(silent.join(' and '))} answers: is this machine online, and do firewall or VPN let it out${udp}? It goes on trying.`;
  }
  const asked = [...(answering > 0 ? ['the trackers'] : []), ...(joined ? ['the DHT'] : [])];
  const know = answering > 0 ? 'know' : 'knows';
  return `${first} ${upper(asked.join(' and '))} ${know} nobody who can be reached now and has it: somebody may come later. It goes on trying.`;
}

const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
