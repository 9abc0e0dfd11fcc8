import { EnsembleError, messageOf } from '../base/errors.ts';
import { KeyedQueue } from '../base/keyed-queue.ts';
import type { TorrentKey, Millis } from '../base/ids.ts';
import { bytesPerSecond } from '../base/ids.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { ParentPort } from '../ports/process-host.ts';
import { UploadLine } from '../swarm/upload-line.ts';
import { HostedDownload } from './hosted-download.ts';
import { ListenSockets } from './listen-sockets.ts';
import { type DownloadSetup, type FromIdentity, MESSAGES_VERSION, type ToIdentity } from './messages.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import { parseToIdentity } from './validate.ts';

const STATUS_PERIOD = 500 as Millis;
/** Downloads without news are reported only every 60th time, that is every 30 s. */
const QUIET_BEATS = 60;
const ADDRESS_PERIOD = 1000 as Millis;
/** After a sleep of this length trackers have forgotten us, or soon will. */
const LONG_SLEEP = 60_000;
const AVAILABILITY_PERIOD = 2000 as Millis;
/** Verified pieces are synced after at most this time; after an unclean end, unsynced ones have to be checked again. */
const SYNC_PERIOD = 15_000 as Millis;

/** The identity process: hosts identity i of every running download, and speaks with the coordinator. */
export class IdentityHost {
  readonly #ports: Ports;
  readonly #parent: ParentPort;
  readonly #client: string;
  readonly #ended: () => void;
  readonly #downloads = new Map<TorrentKey, HostedDownload>();
  /** The work on each download, done in order: an `add` waits for the `leave` before it. */
  readonly #order = new KeyedQueue<TorrentKey>();
  readonly #listenSockets: ListenSockets;
  readonly #buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  readonly #line: UploadLine;
  readonly #timers: Timer[] = [];
  #watched: TorrentKey | undefined;
  /** Number of status reports so far. */
  #beats = 0;
  /** Downloads whose last report said that nothing is going on, with their states. */
  readonly #quiet = new Map<TorrentKey, string>();
  #stopping = false;
  /** How long this process had slept in all when it last looked. */
  #slept: Millis;

  /** `ended` is called when all downloads were left and that was reported: the process may end. */
  constructor(ports: Ports, parent: ParentPort, client: string, ended: () => void) {
    this.#ports = ports;
    this.#parent = parent;
    this.#client = client;
    this.#slept = ports.clock.slept();
    this.#ended = ended;
    this.#listenSockets = new ListenSockets(ports);
    this.#line = new UploadLine(ports);
    const none = bytesPerSecond(0);
    this.#buckets = bucketsOf({ down: none, up: none }, ports.clock.now());
  }

  start(): void {
    const { clock } = this.#ports;
    this.#parent.onMessage((message) => this.#receive(message));
    // Without a coordinator there is nothing to work for.
    this.#parent.onClose(() => void this.#stop());
    this.#timers.push(
      clock.every(STATUS_PERIOD, () => this.#reportStatus()),
      clock.every(ADDRESS_PERIOD, () => {
        this.#listenSockets.check();
        this.#returnFromSleep();
      }),
      clock.every(AVAILABILITY_PERIOD, () => this.#reportAvailability()),
      clock.every(SYNC_PERIOD, () => {
        for (const download of this.#downloads.values()) void download.sync();
      }),
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
        this.#limit(message.limits);
        return;
      case 'limits':
        this.#limit(message.limits);
        return;
      case 'add':
        this.#enqueue(message.setup.key, () => this.#add(message.setup));
        return;
      case 'leave':
        this.#enqueue(message.key, () => this.#leave(message.key));
        return;
      case 'watch':
        this.#watched = message.key;
        return;
      case 'ping':
        this.#post({ type: 'pong', n: message.n });
        return;
      case 'stop':
        void this.#stop();
        return;
      default:
        // In turn with `add` and `leave`, so that no message about a download is lost while it opens.
        if (this.#order.has(message.key)) {
          this.#enqueue(message.key, () => this.#downloads.get(message.key)?.handle(message));
        } else this.#downloads.get(message.key)?.handle(message);
    }
  }

  async #add(setup: DownloadSetup): Promise<void> {
    if (this.#stopping) return;
    await this.#downloads.get(setup.key)?.leave();
    const download = new HostedDownload(setup, {
      ports: this.#ports,
      listenSockets: this.#listenSockets,
      buckets: this.#buckets,
      line: this.#line,
      client: this.#client,
      post: (message) => this.#post(message),
    });
    this.#downloads.set(setup.key, download);
    this.#shareCores();
    try {
      await download.open();
    } catch (error) {
      const code = error instanceof EnsembleError ? error.code : 'disk';
      this.#post({ type: 'failed', key: setup.key, code, message: messageOf(error) });
    }
  }

  async #leave(key: TorrentKey): Promise<void> {
    const download = this.#downloads.get(key);
    if (download === undefined) this.#post({ type: 'left', key, begun: [] });
    await download?.leave();
    if (this.#downloads.get(key) === download) this.#downloads.delete(key);
    this.#quiet.delete(key);
    this.#shareCores();
  }

  /** Tells the hasher how many processes share the cores: each identity of a download is one. */
  #shareCores(): void {
    this.#ports.hasher.share(Math.max(1, ...[...this.#downloads.values()].map(({ setup }) => setup.count)));
  }

  #enqueue(key: TorrentKey, work: () => Promise<void> | void): void {
    this.#order.run(key, work).catch((error: unknown) => {
      this.#post({ type: 'failed', key, code: 'disk', message: messageOf(error) });
    });
  }

  async #stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    // Beside the farewells to trackers, as all has to be over within seconds.
    const unmapped = this.#listenSockets.unmap();
    for (const timer of this.#timers) timer.cancel();
    await this.#order.idle();
    await Promise.all([...this.#downloads.values()].map((download) => download.leave(true)));
    await unmapped;
    this.#post({ type: 'stopped' });
    this.#ended();
  }

  #limit(limits: { readonly down: number; readonly up: number }): void {
    const now = this.#ports.clock.now();
    this.#buckets.down.setRate(bytesPerSecond(limits.down), now);
    this.#buckets.up.setRate(bytesPerSecond(limits.up), now);
  }

  #reportStatus(): void {
    const swarms: SwarmStatus[] = [];
    const all = this.#beats++ % QUIET_BEATS === 0;
    for (const [key, download] of this.#downloads) {
      const watched = key === this.#watched;
      const quiet = watched ? undefined : download.quiet;
      // Hundreds of downloads that are seeded to nobody have no news twice a second.
      if (quiet !== undefined && !all && this.#quiet.get(key) === quiet) continue;
      const status = download.status(watched);
      if (status !== undefined) swarms.push(status);
      if (quiet === undefined) this.#quiet.delete(key);
      else this.#quiet.set(key, quiet);
    }
    if (swarms.length > 0) this.#post({ type: 'status', swarms });
  }

  #reportAvailability(): void {
    for (const [key, download] of this.#downloads) {
      if (download.setup.count === 1) continue;
      const counts = download.availability();
      if (counts !== undefined) this.#post({ type: 'availability', key, counts });
    }
  }

  #returnFromSleep(): void {
    const slept = this.#ports.clock.slept();
    if (slept - this.#slept > LONG_SLEEP) {
      for (const [key, download] of this.#downloads) download.handle({ type: 'announce', key });
      this.#listenSockets.awoke();
    }
    this.#slept = slept;
  }

  #post(message: FromIdentity): void {
    this.#parent.post(message);
  }
}
