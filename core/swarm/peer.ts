import { formatEndpoint } from '../base/endpoint.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { RateMeter } from '../base/rate.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { PeerSession } from '../peer/session.ts';
import { UploadQueue } from '../peer/upload-queue.ts';
import { BlockSource } from './block-source.ts';
import { REQUEST_QUEUE } from './core.ts';
import type { PeerLink } from './peer-link.ts';

/** How many requests a peer takes at a time where it does not say (what common clients keep without `reqq`). */
const DEFAULT_REQUEST_QUEUE = 250;

/** One connected peer of one swarm: what it said, what we said, what is on its way. Only files of this folder change it. */
export class SwarmPeer extends BlockSource {
  readonly link: PeerLink;
  readonly session: PeerSession;
  readonly connectedAt: Millis;
  /** Payload rate from us to it. */
  readonly up: RateMeter;
  /** Its unanswered requests. */
  readonly uploads: UploadQueue;
  /** Lets go of the bytes that are on their way to it, each once so many of the session have left. */
  readonly sending: { readonly until: number; release(): void }[] = [];
  /** Pieces that it may ask for while we choke it (BEP 6). */
  readonly grantedFast = new Set<PieceIndex>();
  /** Whether it has not said yet what it has: its bitfield, have-all or have-none is its first message (BEP 3). */
  fresh = true;

  /** When it was last told at once of a piece that we got, and when what waits is to leave (`ToldPieces`). */
  toldAt = -Infinity as Millis;
  tellAt = Infinity as Millis;

  amChoking = true;
  peerInterested = false;
  optimistic = false;

  unchokedAt: Millis | undefined;
  /** It was unchoked for a while, and took nothing. */
  declines = false;
  /** How many bytes it may still get while it is choked (BEP 6). */
  fastBudget = 0;
  /** Bytes that it got while it was choked: they are no trade. */
  gifts = 0;

  constructor(link: PeerLink, geometry: Geometry, now: Millis) {
    super(geometry, now);
    this.link = link;
    this.session = link.session;
    this.uploads = new UploadQueue(geometry, REQUEST_QUEUE);
    this.connectedAt = now;
    this.up = new RateMeter(now);
  }

  get host(): string {
    return this.link.host;
  }

  get name(): string {
    return formatEndpoint(this.link.endpoint);
  }

  get requestQueue(): number {
    return this.link.handshake?.requestQueue ?? DEFAULT_REQUEST_QUEUE;
  }

  ask(piece: PieceIndex, begin: number, length: number): void {
    this.session.batch.request(piece, begin, length);
  }

  cancel(piece: PieceIndex, begin: number, length: number): void {
    this.session.batch.cancel(piece, begin, length);
  }

  flush(): void {
    this.session.flush();
  }

  tellInterest(): void {
    if (this.amInterested) this.session.batch.interested();
    else this.session.batch.notInterested();
    this.session.flush();
  }

  dropTarget(): void {
    this.session.dropTarget();
  }

  pauseReading(): void {
    this.session.pauseReading();
  }

  resumeReading(): void {
    this.session.resumeReading();
  }

  ban(): void {
    this.session.close();
  }
}
