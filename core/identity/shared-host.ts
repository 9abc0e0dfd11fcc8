import { type AddressRanges, holdsAddress, NO_RANGES } from '../base/address-ranges.ts';
import { bytesPerSecond, type Millis, millis, type TorrentKey } from '../base/ids.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import type { RateLimits } from '../engine/statuses.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { UploadLine } from '../swarm/upload-line.ts';
import type { AtWork, HostNeeds } from './host-needs.ts';
import type { DhtDesk } from './dht-desk.ts';
import type { HostedDownload } from './hosted-download.ts';
import { Links } from './links.ts';
import { RecentInterfaces } from '../ports/recent-interfaces.ts';
import { ListenSockets } from './listen-sockets.ts';
import { LocalDiscoveries } from './local-discoveries.ts';
import type { AboutDownloads } from './messages.ts';

const ADDRESS_PERIOD = millis(1000);
/** While all rest nobody dials: whether there is a way to the world is seen with every fifth look at the addresses. */
const REST_LOOKS = 5;
/** Verified pieces are synced after at most this time; after an unclean end, unsynced ones have to be checked again. */
const SYNC_PERIOD = millis(15_000);
/** After a sleep of this length trackers have forgotten us, or soon will. */
const LONG_SLEEP = 60_000;

/**
 * What the downloads of one process share, and what is done for all of them from time to time, whoever gives them their work: a
 * coordinator, or nobody.
 */
export class SharedHost implements HostNeeds {
  readonly ports: Ports;
  readonly client: string;
  readonly links: Links;
  readonly listenSockets: ListenSockets;
  readonly buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  readonly line: UploadLine;
  readonly dht: DhtDesk;
  readonly localDiscoveries: LocalDiscoveries;
  readonly atWork = new Set<AtWork>();
  readonly post: (message: AboutDownloads) => void;
  news: (key: TorrentKey) => void = () => {};
  readonly #downloads: () => Iterable<HostedDownload>;
  readonly #timers: Timer[] = [];
  #barred = NO_RANGES;
  #looks = 0;
  /** How long this process had slept in all when it last looked. */
  #slept: Millis;

  /** `client`: what peers are told that we are; `post` gets what the downloads have to say. */
  constructor(
    given: Ports,
    client: string,
    post: (message: AboutDownloads) => void,
    downloads: () => Iterable<HostedDownload>,
    dht: DhtDesk,
  ) {
    const { clock } = given;
    const ports = { ...given, interfaces: new RecentInterfaces(given.interfaces, clock) };
    this.ports = ports;
    this.client = client;
    this.post = post;
    this.#downloads = downloads;
    this.dht = dht;
    this.links = new Links(ports);
    this.listenSockets = new ListenSockets(ports, (socket) => this.dht.wayCame(socket));
    this.line = new UploadLine(ports);
    this.localDiscoveries = new LocalDiscoveries(ports);
    const none = bytesPerSecond(0);
    this.buckets = bucketsOf({ down: none, up: none }, clock.now());
    this.#slept = clock.slept();
  }

  start(): void {
    const { clock } = this.ports;
    this.#timers.push(
      clock.every(ADDRESS_PERIOD, () => {
        const rests = this.atWork.size === 0 && ++this.#looks % REST_LOOKS !== 0;
        this.listenSockets.check(rests);
        this.#returnFromSleep();
      }),
      clock.every(SYNC_PERIOD, () => {
        for (const download of this.atWork) void download.sync();
      }),
    );
  }

  /** Whether nobody at this address is to be a peer. */
  readonly barred = (host: string): boolean => holdsAddress(this.#barred, host);

  /** Connections with such peers end, and none are made from now on. */
  bar(ranges: AddressRanges): void {
    this.#barred = ranges;
    for (const download of this.#downloads()) download.expel();
  }

  /** Limits over all downloads. */
  limit(limits: RateLimits): void {
    const now = this.ports.clock.now();
    this.buckets.down.setRate(limits.down, now);
    this.buckets.up.setRate(limits.up, now);
  }

  /** Downloads may still leave after this. Resolves when routers were told that their mappings are not needed any more, in bounded time. */
  stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    return this.listenSockets.unmap();
  }

  #returnFromSleep(): void {
    const slept = this.ports.clock.slept();
    if (slept - this.#slept > LONG_SLEEP) {
      this.dht.moved();
      for (const download of this.#downloads()) download.handle({ type: 'announce', key: download.setup.key });
      this.listenSockets.awoke();
    }
    this.#slept = slept;
  }
}
