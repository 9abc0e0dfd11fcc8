import { type InfoHash, millis, wholeSeconds } from '../base/ids.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type { SourceStatus } from '../engine/statuses.ts';
import type { Clock } from '../ports/clock.ts';
import { DistinctCount } from './distinct-count.ts';
import type { LocalDiscovery, LocalUser } from './local-discovery.ts';
import type { PeerSource, SourceNeeds } from './peer-source.ts';

export interface LocalPeersOptions extends Pick<SourceNeeds, 'found'> {
  readonly clock: Clock;
  readonly discovery: LocalDiscovery;
  /** As in handshakes. */
  readonly infoHash: InfoHash;
  /** Whether the user wants it, now. */
  on(): boolean;
  /** It fares otherwise now, which its status tells. */
  onNews?(): void;
  port(): number | undefined;
}

/** The peers of one torrent in the same network (BEP 14). */
export class LocalPeers implements PeerSource {
  readonly kind = 'lsd';
  readonly #o: LocalPeersOptions;
  readonly #user: LocalUser;
  readonly #found = new DistinctCount();
  #running = false;
  #joined = false;

  constructor(options: LocalPeersOptions) {
    this.#o = options;
    this.#user = {
      infoHash: options.infoHash,
      port: () => options.port(),
      found: (peer) => {
        this.#found.add(formatEndpoint(peer));
        options.found('lsd', [peer]);
        options.onNews?.();
      },
    };
  }

  start(): void {
    this.#running = true;
    this.retuned();
  }

  stop(): Promise<void> {
    this.#running = false;
    this.retuned();
    return Promise.resolve();
  }

  announceNow(): void {
    this.#o.discovery.ask(this.#user);
  }

  completed(): void {}

  retuned(): void {
    const wanted = this.#running && this.#o.on();
    if (wanted === this.#joined) return;
    this.#joined = wanted;
    if (wanted) this.#o.discovery.join(this.#user);
    else this.#o.discovery.leave(this.#user);
  }

  status(): SourceStatus {
    const at = this.#o.discovery.nextAt(this.#user);
    const next = at === undefined ? {} : { next: wholeSeconds(millis(Math.max(0, at - this.#o.clock.now()))) };
    return { kind: 'lsd', found: this.#found.count, ...next };
  }
}
