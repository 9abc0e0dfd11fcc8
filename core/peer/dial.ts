import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, InfoHashV2, Millis, PeerId } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Net } from '../ports/net.ts';
import { isV2 } from '../metainfo/torrent-id.ts';
import { encodeHandshake, type HandshakeExtensions, handshakeHash } from '../wire/handshake.ts';
import type { DialFailure } from './end-reason.ts';
import { Opening } from './opening.ts';
import type { PeerSession } from './session.ts';
import { CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT, SILENCE_TIMEOUT, STUCK_TIMEOUT } from './time-outs.ts';

/** Whom to dial, from where, and what for. */
export interface DialPeerOptions {
  readonly remote: Endpoint;
  /** Dial from this local address, or not at all. */
  readonly localAddress?: string | undefined;
  /** By which hash we name the torrent. */
  readonly infoHash: InfoHash;
  /** A hybrid torrent's other hash, that of version 2, by which the peer may answer (BEP 52, "upgrade path"). */
  readonly upgrade?: InfoHashV2 | undefined;
  /** The peer is known to know that one: it is dialled by it at first. */
  readonly knowsV2?: boolean | undefined;
  /** Ours. */
  readonly peerId: PeerId;
  /** What our handshake announces. */
  readonly offers: HandshakeExtensions;
  readonly connectTimeout?: Millis;
  readonly handshakeTimeout?: Millis;
  /** The connection stands; the peer's handshake is still to come. */
  connected?(): void;
}

/**
 * Connects to a peer and exchanges handshakes. `done` is called once, never before this returns, and not at all after
 * `cancel`; what came after the handshake is kept until the session is started.
 */
export function dialPeer(
  ports: { readonly clock: Clock; readonly net: Pick<Net, 'dial'> },
  options: DialPeerOptions,
  done: (result: PeerSession | DialFailure) => void,
): { cancel(): void } {
  const { remote, localAddress, infoHash, peerId, upgrade } = options;
  const named = handshakeHash(infoHash);
  const upgraded = upgrade === undefined ? undefined : handshakeHash(upgrade);
  const offers = { ...options.offers, upgrade: upgraded !== undefined };
  let finished = false;
  const finish = (result: PeerSession | DialFailure): void => {
    if (finished) return;
    finished = true;
    done(result);
  };
  const opening = new Opening(ports.clock, options.handshakeTimeout ?? HANDSHAKE_TIMEOUT, {
    connected: (it) => {
      it.write(encodeHandshake({ infoHash, peerId, extensions: offers }));
      if (!finished) options.connected?.();
    },
    named: (_, theirs) => {
      if (theirs === upgraded) return { offers, v2: true };
      if (theirs === named) return { offers, v2: isV2(infoHash) };
      throw new EnsembleError('protocol', `The peer was asked for torrent ${infoHash} and answered for ${theirs}.`);
    },
    established: finish,
    failed: finish,
  });
  const connection = ports.net.dial(
    {
      remote,
      ...(localAddress !== undefined && { localAddress }),
      connectTimeout: options.connectTimeout ?? CONNECT_TIMEOUT,
      silenceTimeout: SILENCE_TIMEOUT,
      stuckTimeout: STUCK_TIMEOUT,
    },
    opening,
  );
  return {
    cancel: () => {
      if (finished) return;
      finished = true;
      connection.destroy();
    },
  };
}
