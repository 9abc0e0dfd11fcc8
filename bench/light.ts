import { closeSync, openSync, readSync, write } from 'node:fs';
import { connect, createServer } from 'node:net';
import { NodeHasher } from '../core/node/hasher.ts';

/** The least that any download costs, without a protocol: bytes over a connection, hashed and written. `send FILE HOST PORT` or `receive FILE HOST PORT`. */
const [role, file = '', host = '', port = '0'] = process.argv.slice(2);
const CHUNK = 1 << 20;
const BUFFERS = 8;

function send(): void {
  createServer((socket) => {
    const fd = openSync(file, 'r');
    const buffers = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
    let turn = 0;
    const next = (): void => {
      const buffer = buffers[turn++ & 1] ?? new Uint8Array(CHUNK);
      const length = readSync(fd, buffer, 0, CHUNK, null);
      if (length > 0) socket.write(buffer.subarray(0, length), next);
      else {
        closeSync(fd);
        socket.end();
      }
    };
    next();
  }).listen(Number(port), host, () => process.stdout.write('ready\n'));
}

function receive(): void {
  const hasher = new NodeHasher(1);
  const fd = openSync(file, 'w');
  const spare: Uint8Array[] = Array.from({ length: BUFFERS }, () => new Uint8Array(CHUNK));
  const input = new Uint8Array(256 * 1024);
  let piece: Uint8Array = spare.pop() ?? new Uint8Array(CHUNK);
  let filled = 0;
  let offset = 0;
  let busy = 0;
  let over = false;
  const finish = (): void => {
    if (!over || busy > 0) return;
    closeSync(fd);
    process.stdout.write('done\n', () => process.exit(0));
  };
  const settle = async (data: Uint8Array, at: number): Promise<void> => {
    busy++;
    await hasher.hash(data);
    await new Promise<void>((resolve, reject) =>
      write(fd, data, 0, data.length, at, (error) => (error ? reject(error) : resolve())),
    );
    busy--;
    spare.push(new Uint8Array(data.buffer));
    if (busy < BUFFERS - 2) socket.resume();
    finish();
  };
  const turn = (): void => {
    if (filled > 0) void settle(piece.subarray(0, filled), offset);
    offset += filled;
    filled = 0;
    piece = spare.pop() ?? new Uint8Array(CHUNK);
    if (busy >= BUFFERS - 1) socket.pause();
  };
  const take = (count: number): boolean => {
    for (let at = 0; at < count;) {
      const part = Math.min(count - at, CHUNK - filled);
      piece.set(input.subarray(at, at + part), filled);
      at += part;
      filled += part;
      if (filled === CHUNK) turn();
    }
    return true;
  };
  const socket = connect({ host, port: Number(port), onread: { buffer: input, callback: take } });
  socket.on('end', () => {
    if (filled > 0) turn();
    over = true;
    finish();
  });
}

if (role === 'send') send();
else receive();
