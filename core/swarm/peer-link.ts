import type { Endpoint } from '../base/endpoint.ts';
import type { PeerSourceKind } from '../base/peer-source.ts';
import type { PeerSession } from '../peer/session.ts';
import { clientName } from '../wire/client-name.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';

/** A connected peer, whatever a swarm wants from it: who it is, as far as it said. */
export class PeerLink {
  readonly session: PeerSession;
  /** How we came to know it. */
  readonly source: PeerSourceKind;
  /** Its last extension handshake (BEP 10). */
  handshake: ExtensionHandshake | undefined;
  /** The endpoint under which it was reported last. */
  reported: Endpoint;
  /** The UDP port of its node in the DHT (BEP 5), as it said first. */
  dhtPort: number | undefined;
  /** Whether a block was exchanged; known when it is over. */
  traded = false;
  /** A common peer helped us to connect (BEP 55). */
  readonly punched: boolean;
  /** Its canonical priority (BEP 40), as far as our own address is known. */
  priority: number | undefined;

  constructor(session: PeerSession, source: PeerSourceKind, punched: boolean = false) {
    this.session = session;
    this.source = source;
    this.punched = punched;
    this.reported = session.remote;
  }

  /** Where it listens, as far as that is known: as dialled, or from its extension handshake. */
  get endpoint(): Endpoint {
    const { remote, incoming } = this.session;
    const port = this.handshake?.port;
    return incoming && port !== undefined ? { host: remote.host, port } : remote;
  }

  /** Whether it is known where it listens: over uTP all dial from there, and some do not say it once more. */
  get listens(): boolean {
    const { incoming, transport } = this.session;
    return !incoming || transport === 'utp' || this.handshake?.port !== undefined;
  }

  get host(): string {
    return this.session.remote.host;
  }

  /** Its program, as it says itself, or else by its peer id. */
  get client(): string {
    return this.handshake?.client ?? clientName(this.session.peerId);
  }
}
