// Trackers and a peer that do all they should not. Arguments: the address to serve on. Says "ready" when it listens.
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';

const host = process.argv[2] ?? '127.0.0.1';

/** @type {Record<string, (response: import('node:http').ServerResponse) => void>} */
const answers = {
  garbage: (response) => response.end(randomBytes(4000)),
  empty: (response) => response.end(),
  html: (response) => response.end('<html>It works!</html>'),
  nested: (response) => response.end('d5:peers'.concat('l'.repeat(500_000))),
  'peers-odd': (response) => response.end('d8:intervali60e5:peers5:abcdee'),
  'interval-negative': (response) => response.end('d8:intervali-99999e5:peers0:e'),
  failure: (response) => response.end(`d14:failure reason2000:${'\u001b[31m'.repeat(400)}e`),
  huge: (response) => response.end(Buffer.alloc(64 << 20, 0x61)),
  endless: (response) => {
    const more = () => {
      while (response.write(Buffer.alloc(1 << 16, 0x61)));
      response.once('drain', more);
    };
    response.on('error', () => {});
    more();
  },
  silent: () => {},
  dribble: (response) => {
    const timer = setInterval(() => response.write('d'), 500);
    response.on('close', () => clearInterval(timer));
  },
  redirect: (response) => response.writeHead(302, { location: '/redirect' }).end(),
  file: (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
};

const http = createHttpServer((request, response) => {
  const name = (request.url ?? '').slice(1).split('?')[0] ?? '';
  const answer = answers[name];
  if (answer === undefined) response.writeHead(404).end();
  else answer(response);
});

// Answers every packet with wrong transaction ids, cut off, too long, and an action that does not exist.
const udp = createSocket('udp4');
udp.on('message', (packet, from) => {
  for (const action of [0, 1, 3, 9]) {
    const wrong = Buffer.alloc(20);
    wrong.writeUInt32BE(action, 0);
    packet.copy(wrong, 4, 12, 16);
    wrong[7] = (wrong[7] ?? 0) ^ 1;
    udp.send(wrong, from.port, from.address);
  }
  const short = Buffer.alloc(7);
  packet.copy(short, 4, 12, 15);
  udp.send(short, from.port, from.address);
  udp.send(randomBytes(9000), from.port, from.address);
});

// Says hello as a peer of whatever torrent, then sends noise of a kind that its port names.
/** @type {Record<number, (socket: import('node:net').Socket) => void>} */
const peers = {
  7001: (socket) => void socket.write(Buffer.from([255, 255, 255, 255, 7])),
  7002: (socket) => void socket.write(randomBytes(1 << 20)),
  7003: () => {},
  7004: (socket) => void socket.write(Buffer.from([0, 0, 0, 5, 4, 255, 255, 255, 255])),
  7005: (socket) => {
    const timer = setInterval(() => socket.write('\0'), 1000);
    socket.on('close', () => clearInterval(timer));
  },
  7006: (socket) => {
    // Has everything, unchokes, and answers every request with wrong bytes.
    socket.write(Buffer.from([0, 0, 0, 1, 14, 0, 0, 0, 1, 1]));
    socket.on('data', (data) => {
      for (
        let at = 0;
        (at = data.indexOf(Buffer.from([0, 0, 0, 13, 6]), at)) >= 0 && at + 17 <= data.length;
        at += 17
      ) {
        const length = data.readUInt32BE(at + 13);
        const head = Buffer.alloc(13);
        head.writeUInt32BE(9 + length, 0);
        head[4] = 7;
        data.copy(head, 5, at + 5, at + 13);
        socket.write(head);
        socket.write(randomBytes(length));
      }
    });
  },
};
const listening = Object.entries(peers).map(([port, behave]) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (hello) => {
      if (hello.length < 68) return;
      const answer = Buffer.from(hello.subarray(0, 68));
      randomBytes(20).copy(answer, 48);
      socket.write(answer);
      behave(socket);
    });
  });
  return new Promise((resolve) => server.listen(Number(port), host, () => resolve(undefined)));
});

await Promise.all([
  ...listening,
  new Promise((resolve) => http.listen(8000, host, () => resolve(undefined))),
  new Promise((resolve) => udp.bind(8000, host, () => resolve(undefined))),
]);
console.log('ready');
