import type { EncryptionPolicy, TransportName } from '../base/choices.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { Millis, PeerId } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import { Tally } from '../base/tally.ts';
import { type Hashes, nameOf } from '../metainfo/torrent-id.ts';
import { Connector, type Transport } from '../peer/connector.ts';
import { encryptionsOf } from '../peer/encryptions.ts';
import type { DialFailure } from '../peer/end-reason.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Ports } from '../ports/ports.ts';
import { UNANSWERED_AFTER } from '../strategy/peers/punch-plan.ts';
import type { HandshakeExtensions } from '../wire/handshake.ts';

/** Most dials under way at once. */
export const MAX_DIALS = 30;
/** Of these to one machine: a list may name thousands of ports of somebody who is no peer at all. */
const MAX_DIALS_PER_MACHINE = 4;
/** A connection over uTP that comes to stand so long after both sides were told to dial is one that this has made. */
const PUNCHED_WITHIN = 30_000;

export interface DialsOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  /** What the torrent is called: the hash to dial by, and a hybrid's other one. */
  readonly hashes: Hashes;
  readonly peerId: PeerId;
  /** What our handshakes announce for this torrent, as of now. */
  offers(): HandshakeExtensions;
  readonly address?: string;
  encryption(): EncryptionPolicy;
  /** The transports that may be used now, in the order in which they are tried. */
  transports(): ReadonlyMap<TransportName, Transport>;
  /** A peer does not answer, whichever way it is dialled; said once a dial, which goes on if it has not failed. */
  unreachable(remote: Endpoint): void;
}

interface Dial {
  readonly remote: FoundPeer;
  readonly since: Millis;
  readonly punches: boolean;
  readonly utpFirst: boolean;
  attempt: { cancel(): void } | undefined;
  /** A connection stood. */
  answered: boolean;
  /** `unreachable` was called. */
  told: boolean;
}

type Outcome = (result: PeerSession | DialFailure) => void;

/** The dials under way: to whom, how many of them to one machine, and who does not answer. */
export class Dials {
  readonly #options: DialsOptions;
  readonly #connector: Connector;
  readonly #dials = new Map<string, Dial>();
  /** How many go to each machine, loopback left out. */
  readonly #machines = new Tally<string>();
  /** See `inVain`. */
  #inVain = 0;
  /** When both sides were told to dial, by the peer's endpoint; in the order in which that was. */
  readonly #punches = new Map<string, Millis>();

