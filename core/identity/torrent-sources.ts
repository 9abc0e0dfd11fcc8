import type { InfoHash, PeerId } from '../base/ids.ts';
import { canonicalIp } from '../base/ip.ts';
import type { TrackerAnnouncerOptions } from '../discovery/announcer-options.ts';
import { BothSwarms } from '../discovery/both-swarms.ts';
import { type DhtAccess, DhtSource, type DhtSourceOptions } from '../discovery/dht-source.ts';
import type { LocalDiscovery } from '../discovery/local-discovery.ts';
import { LocalPeers, type LocalPeersOptions } from '../discovery/local-peers.ts';
import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import type { Scraper } from '../discovery/scraper.ts';
import { TrackerAnnouncer } from '../discovery/tracker-announcer.ts';
import type { TrackerPorts } from '../discovery/tracker-client.ts';
import type { SwarmTuning } from '../engine/statuses.ts';
import { swarmHashes } from '../metainfo/torrent-id.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { HostNeeds } from './host-needs.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { DownloadSetup } from './messages.ts';

/** With fewer peers than this a tracker is asked early (B13). */
const MIN_PEERS = 20;
/** Most characters of a tracker's warning. */
const MAX_WARNING = 500;

/** What the sources of peers of a download need of it. */
export interface SourceParts {
  /** Its tuning is left out, as that is how it was at first. */
  readonly setup: Omit<DownloadSetup, 'tuning'>;
  /** As it is now. */
  tuning(): SwarmTuning;
  readonly host: HostNeeds;
  /** The address that it is bound to. */
  readonly socket: ListenSocket;
}

/** The sources of peers of a download. */
export function makeSources(parts: SourceParts, needs: SourceNeeds): readonly PeerSource[] {
  const { hashes, proxy } = parts.setup;
  const all: PeerSource[] = [];
  const add = (make: (told: Told) => PeerSource): unknown =>
    all.push(...BothSwarms.of(swarmHashes(hashes), needs, (hash, its) => make({ parts, infoHash: hash, needs: its })));
  tellNamesElsewhere(parts, [...parts.setup.trackers.flat(), ...(parts.setup.webSeeds ?? [])]);
  add((told) => new TrackerAnnouncer(new ForTrackers(told)));
  add((told) => new DhtSource(new ForDht(told)));
  // What is near a proxy is not near us.
  if (proxy === undefined) add((told) => new LocalPeers(new ForLocalPeers(told)));
  // V8 gives what grows room for 17.
  return all.slice();
}

/** Tells people of something about a tracker or a web seed. */
export function warn({ setup: { key }, host }: SourceParts, text: string): void {
  host.post({ type: 'tracker-warning', key, message: text.slice(0, MAX_WARNING) });
}

/** Says it where names in these URLs may be looked up by another way than the identity's own. */
export function tellNamesElsewhere(parts: SourceParts, urls: readonly string[]): void {
  if (parts.socket.mayAskElsewhere && urls.some(hasName))
    void parts.socket.namesElsewhere().then((text) => text && warn(parts, text));
}

/** Whether a name has to be looked up for a URL. */
function hasName(url: string): boolean {
  return URL.canParse(url) && canonicalIp(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')) === undefined;
}

interface Told {
  readonly parts: SourceParts;
  readonly infoHash: InfoHash;
  readonly needs: SourceNeeds;
}

/**
 * What a source asks and tells. An object with a class, as of thousands of torrents each has three, and a function for each question would
 * take more memory than the source itself.
 */
class Answers implements SourceNeeds {
  readonly infoHash: InfoHash;
  protected readonly parts: SourceParts;
  readonly #needs: SourceNeeds;

  constructor({ parts, infoHash, needs }: Told) {
    this.infoHash = infoHash;
    this.parts = parts;
    this.#needs = needs;
  }

  complete(): boolean {
    return this.#needs.complete();
  }

  peerCount(): number {
    return this.#needs.peerCount();
  }

  totals(): ReturnType<SourceNeeds['totals']> {
    return this.#needs.totals();
  }

  found(source: Parameters<SourceNeeds['found']>[0], peers: Parameters<SourceNeeds['found']>[1]): void {
    this.#needs.found(source, peers);
  }

  onNews(): void {
    const { host, setup } = this.parts;
    host.news?.(setup.key);
  }
}

class ForTrackers extends Answers implements TrackerAnnouncerOptions {
  get ports(): TrackerPorts {
    const { host, socket } = this.parts;
    return socket.trackerPorts(host.ports);
  }

  get scraper(): Scraper {
    const { host, socket } = this.parts;
    return socket.scraper(host.ports);
  }

  get peerId(): PeerId {
    return this.parts.setup.peerId;
  }

  get trackerKey(): number {
    return this.parts.setup.trackerKey;
  }

  get trackers(): readonly (readonly string[])[] {
    return this.parts.setup.trackers;
  }

  get address(): string | undefined {
    return this.parts.setup.address;
  }

  get minPeers(): number {
    return MIN_PEERS;
  }

  maxPeers(): number {
    return this.parts.tuning().maxPeers;
  }

  port(): number {
    return this.parts.socket.announced?.port ?? 0;
  }

  onExternalAddress(tracker: string, seen: string): void {
    this.parts.socket.external.vote(tracker, seen);
  }

  onWarning(text: string): void {
    warn(this.parts, text);
  }
}

/** Without metadata it only searches: the torrent may turn out to be private. */
class ForDht extends Answers implements DhtSourceOptions {
  get ports(): { readonly clock: Clock; readonly random: Random } {
    return this.parts.host.ports;
  }

  open(changed: () => void): DhtAccess {
    const { host, socket, setup } = this.parts;
    return host.dht.open(socket, { infoHash: this.infoHash, nodes: setup.nodes }, changed);
  }

  on(): boolean {
    return this.parts.tuning().dht;
  }

  /** Behind a proxy nobody could dial it: it only searches. */
  port(): number | undefined {
    const { setup, socket } = this.parts;
    return setup.rawInfo === undefined || setup.proxy !== undefined ? undefined : socket.announced?.port;
  }
}

class ForLocalPeers extends Answers implements LocalPeersOptions {
  get clock(): Clock {
    return this.parts.host.ports.clock;
  }

  get discovery(): LocalDiscovery {
    const { host, setup } = this.parts;
    return host.localDiscoveries.at(setup.address, setup.identity);
  }

  on(): boolean {
    return this.parts.tuning().lsd;
  }

  /** Whoever is in the same network reaches us where we listen, whatever the router makes of it outside. */
  port(): number | undefined {
    return this.parts.socket.local?.port;
  }
}
