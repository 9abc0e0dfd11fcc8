import type { TransportName } from '../base/choices.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type { InfoHash, Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import { keepNewest } from '../base/keep-newest.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Net } from '../ports/net.ts';
import type { DialAttempt, AttemptState, EncryptionName, DialWay } from '../strategy/peers/connect-plan.ts';
import { planConnect } from '../strategy/peers/connect-plan.ts';
import type { DialPeerOptions } from './dial.ts';
import { dialPeer } from './dial.ts';
import type { DialFailure } from './end-reason.ts';
import type { PeerSession } from './session.ts';

/** Makes connections over one transport. */
export type Transport = Pick<Net, 'dial'>;

/**
 * Makes encrypted connections for a torrent over the transport `beneath`. They call `connected` when those of that transport do; where
 * the sides do not agree, they close with an error.
 */
export type Encryption = (beneath: Transport, infoHash: InfoHash) => Transport;

/** All transports and encryptions that may be used, in the order in which they are tried. */
export interface DialMethods {
  readonly transports: ReadonlyMap<TransportName, Transport>;
  readonly encryptions: ReadonlyMap<EncryptionName, Encryption>;
}

/** For how many peers it is remembered how they were reached. */
const MOST_REMEMBERED = 2000;

/** Errors of our own machine, which would be the same over another transport. */
const OURS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EMFILE', 'ENFILE', 'EPROXY', 'EPROXYAUTH']);

/** Reaches peers by whichever way leads to a handshake first, and remembers it. */
export class Connector {
  readonly #clock: Clock;
  readonly #methods: () => DialMethods;
  /** By endpoint; ways that are tried first anyway are not stored. */
  readonly #worked = new Map<string, DialWay>();
  /** Peers of a hybrid torrent, by endpoint, that did not answer to the hash by which they would be dialled. */
  readonly #otherwise = new Set<string>();

  /** `methods`: those that may be used now. */
  constructor(clock: Clock, methods: () => DialMethods) {
    this.#clock = clock;
    this.#methods = methods;
  }

  /**
   * Tries what `planConnect` says, over the transports of `order` alone and in that order if it is given. `done` is called once, never
   * before this returns, and not at all after `cancel`: with the session of the first attempt that has one, or, when all have failed, with
   * the last failure.
   */
  connect(
    options: DialPeerOptions,
    done: (result: PeerSession | DialFailure) => void,
    order?: readonly TransportName[],
  ): { cancel(): void } {
    const key = formatEndpoint(options.remote);
    const all = this.#methods();
    const methods = order === undefined ? all : { ...all, transports: inOrder(all.transports, order) };
    const { upgrade, knowsV2 = false, ...dial } = options;
    const byV2 = upgrade !== undefined && knowsV2 !== this.#otherwise.has(key);
    const named = byV2 ? { ...dial, infoHash: upgrade } : options;
    const connecting = new Connecting(this.#clock, methods, named, this.#worked.get(key), (result, way) => {
      if (way !== undefined) this.#remember(key, way, all);
      if (upgrade !== undefined && 'reason' in result && isDeaf(result.reason)) this.#nameOtherwise(key);
      done(result);
    });
    return { cancel: () => connecting.end() };
  }

  /** The next dial goes by the torrent's other hash: some peers know but one, and a dial of both would look like two peers. */
  #nameOtherwise(key: string): void {
    if (!this.#otherwise.delete(key) && this.#otherwise.size < MOST_REMEMBERED) this.#otherwise.add(key);
  }

  #remember(key: string, way: DialWay, methods: DialMethods): void {
    this.#worked.delete(key);
    const [transport] = methods.transports.keys();
    const [encryption] = methods.encryptions.keys();
    if (way.transport === transport && way.encryption === encryption) return;
    this.#worked.set(key, way);
    keepNewest(this.#worked, MOST_REMEMBERED);
  }
}

