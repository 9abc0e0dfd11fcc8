import type { TransportName } from '../../base/choices.ts';
import type { Millis } from '../../base/ids.ts';

export type EncryptionName = 'plain' | 'mse';

/** One way to reach a peer. */
export interface DialWay {
  readonly transport: TransportName;
  readonly encryption: EncryptionName;
}

/**
 * How an attempt stands. `dialling`: nobody has answered yet. `open`: a connection stands, the handshake is awaited.
 * `unreachable`: this transport leads nowhere. `broken`: a connection stood, and the peer did not answer what we said: it may
 * want another encryption. `final`: no other way would go better, as the peer has another torrent or our address is gone.
 */
export type AttemptState = 'dialling' | 'open' | 'unreachable' | 'broken' | 'final';

export interface DialAttempt {
  readonly way: DialWay;
  readonly since: Millis;
  readonly state: AttemptState;
}

export interface ConnectSnapshot {
  readonly now: Millis;
  /** Those that may be used, in the order in which to try them. */
  readonly transports: readonly TransportName[];
  readonly encryptions: readonly EncryptionName[];
  /** What led to this peer the last time. */
  readonly worked: DialWay | undefined;
  /** All attempts so far, none of which came to a handshake. */
  readonly attempts: readonly DialAttempt[];
}

/** What comes next: an attempt at once, then ask again; nothing before `until` or an outcome; nothing at all. */
export type ConnectPlan =
  | { readonly kind: 'dial'; readonly way: DialWay }
  | { readonly kind: 'wait'; readonly until?: Millis }
  | { readonly kind: 'give-up' };

/** How long a transport that has not answered has the peer for itself: much more than a round trip, less than a person notices. */
const HEAD_START = 1_000;

/**
 * Tries transports one after the other, each with a head start before the next is tried beside it, and none beside a
 * connection that stands (like RFC 8305). Where a peer breaks off, the other encryption is tried at once over the same
 * transport. Begins with what worked the last time.
 */
export function planConnect(snapshot: ConnectSnapshot): ConnectPlan {
  const { now, worked, attempts } = snapshot;
  if (attempts.some(({ state }) => state === 'final')) return { kind: 'give-up' };
  let pending: DialAttempt | undefined;
  for (const transport of inFront(snapshot.transports, worked?.transport)) {
    const last = attempts.findLast(({ way }) => way.transport === transport);
    // The peer was reached and does not want us, perhaps because it is full: do not dial it once more for each transport.
    if (last === undefined && isTurnedAway(snapshot)) continue;
    if (last === undefined && pending !== undefined) {
      if (pending.state === 'open') return { kind: 'wait' };
      const until = (pending.since + HEAD_START) as Millis;
      if (now < until) return { kind: 'wait', until };
    }
    if (last === undefined || last.state === 'broken') {
      const encryption = nextEncryption(snapshot, transport);
      if (encryption !== undefined) return { kind: 'dial', way: { transport, encryption } };
    }
    if (last?.state === 'dialling' || last?.state === 'open') {
      if (pending?.state !== 'open') pending = last;
    }
  }
  return pending === undefined ? { kind: 'give-up' } : { kind: 'wait' };
}

/** Whether the peer broke off whatever was said over some transport. */
function isTurnedAway({ transports, encryptions, attempts }: ConnectSnapshot): boolean {
  return transports.some((transport) =>
    encryptions.every((encryption) =>
      attempts.some(
        ({ way, state }) => way.transport === transport && way.encryption === encryption && state === 'broken',
      ),
    ),
  );
}

/** The next encryption to try over a transport; those at which the peer broke off over another transport come last. */
function nextEncryption(
  { encryptions, worked, attempts }: ConnectSnapshot,
  transport: TransportName,
): EncryptionName | undefined {
  const untried = inFront(encryptions, worked?.encryption).filter(
    (one) => !attempts.some(({ way }) => way.transport === transport && way.encryption === one),
  );
  const broken = (one: EncryptionName): boolean =>
    attempts.some(({ way, state }) => way.encryption === one && state === 'broken');
  return untried.find((one) => !broken(one)) ?? untried[0];
}

function inFront<T>(list: readonly T[], first: T | undefined): readonly T[] {
  return first === undefined || !list.includes(first) ? list : [first, ...list.filter((one) => one !== first)];
}
