import { KeyedQueue } from '../base/keyed-queue.ts';
import type { TorrentKey, Millis } from '../base/ids.ts';
import { Tally } from '../base/tally.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { ParentPort } from '../ports/process-host.ts';
import { DhtDesk } from './dht-desk.ts';
import { HostedDownload } from './hosted-download.ts';
import { IdleDht } from './idle-dht.ts';
import { type DownloadSetup, type FromIdentity, MESSAGES_VERSION, type ToIdentity } from './messages.ts';
import { failedMessage } from './reports.ts';
import { SharedHost } from './shared-host.ts';
import { StatusNews } from './status-news.ts';
import type { RestingStatus, SwarmStatus } from '../engine/statuses.ts';
import { parseToIdentity } from './validate.ts';
import { dhtVersion } from '../wire/peer-id.ts';

const STATUS_PERIOD = 500 as Millis;
/** So often it is seen whether anything is to be told of downloads that have no news of their own. */
const REST_PERIOD = 1000 as Millis;
/** Each is reported once in so many of these, that is every half an hour; those of ten seconds in one message, as each wakes two processes. */
const QUIET_RESTS = 1800;
const RESTS_TOGETHER = 10;
const DHT_STATUS_PERIOD = 5000 as Millis;
/** Seldom, as most of what a node knows holds for long; it is kept once more at the end. */
const DHT_KEEP_PERIOD = 600_000 as Millis;
const AVAILABILITY_PERIOD = 2000 as Millis;

/** Makes what hosts a download; undefined: as usual. */
export type MakeHosted = (setup: DownloadSetup, host: SharedHost) => Promise<HostedDownload | undefined>;

/** The identity process: hosts identity i of every running download, and speaks with the coordinator. */
export class IdentityHost {
  readonly #ports: Ports;
  readonly #parent: ParentPort;
  readonly #ended: () => void;
  readonly #make: MakeHosted | undefined;
  readonly #downloads = new Map<TorrentKey, HostedDownload>();
  /** The work on each download, done in order: an `add` waits for the `leave` before it. */
  readonly #order = new KeyedQueue<TorrentKey>();
  readonly #shared: SharedHost;
  readonly #dht: DhtDesk;
  readonly #idleDht: IdleDht;
  readonly #timers: Timer[] = [];
  #watched: TorrentKey | undefined;
  /** Runs while there is anything to ask for news. */
  #statuses: Timer | undefined;
  readonly #news = new StatusNews<TorrentKey>(() => this.#pace());
  #rests = 0;
  /** How many of those without news are to be reported next, with the part of one that is left over. */
  #owed = 0;
  /** How many downloads have each number of identities. */
  readonly #counts = new Tally<number>();
  #reached = '';
  #stopping = false;
  #hadNodes = false;

