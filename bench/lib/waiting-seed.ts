import { createServer, type Socket } from 'node:net';
import { Bitfield } from '../../core/base/bitfield.ts';
import type { InfoHash, PeerId } from '../../core/base/ids.ts';
import { encodeBitfield, encodeUnchoke } from '../../core/wire/encode.ts';
import { encodeHandshake, HANDSHAKE_LENGTH } from '../../core/wire/handshake.ts';
import { MessageId } from '../../core/wire/message-id.ts';

export interface WaitingSeed {
  /** Resolves with `performance.now()` when so many of those that come from now on have asked for something. */
  asked(peers: number): Promise<number>;
  close(): void;
}

/** A seed that has every piece and sends none: it waits for the first request. It speaks plain text alone. */
export async function waitingSeed(
  { host, port }: { readonly host: string; readonly port: number },
  { infoHash, pieceCount }: { readonly infoHash: InfoHash; readonly pieceCount: number },
): Promise<WaitingSeed> {
  let tell = (_at: number): void => {};
  let expected = 0;
  const asking = new Set<Socket>();
  const sockets = new Set<Socket>();
  const greeting = greetingOf(infoHash, pieceCount);
  const server = createServer((socket) => {
    sockets.add(socket);
    let greeted = false;
    let pending = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      if (!greeted && pending.length >= HANDSHAKE_LENGTH) {
        greeted = true;
        pending = pending.subarray(HANDSHAKE_LENGTH);
        socket.write(greeting);
      }
      while (greeted && pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const length = pending.readUInt32BE(0);
        if (length > 0 && pending[4] === MessageId.request && asking.add(socket).size === expected)
          tell(performance.now());
        pending = pending.subarray(4 + length);
      }
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    asked: (peers) => {
      expected = peers;
      asking.clear();
      return new Promise((resolve) => (tell = resolve));
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Handshake, full bitfield and unchoke. */
function greetingOf(infoHash: InfoHash, pieceCount: number): Buffer {
  const peerId = `${Buffer.from('-XX0000-').toString('hex')}${infoHash.slice(0, 24)}` as PeerId;
  const handshake = encodeHandshake({ infoHash, peerId, extensions: { fast: false, extended: false } });
  return Buffer.concat([handshake, encodeBitfield(Bitfield.full(pieceCount).bytes), encodeUnchoke()]);
}
