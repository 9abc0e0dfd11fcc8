import { Bitfield } from '../../base/bitfield.ts';
import { sameBytes } from '../../base/bytes.ts';
import { type InfoHash, type PeerId, piece as pieceIndex } from '../../base/ids.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';
import type { Connection, ConnectionHandler } from '../../ports/net.ts';
import { Decoder } from '../../wire/decoder.ts';
import { encodeBitfield, encodeKeepAlive, encodePieceHeader } from '../../wire/encode.ts';
import { encodeHandshake, GREETING, HANDSHAKE_LENGTH } from '../../wire/handshake.ts';
import type { WireHandler } from '../../wire/handler.ts';
import { MessageBatch } from '../../wire/message-batch.ts';
import type { Program } from './end.ts';
import type { ModelPeer, PeerEnd } from './model-peer.ts';
import { type Cut, PRESENT } from './piece-table.ts';

/** The torrent as programs see it. */
export interface Payload {
  readonly infoHash: InfoHash;
  readonly cut: Cut;
  /** The bytes of a block. */
  bytesOf(block: number): Uint8Array;
}

/** A connection between a model and a program: what the one means, in the other's language. */
export class ProgramLine implements Program {
  readonly host: string;
  readonly states: Uint8Array;
  readonly #peer: ModelPeer;
  readonly #payload: Payload;
  readonly #batch = new MessageBatch();
  readonly #connection: Connection;
  #end: PeerEnd | undefined;

  private constructor(peer: ModelPeer, payload: Payload, connection: Connection) {
    this.#peer = peer;
    this.#payload = payload;
    this.#connection = connection;
    this.host = connection.remote.host;
    this.states = new Uint8Array(payload.cut.pieces);
  }

  /** Handles a connection from its begin; `dialled`: by the model, which then speaks first. `ended` is called at its end. */
  static handler(
    peer: ModelPeer,
    payload: Payload,
    { dialled, ended }: { readonly dialled: boolean; readonly ended: () => void },
  ): ConnectionHandler {
    let line: ProgramLine | undefined;
    let decoder: Decoder | undefined;
    let skip = HANDSHAKE_LENGTH;
    return {
      connected: (connection) => {
        connection.write(handshakeOf(peer, payload));
      },
      data: (connection, data) => {
        const from = Math.min(skip, data.length);
        // Like all that do not know encryption.
        if (skip === HANDSHAKE_LENGTH && !sameBytes(data.slice(0, GREETING.length), GREETING))
          return connection.destroy();
        skip -= from;
        if (skip > 0) return;
        if (line === undefined) {
          line = new ProgramLine(peer, payload, connection);
          decoder = new Decoder(line.#wire(), { fast: false });
          if (!dialled) connection.write(handshakeOf(peer, payload));
          line.#greet();
        }
        if (from < data.length) decoder?.push(from === 0 ? data : data.slice(from));
        line.#flush();
      },
      drained: () => peer.drained(),
      closed: () => {
        if (line !== undefined) line.#closed();
        ended();
      },
    };
  }

  get full(): boolean {
    return this.#connection.queued > 0;
  }

  choke(): void {
    this.#say((batch) => batch.choke());
  }

  unchoke(): void {
    this.#say((batch) => batch.unchoke());
  }

  interested(yes: boolean): void {
    this.#say((batch) => (yes ? batch.interested() : batch.notInterested()));
  }

  have(piece: number): void {
    this.#say((batch) => batch.have(pieceIndex(piece)));
  }

  request(block: number): void {
    const { piece, begin, length } = this.#place(block);
    this.#say((batch) => batch.request(pieceIndex(piece), begin, length));
  }

  cancel(block: number): void {
    const { piece, begin, length } = this.#place(block);
    this.#say((batch) => batch.cancel(pieceIndex(piece), begin, length));
  }

  send(block: number): void {
    const { piece, begin, length } = this.#place(block);
    this.#connection.write(encodePieceHeader(pieceIndex(piece), begin, length));
    this.#connection.write(this.#payload.bytesOf(block));
  }

  keepAlive(): void {
    this.#connection.write(encodeKeepAlive());
  }

  close(): void {
    this.#connection.destroy();
  }

  #closed(): void {
    if (this.#end !== undefined) this.#peer.drop(this.#end);
  }

  #greet(): void {
    const has = new Bitfield(this.#payload.cut.pieces);
    this.#peer.table.states.forEach((state, piece) => state === PRESENT && has.add(piece));
    if (!has.isEmpty) this.#connection.write(encodeBitfield(has.bytes));
    this.#end = this.#peer.greet(this);
  }

  #say(message: (batch: MessageBatch) => void): void {
    message(this.#batch);
    this.#flush();
  }

  #flush(): void {
    const data = this.#batch.take();
    if (data !== undefined) this.#connection.write(data);
  }

  #place(block: number): { readonly piece: number; readonly begin: number; readonly length: number } {
    const { blocks } = this.#payload.cut;
    const piece = Math.floor(block / blocks);
    return { piece, begin: (block - piece * blocks) * BLOCK_LENGTH, length: this.#payload.cut.sizeOf(block) };
  }

  #wire(): WireHandler {
    const { cut } = this.#payload;
    const peer = this.#peer;
    const blockAt = (piece: number, begin: number): number => piece * cut.blocks + begin / BLOCK_LENGTH;
    const told = (tell: (end: PeerEnd) => void): void => {
      if (this.#end !== undefined && !this.#end.closed) tell(this.#end);
    };
    const nothing = (): void => {};
    return {
      keepAlive: nothing,
      choke: () => told((end) => peer.programChokes(end, true)),
      unchoke: () => told((end) => peer.programChokes(end, false)),
      interested: () => told((end) => peer.programWants(end, true)),
      notInterested: () => told((end) => peer.programWants(end, false)),
      have: (piece) => told((end) => peer.programHas(end, piece)),
      bitfield: (data) =>
        told((end) => {
          for (const piece of Bitfield.fromWire(cut.pieces, data)?.indexes() ?? []) peer.programHas(end, piece);
        }),
      request: (piece, begin) => told((end) => peer.programAsks(end, blockAt(piece, begin))),
      cancel: (piece, begin) =>
        told(({ theirs }) => {
          const place = theirs.indexOf(blockAt(piece, begin));
          if (place >= 0) theirs.splice(place, 1);
        }),
      blockTarget: () => undefined,
      block: (piece, begin) => told((end) => peer.programSent(end, blockAt(piece, begin))),
      port: nothing,
      suggest: nothing,
      haveAll: nothing,
      haveNone: nothing,
      reject: nothing,
      allowedFast: nothing,
      extended: nothing,
      hashRequest: nothing,
      hashes: nothing,
      hashReject: nothing,
    };
  }
}

/** Without extensions: what the model stands for is decided above the wire. */
function handshakeOf({ address }: ModelPeer, { infoHash }: Payload): Uint8Array {
  const digits = [...new TextEncoder().encode(address)].map((byte) => byte.toString(16)).join('');
  const peerId = `2d4c54323038302d${digits.padStart(24, '0').slice(-24)}` as PeerId;
  return encodeHandshake({ infoHash, peerId, extensions: { fast: false, extended: false } });
}
