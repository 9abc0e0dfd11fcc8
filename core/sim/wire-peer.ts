import type { Endpoint } from '../base/endpoint.ts';
import { fromHex, sameBytes, toHex } from '../base/bytes.ts';
import type { HashRange } from '../base/hash-range.ts';
import type { InfoHash, PeerId, PieceIndex } from '../base/ids.ts';
import { piece as pieceIndex } from '../base/ids.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import type { Clock } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { Decoder } from '../wire/decoder.ts';
import { encodeHandshake, GREETING, HANDSHAKE_LENGTH } from '../wire/handshake.ts';
import { encodePieceHeader } from '../wire/encode.ts';
import type { WireHandler } from '../wire/handler.ts';
import { MessageBatch } from '../wire/message-batch.ts';
import type { SimHost } from './net-host.ts';

/** One connection of a scripted peer, after its handshake. */
export class WireConnection {
  readonly connection: Connection;
  readonly batch = new MessageBatch(() => {});
  /** Requests that came and were not cancelled. */
  readonly requests: { readonly piece: PieceIndex; readonly begin: number; readonly length: number }[] = [];
  /** Whether the other side chokes us. */
  choked = true;
  interested = false;
  /** When we were last unchoked, and for how long in all, in ms. */
  unchokedAt: number | undefined;
  unchokedFor = 0;
  /** Pieces that it said it has: by bitfield, have-all or have. */
  readonly has = new Set<number>();
  /** Blocks that it sent. */
  readonly blocks: { readonly piece: number; readonly begin: number; readonly data: Uint8Array }[] = [];
  readonly extended: { readonly id: number; readonly payload: Uint8Array }[] = [];
  rejects = 0;
  /** Of version 2 (BEP 52): what it was asked, and what it was given. */
  readonly hashRequests: HashRange[] = [];
  readonly hashes: { readonly range: HashRange; readonly hashes: Uint8Array }[] = [];
  hashRejects = 0;
  /** Pieces that we may ask for while choked (BEP 6). */
  readonly gifts: PieceIndex[] = [];
  closed: CloseReason | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends bytes as they are. */
  raw(...bytes: readonly Uint8Array[]): void {
    for (const data of bytes) this.connection.write(data);
  }

  flush(): void {
    const data = this.batch.take();
    if (data !== undefined) this.connection.write(data);
  }

  block(piece: number, begin: number, data: Uint8Array): void {
    this.raw(encodePieceHeader(pieceIndex(piece), begin, data.length), data);
  }
}

export interface WirePeerOptions {
  readonly clock: Clock;
  readonly host: SimHost;
  readonly address: string;
  readonly torrent: Torrent;
  readonly peerId?: string;
  readonly fast?: boolean;
  /** To name another torrent than `torrent` in the handshake. */
  readonly infoHash?: InfoHash;
  /** The handshakes are complete: the time to say what it has. */
  greet?(it: WireConnection): void;
  /** A request came. */
  requested?(it: WireConnection, piece: PieceIndex, begin: number, length: number): void;
  /** An extended message came (BEP 10). */
  extended?(it: WireConnection, id: number, payload: Uint8Array): void;
  /** It was asked for hashes (BEP 52). */
  hashRequested?(it: WireConnection, range: HashRange): void;
  /** It was choked or unchoked. */
  unchoked?(it: WireConnection): void;
}

/** A peer for which a test speaks, message by message. It behaves well except where the test says otherwise. */
export class WirePeer {
  readonly endpoint: Endpoint;
  readonly connections: WireConnection[] = [];
  readonly #o: WirePeerOptions;

  constructor(options: WirePeerOptions) {
    this.#o = options;
    this.endpoint = { host: options.address, port: 6881 };
  }

  /** Its open connection, if any. */
  get open(): WireConnection | undefined {
    return this.connections.findLast((one) => one.closed === undefined);
  }