  /**
   * `ended` is called when all downloads were left and that was reported: the process may end. `host` makes what hosts a download, where that
   * is not as usual.
   */
  constructor(ports: Ports, parent: ParentPort, client: string, ended: () => void, host?: MakeHosted) {
    this.#make = host;
    this.#ports = ports;
    this.#parent = parent;
    this.#ended = ended;
    this.#dht = new DhtDesk({ ports, version: dhtVersion(client), post: (message) => this.#post(message) });
    this.#shared = new SharedHost(
      ports,
      client,
      (message) => this.#post(message),
      () => this.#downloads.values(),
      this.#dht,
    );
    this.#shared.news = (key) => this.#news.changed(key);
    this.#idleDht = new IdleDht(this.#shared, this.#dht);
  }

  start(): void {
    const { clock } = this.#ports;
    this.#parent.onMessage((message) => this.#receive(message));
    // Without a coordinator there is nothing to work for.
    this.#parent.onClose(() => void this.#stop());
    this.#shared.start();
    this.#timers.push(
      clock.every(REST_PERIOD, () => this.#rest()),
      clock.every(AVAILABILITY_PERIOD, () => this.#reportAvailability()),
      clock.every(DHT_STATUS_PERIOD, () => this.#reportDht()),
      clock.every(DHT_KEEP_PERIOD, () => this.#dht.keep()),
    );
    this.#post({ type: 'ready', version: MESSAGES_VERSION });
  }

  #receive(raw: unknown): void {
    let message: ToIdentity;
    try {
      message = parseToIdentity(raw);
    } catch {
      // The coordinator is our own program; malformed messages are ignored.
      return;
    }
    this.#handle(message);
  }

  #handle(message: ToIdentity): void {
    switch (message.type) {
      case 'start':
        this.#shared.localDiscoveries.cookie = message.cookie ?? this.#shared.localDiscoveries.cookie;
        this.#shared.limit(message.limits);
        return;
      case 'limits':
        this.#shared.limit(message.limits);
        return;
      case 'barred':
        this.#shared.bar(message);
        return;
      case 'add':
        this.#enqueue(message.setup.key, () => this.#add(message.setup));
        return;
      case 'leave':
        this.#enqueue(message.key, () => this.#leave(message.key));
        return;
      case 'watch':
        this.#watched = message.key;
        this.#pace();
        return;
      case 'ping':
        this.#post({ type: 'pong', n: message.n });
        return;
      case 'stop':
        void this.#stop();
        return;
      case 'dht-always':
        void this.#idleDht.set(message);
        return;
      case 'dht-nodes':
      case 'dht-search':
      case 'dht-cancel':
      case 'dht-found':
      case 'dht-searched':
      case 'dht-heard':
        this.#dht.heard(message);
        return;
      default:
        if (message.type === 'tune') this.#news.changed(message.key);
        else this.#news.wake(message.key);
        // In turn with `add` and `leave`, so that no message about a download is lost while it opens.
        if (this.#order.has(message.key)) {
          this.#enqueue(message.key, () => this.#downloads.get(message.key)?.handle(message));
        } else this.#downloads.get(message.key)?.handle(message);
    }
  }

  async #add(setup: DownloadSetup): Promise<void> {
    if (this.#stopping) return;
    await this.#downloads.get(setup.key)?.leave();
    this.#forget(setup.key);
    const download = (await this.#make?.(setup, this.#shared)) ?? new HostedDownload(setup, this.#shared);
    this.#downloads.set(setup.key, download);
    this.#news.wake(setup.key);
    this.#shareCores(download, 1);
    try {
      await download.open();
    } catch (error) {
      this.#post(failedMessage(setup.key, error));
    }
  }

  async #leave(key: TorrentKey): Promise<void> {
    const download = this.#downloads.get(key);
    if (download === undefined) this.#post({ type: 'left', key, begun: [] });
    await download?.leave();
    if (this.#downloads.get(key) === download) this.#forget(key);
  }

  #forget(key: TorrentKey): void {
    const download = this.#downloads.get(key);
    this.#downloads.delete(key);
    this.#news.forget(key);
    if (download !== undefined) this.#shareCores(download, -1);
  }

  /** Tells the hasher how many processes share the cores: each identity of a download is one. */
  #shareCores({ setup }: HostedDownload, change: 1 | -1): void {
    // Of those that meet at a server each has a machine of its own.
    this.#counts.count(setup.together === undefined ? setup.count : 1, change);
    this.#ports.hasher.share(Math.max(1, ...this.#counts.kinds));
  }

  #enqueue(key: TorrentKey, work: () => Promise<void> | void): void {
    this.#order.run(key, work).catch((error: unknown) => {
      this.#post(failedMessage(key, error));
    });
  }

  async #stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
    this.#statuses?.cancel();
    // Beside the farewells to trackers, as all has to be over within seconds.
    const over = this.#shared.stop();
    await this.#order.idle();
    this.#dht.close();
    await Promise.all([...this.#downloads.values()].map((download) => download.leave(true)));
    await over;
    this.#post({ type: 'stopped' });
    this.#ended();
  }

  /** Downloads are asked for news twice a second while anything goes on in one, and not at all while nothing does. */
  #pace(): void {
    if (this.#stopping) return;
    this.#statuses ??= this.#ports.clock.every(STATUS_PERIOD, () => this.#reportStatus());
  }

  #rest(): void {
    this.#lookReached();
    if (++this.#rests % RESTS_TOGETHER !== 0) return;
    this.#owed += (this.#downloads.size * RESTS_TOGETHER) / QUIET_RESTS;
    this.#news.renewSome(Math.floor(this.#owed));
    this.#owed %= 1;
  }

  /** How a socket is reached is news of all its downloads. */
  #lookReached(): void {
    const { reached } = this.#shared.listenSockets;
    if (reached !== this.#reached) this.#news.renew(this.#downloads.keys());
    this.#reached = reached;
  }

  #reportStatus(): void {
    const swarms: SwarmStatus[] = [];
    const resting: RestingStatus[] = [];
    this.#lookReached();
    if (this.#watched !== undefined) this.#news.wake(this.#watched);
    const due = this.#news.due((key) => (key === this.#watched ? undefined : this.#downloads.get(key)?.quiet));
    for (const key of due) {
      const download = this.#downloads.get(key);
      const status = download?.status(key === this.#watched);
      const rest = status === undefined ? download?.resting : undefined;
      if (status !== undefined) swarms.push(status);
      if (rest !== undefined) resting.push(rest);
    }
    if (swarms.length > 0 || resting.length > 0) this.#post({ type: 'status', swarms, resting });
    if (!this.#news.rests || this.#watched !== undefined) return;
    this.#statuses?.cancel();
    this.#statuses = undefined;
  }

  #reportDht(): void {
    const nodes = this.#dht.status();
    if (nodes.length === 0 && !this.#hadNodes) return;
    this.#hadNodes = nodes.length > 0;
    this.#post({ type: 'dht-status', nodes });
  }

  #reportAvailability(): void {
    for (const download of this.#shared.atWork) {
      const counts = download.availability();
      if (counts !== undefined) this.#post({ type: 'availability', key: download.setup.key, counts });
    }
  }

  #post(message: FromIdentity): void {
    if ('key' in message) this.#news.wake(message.key);
    this.#parent.post(message);
  }
}