  constructor(options: DialsOptions) {
    this.#options = options;
    const { clock, random } = options.ports;
    this.#connector = new Connector(clock, () => ({
      transports: options.transports(),
      encryptions: encryptionsOf(options.encryption(), random),
    }));
  }

  get size(): number {
    return this.#dials.size;
  }

  /** How many dials over uTP first have led to a connection over TCP since the last one over uTP. */
  get inVain(): number {
    return this.#inVain;
  }

  /** How many of them go over uTP first. */
  get utpFirst(): number {
    let count = 0;
    for (const dial of this.#dials.values()) if (dial.utpFirst) count++;
    return count;
  }

  has(key: string): boolean {
    return this.#dials.has(key);
  }

  /** Whether one more may go to this machine. */
  hasRoomAt(host: string): boolean {
    return this.#machines.of(networkOf(host)) < MAX_DIALS_PER_MACHINE;
  }

  /** Dials by all ways; `utpFirst`: in the other order. `done` is called once, unless it is cancelled. */
  dial(remote: FoundPeer, done: Outcome, utpFirst: boolean): void {
    this.#start(remote, done, utpFirst ? ['utp', 'tcp'] : undefined);
  }

  /**
   * Dials over uTP alone, as the peer does at the same time; a dial to it by other ways ends. Returns whether there was one, or
   * undefined where this has been done already, or cannot be done now.
   */
  punch(remote: FoundPeer, done: Outcome): boolean | undefined {
    const key = formatEndpoint(remote);
    const before = this.#dials.get(key);
    if (before?.punches === true || !this.#options.transports().has('utp')) return undefined;
    if (before === undefined && (this.size >= MAX_DIALS || !this.hasRoomAt(remote.host))) return undefined;
    this.cancel(key);
    const now = this.#options.ports.clock.now();
    this.#forgetPunches(now);
    this.#punches.set(key, now);
    this.#start(before?.remote ?? remote, done, ['utp']);
    return before !== undefined;
  }

  /** Whether a session came of such a dial, of whichever side. */
  isPunched({ transport, remote }: PeerSession): boolean {
    if (transport !== 'utp' || this.#punches.size === 0) return false;
    this.#forgetPunches(this.#options.ports.clock.now());
    return this.#punches.has(formatEndpoint(remote));
  }

  /** Ends a dial without a word; returns whom it went to, if there was one. */
  cancel(key: string): FoundPeer | undefined {
    const dial = this.#dials.get(key);
    if (dial === undefined) return undefined;
    this.#ended(key, dial);
    dial.attempt?.cancel();
    return dial.remote;
  }

  /** Ends them all without a word; returns whom they went to. */
  cancelAll(): FoundPeer[] {
    return [...this.#dials.keys()].flatMap((key) => this.cancel(key) ?? []);
  }

  /** Says which peers have not answered for a while. */
  look(): void {
    const now = this.#options.ports.clock.now();
    for (const dial of this.#dials.values()) if (now - dial.since >= UNANSWERED_AFTER) this.#unreachable(dial);
  }

  #start(remote: FoundPeer, done: Outcome, order: readonly TransportName[] | undefined): void {
    const { ports, hashes, peerId, offers, address } = this.#options;
    const names =
      hashes.v1 === undefined
        ? { infoHash: nameOf(hashes) }
        : { infoHash: hashes.v1, upgrade: hashes.v2, knowsV2: remote.v2 };
    const key = formatEndpoint(remote);
    const since = ports.clock.now();
    const dial: Dial = {
      remote,
      since,
      punches: order?.length === 1,
      utpFirst: order?.[0] === 'utp',
      attempt: undefined,
      answered: false,
      told: false,
    };
    this.#dials.set(key, dial);
    this.#count(remote.host, 1);
    const attempt = this.#connector.connect(
      {
        remote,
        ...names,
        peerId,
        offers: offers(),
        ...(address === undefined ? {} : { localAddress: address }),
        connected: () => (dial.answered = true),
      },
      (result) => {
        this.#ended(key, dial);
        if (!('reason' in result)) {
          if (result.transport === 'utp') this.#inVain = 0;
          else if (dial.utpFirst) this.#inVain++;
        }
        done(result);
        if ('reason' in result && isUnreached(result)) this.#unreachable(dial);
      },
      order,
    );
    dial.attempt = attempt;
  }

  #ended(key: string, { remote }: Dial): void {
    this.#dials.delete(key);
    this.#count(remote.host, -1);
  }

  #unreachable(dial: Dial): void {
    if (dial.told || dial.answered || dial.punches) return;
    dial.told = true;
    this.#options.unreachable(dial.remote);
  }

  #count(host: string, by: 1 | -1): void {
    if (!isLoopback(host)) this.#machines.count(networkOf(host), by);
  }

  #forgetPunches(now: Millis): void {
    for (const [key, at] of this.#punches) {
      if (now - at < PUNCHED_WITHIN) return;
      this.#punches.delete(key);
    }
  }
}

/** Nobody answered, rather than that our own address or proxy is gone, or the peer has another torrent. */
function isUnreached({ reason }: DialFailure): boolean {
  if (reason.kind === 'timeout') return reason.what === 'connect';
  return (
    reason.kind === 'error' &&
    (reason.code === 'ECONNREFUSED' || reason.code.endsWith('UNREACH') || reason.code === 'ETIMEDOUT')
  );
}