  async listen(): Promise<this> {
    const limits = { silenceTimeout: 1e9 as never, stuckTimeout: 1e9 as never };
    await this.#o.host.listen({ address: this.#o.address, port: 6881, ...limits }, () => ({
      data: (connection, data) => {
        // Like all that do not know encryption.
        if (!sameBytes(data.slice(0, GREETING.length), GREETING)) return connection.destroy();
        connection.write(this.#handshake());
        const handler = this.#handler(connection);
        connection.handOver(handler);
        handler.data(connection, data);
      },
      closed: () => {},
    }));
    return this;
  }

  dial(remote: Endpoint): void {
    const limits = { connectTimeout: 1e4 as never, silenceTimeout: 1e9 as never, stuckTimeout: 1e9 as never };
    const handler: Partial<ConnectionHandler> = {};
    const connection = this.#o.host.dial(
      { remote, localAddress: this.#o.address, ...limits },
      {
        connected: (it) => {
          Object.assign(handler, this.#handler(it));
          it.write(this.#handshake());
        },
        data: (it, data) => handler.data?.(it, data),
        closed: (it, reason) => handler.closed?.(it, reason),
      },
    );
    void connection;
  }

  #handshake(): Uint8Array {
    const { torrent, peerId, address, fast = true } = this.#o;
    const id = peerId ?? `2d5a5a303030302d${toHexPadded(address)}`;
    if (fromHex(id)?.length !== 20) throw new Error(`${id} is no peer id`);
    const extensions = { fast, extended: true };
    return encodeHandshake({ infoHash: this.#o.infoHash ?? torrent.info.infoHash, peerId: id as PeerId, extensions });
  }

  #handler(connection: Connection): ConnectionHandler {
    const it = new WireConnection(connection);
    this.connections.push(it);
    const decoder = new Decoder(this.#wire(it), { maxMessage: 1 << 24, v2: true });
    let skip = HANDSHAKE_LENGTH;
    return {
      data: (_, data) => {
        const from = Math.min(skip, data.length);
        skip -= from;
        if (skip > 0) return;
        if (from > 0) {
          this.#o.greet?.(it);
          it.flush();
        }
        if (from < data.length) decoder.push(data.slice(from));
        it.flush();
      },
      closed: (_, reason) => {
        it.closed = reason;
        this.#choked(it, true);
      },
    };
  }

  #choked(it: WireConnection, choked: boolean): void {
    const now = this.#o.clock.now();
    if (choked && it.unchokedAt !== undefined) it.unchokedFor += now - it.unchokedAt;
    if (choked) it.unchokedAt = undefined;
    else it.unchokedAt ??= now;
    it.choked = choked;
    this.#o.unchoked?.(it);
  }

  #wire(it: WireConnection): WireHandler {
    const { torrent, requested } = this.#o;
    const drop = (piece: number, begin: number): void => {
      const at = it.requests.findIndex((one) => one.piece === piece && one.begin === begin);
      if (at >= 0) it.requests.splice(at, 1);
    };
    let target = new Uint8Array(0);
    return {
      keepAlive: () => {},
      choke: () => this.#choked(it, true),
      unchoke: () => this.#choked(it, false),
      interested: () => (it.interested = true),
      notInterested: () => (it.interested = false),
      have: (piece) => it.has.add(piece),
      bitfield: (data) => {
        for (let i = 0; i < torrent.info.pieceCount; i++) {
          if (((data[i >>> 3] ?? 0) & (0x80 >>> (i & 7))) !== 0) it.has.add(i);
        }
      },
      request: (piece, begin, length) => {
        it.requests.push({ piece, begin, length });
        requested?.(it, piece, begin, length);
      },
      cancel: (piece, begin) => drop(piece, begin),
      blockTarget: (_piece, _begin, length) => (target = new Uint8Array(length)),
      block: (piece, begin) => it.blocks.push({ piece, begin, data: target }),
      port: () => {},
      suggest: () => {},
      haveAll: () => {
        for (let i = 0; i < torrent.info.pieceCount; i++) it.has.add(i);
      },
      haveNone: () => {},
      reject: () => it.rejects++,
      allowedFast: (piece) => it.gifts.push(piece),
      extended: (id, payload) => {
        it.extended.push({ id, payload: payload.slice() });
        this.#o.extended?.(it, id, payload);
      },
      hashRequest: (range) => {
        it.hashRequests.push(range);
        this.#o.hashRequested?.(it, range);
      },
      hashes: (range, hashes) => it.hashes.push({ range, hashes: hashes.slice() }),
      hashReject: () => it.hashRejects++,
    };
  }
}

function toHexPadded(text: string): string {
  return toHex(new TextEncoder().encode(text)).slice(-24).padStart(24, '0');
}