function inOrder(
  transports: ReadonlyMap<TransportName, Transport>,
  order: readonly TransportName[],
): ReadonlyMap<TransportName, Transport> {
  const out = new Map<TransportName, Transport>();
  for (const name of order) {
    const transport = transports.get(name);
    if (transport !== undefined) out.set(name, transport);
  }
  return out;
}

interface Running extends DialAttempt {
  state: AttemptState;
  dial: { cancel(): void } | undefined;
}

/** The attempts to reach one peer. */
class Connecting {
  readonly #clock: Clock;
  readonly #methods: DialMethods;
  readonly #options: DialPeerOptions;
  readonly #worked: DialWay | undefined;
  readonly #done: (result: PeerSession | DialFailure, way: DialWay | undefined) => void;
  readonly #attempts: Running[] = [];
  #timer: Timer | undefined;
  #failure: DialFailure = { reason: { kind: 'local' } };
  #over = false;

  constructor(
    clock: Clock,
    methods: DialMethods,
    options: DialPeerOptions,
    worked: DialWay | undefined,
    done: (result: PeerSession | DialFailure, way: DialWay | undefined) => void,
  ) {
    this.#clock = clock;
    this.#methods = methods;
    this.#options = options;
    this.#worked = worked;
    this.#done = done;
    this.#goOn();
  }

  /** Stops all attempts. */
  end(): void {
    this.#over = true;
    this.#timer?.cancel();
    for (const attempt of this.#attempts) attempt.dial?.cancel();
  }

  #goOn(): void {
    this.#timer?.cancel();
    const { transports, encryptions } = this.#methods;
    const allowed = { transports: [...transports.keys()], encryptions: [...encryptions.keys()] };
    while (!this.#over) {
      const now = this.#clock.now();
      const plan = planConnect({ ...allowed, now, worked: this.#worked, attempts: this.#attempts });
      if (plan.kind === 'dial') {
        this.#dial(plan.way, now);
        continue;
      }
      if (plan.kind === 'give-up') {
        this.end();
        this.#done(this.#failure, undefined);
      } else if (plan.until !== undefined) {
        this.#timer = this.#clock.after(millis(plan.until - now), () => this.#goOn());
      }
      return;
    }
  }

  #dial(way: DialWay, since: Millis): void {
    const attempt: Running = { way, since, state: 'dialling', dial: undefined };
    this.#attempts.push(attempt);
    const { remote, infoHash } = this.#options;
    const transport = this.#methods.transports.get(way.transport);
    const encryption = this.#methods.encryptions.get(way.encryption);
    if (transport === undefined || encryption === undefined) {
      throw new Error(`no way to ${formatEndpoint(remote)} by ${way.transport} ${way.encryption}`);
    }
    const options = {
      ...this.#options,
      connected: () => {
        attempt.state = 'open';
        this.#options.connected?.();
        this.#goOn();
      },
    };
    const net = encryption(transport, infoHash);
    attempt.dial = dialPeer({ clock: this.#clock, net }, options, (result) => {
      if ('reason' in result) {
        this.#failure = result;
        attempt.state = stateAfter(result.reason, attempt.state === 'open');
        this.#goOn();
        return;
      }
      this.end();
      this.#done(result, way);
    });
  }
}

/** Whether an attempt ended as it does where the peer does not know the torrent by that name. */
function isDeaf(reason: DialFailure['reason']): boolean {
  return reason.kind === 'protocol' || stateAfter(reason, false) === 'broken';
}

function stateAfter(reason: DialFailure['reason'], stood: boolean): AttemptState {
  switch (reason.kind) {
    case 'remote':
      return 'broken';
    case 'timeout':
      return reason.what === 'connect' ? 'unreachable' : 'broken';
    case 'error':
      if (OURS.has(reason.code)) return 'final';
      // Only a connection that stood can be reset, even if the encryption beneath has not called `connected` yet.
      return stood || reason.code === 'ECONNRESET' || reason.code === 'EPIPE' ? 'broken' : 'unreachable';
    case 'protocol':
    case 'local':
      return 'final';
  }
}
