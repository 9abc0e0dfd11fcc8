import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { encodePieceHeader, encodeUnchoke } from '../../core/wire/encode.ts';
import { piece } from '../../core/base/ids.ts';

export interface FakePeerInput {
  readonly from: string;
  readonly to: { readonly host: string; readonly port: number };
  readonly infoHash: Uint8Array;
  readonly bitfield: Uint8Array;
  /** Whether it unchokes us. */
  readonly unchokes: boolean;
  /** Milliseconds from one block to the next. */
  readonly pace: number;
  readonly read: (index: number, begin: number, length: number) => Uint8Array;
}

/** A simple peer over a real socket: it sends a handshake, a bitfield and, if it unchokes, a block now and then. */
export class FakePeer {
  readonly socket: Socket;
  readonly #input: FakePeerInput;
  readonly #requests: { index: number; begin: number; length: number }[] = [];
  #pending = Buffer.alloc(0);
  #greeted = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(input: FakePeerInput) {
    this.#input = input;
    this.socket = connect({ ...input.to, localAddress: input.from, noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('data', (data) => this.#take(data));
    this.socket.once('connect', () => this.#greet());
    this.#timer = setInterval(() => this.#serve(), input.pace);
    this.socket.once('close', () => clearInterval(this.#timer));
  }

  close(): void {
    clearInterval(this.#timer);
    this.socket.destroy();
  }

  #greet(): void {
    const { infoHash, bitfield, unchokes, from } = this.#input;
    const id = Buffer.from(`-XX0000-${from.padStart(12, '-').slice(-12)}`, 'latin1');
    const head = Buffer.concat([Buffer.from('\x13BitTorrent protocol', 'latin1'), Buffer.alloc(8), infoHash, id]);
    const pieces = Buffer.alloc(5);
    pieces.writeUInt32BE(1 + bitfield.length);
    pieces[4] = 5;
    this.socket.write(Buffer.concat([head, pieces, bitfield]));
    if (unchokes) this.socket.write(encodeUnchoke());
  }

  #take(data: Buffer): void {
    let rest = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    if (!this.#greeted && rest.length >= 68) {
      this.#greeted = true;
      rest = rest.subarray(68);
    }
    while (this.#greeted && rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0);
      if (length === 13 && rest[4] === 6) {
        this.#requests.push({
          index: rest.readUInt32BE(5),
          begin: rest.readUInt32BE(9),
          length: rest.readUInt32BE(13),
        });
      }
      rest = rest.subarray(4 + length);
    }
    this.#pending = Buffer.from(rest);
  }

  #serve(): void {
    const request = this.#requests.shift();
    if (request === undefined) return;
    const { index, begin, length } = request;
    this.socket.write(encodePieceHeader(piece(index), begin, length));
    this.socket.write(this.#input.read(index, begin, length));
  }
}
