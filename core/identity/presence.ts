import type { EncryptionPolicy, TransportName } from '../base/choices.ts';
import type { Millis } from '../base/ids.ts';
import type { SwarmTuning } from '../engine/statuses.ts';
import { swarmHashes } from '../metainfo/torrent-id.ts';
import type { Admission, Newcomer } from '../peer/half-open.ts';
import type { Ports } from '../ports/ports.ts';
import type { HostNeeds } from './host-needs.ts';
import type { HeldLink } from './links.ts';
import type { ListenSocket, ListenUser } from './listen-socket.ts';
import type { DownloadSetup } from './messages.ts';

export interface PresenceNeeds extends Pick<ListenUser, 'admit' | 'moved' | 'wayCame'> {
  /** As it is now: where it is to listen is always the same. */
  readonly setup: DownloadSetup;
  tuning(): SwarmTuning;
  /** It listens, for the first time or again. */
  up(): void;
  /** It does not listen any more. */
  down(): void;
  /** The system refuses that it listens. */
  refused(error: unknown): void;
}

/** By which link a download leaves and at which socket it is reached, and whether these are there: else it waits (invariant 8). */
export class Presence implements ListenUser {
  readonly socket: ListenSocket;
  readonly #host: Pick<HostNeeds, 'post'>;
  readonly #needs: PresenceNeeds;
  readonly #link: HeldLink;
  #unlisten = (): void => {};
  #listens = false;
  #addressGone = false;
  #leaves = false;

  constructor(host: HostNeeds, needs: PresenceNeeds) {
    const setup = needs.setup;
    this.#host = host;
    this.#needs = needs;
    this.#link = host.links.hold(setup);
    this.socket = host.listenSockets.at(setup.address, this.#link.ports);
  }

  /** By these it leaves: with a proxy there is nothing by which it could leave beside that. */
  get ports(): Ports {
    return this.#link.ports;
  }

  get listens(): boolean {
    return this.#listens;
  }

  /** Whether it waits for its address. */
  get addressGone(): boolean {
    return this.#addressGone;
  }

  /** The address that strangers agree to see it at; undefined: they do not. */
  get seenAs(): string | undefined {
    return this.socket.external.agreed(this.#needs.setup.address?.includes(':') === true ? 6 : 4);
  }

  /** From now on people hear of the proxy. */
  open(): void {
    const { key } = this.#needs.setup;
    const tell = (message: string): void => this.#host.post({ type: 'tracker-warning', key, message });
    this.#unlisten = this.#link.proxy?.onNews(tell) ?? this.#unlisten;
  }

  /** Takes part in the swarm while its address is there. Resolves when that is tried. */
  listen(): Promise<void> {
    const { key, hashes, port } = this.#needs.setup;
    return this.socket.join(key, swarmHashes(hashes), port, this);
  }

  /** It is leaving: nothing is said any more. */
  end(): void {
    this.#leaves = true;
    this.#unlisten();
  }

  /** Rejects as `ListenSocket.leave`. */
  leave(): Promise<void> {
    return this.socket.leave(this.#needs.setup.key).finally(() => this.#link.release());
  }

  /** Whether its port is to be mapped may be chosen otherwise now. */
  remap(): void {
    this.socket.remap(this.#needs.setup.key);
  }

  get mapAt(): readonly string[] | undefined {
    // The router of a proxy is not ours.
    if (!this.#needs.tuning().portMap || this.#link.proxy !== undefined) return undefined;
    return this.#needs.setup.gateways ?? [];
  }

  moved(): void {
    this.#needs.moved();
  }

  wayCame(since: Millis): void {
    this.#needs.wayCame(since);
  }

  encryption(): EncryptionPolicy {
    return this.#needs.tuning().encryption;
  }

  takes(transport: TransportName): boolean {
    return this.#needs.tuning()[transport];
  }

  admit(newcomer: Newcomer): Admission | undefined {
    return this.#needs.admit(newcomer);
  }

  up(): void {
    const { local } = this.socket;
    if (this.#leaves || local === undefined) return;
    this.#listens = true;
    this.#addressGone = false;
    this.#host.post({ type: 'listening', key: this.#needs.setup.key, endpoint: local });
    this.#needs.up();
  }

  down(error: unknown): void {
    this.#listens = false;
    this.#needs.down();
    // If the address went away after the last look, binding to it fails: then the download waits for it.
    this.#addressGone = this.#needs.setup.address !== undefined;
    if (!this.#addressGone) this.#needs.refused(error);
  }
}
