// Peers that come and go: each connects, says hello, asks for blocks, reads some, and hangs up. Arguments: host, port,
// info-hash, how many at a time, addresses to come from. Says what it did once a second.
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

const [host = '', port = '', infoHash = '', count = '', ...addresses] = process.argv.slice(2);
const counts = { connections: 0, bytes: 0, refused: 0 };

function join() {
  const localAddress = addresses[Math.floor(Math.random() * addresses.length)];
  const socket = connect({ host, port: Number(port), ...(localAddress === undefined ? {} : { localAddress }) });
  const life = setTimeout(
    () => (Math.random() < 0.5 ? socket.destroy() : socket.resetAndDestroy()),
    500 + Math.random() * 9_500,
  );
  let greeted = false;
  let at = 0;
  const ask = () => {
    const requests = Buffer.alloc(17 * 8);
    for (let i = 0; i < 8; i++, at++) {
      requests.writeUInt32BE(13, 17 * i);
      requests[17 * i + 4] = 6;
      requests.writeUInt32BE(at >> 2, 17 * i + 5);
      requests.writeUInt32BE((at & 3) * 16_384, 17 * i + 9);
      requests.writeUInt32BE(16_384, 17 * i + 13);
    }
    socket.write(requests);
  };
  socket.on('connect', () => {
    const hello = Buffer.concat([
      Buffer.from('\x13BitTorrent protocol', 'latin1'),
      Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0x04]),
      Buffer.from(infoHash, 'hex'),
      randomBytes(20),
    ]);
    socket.write(hello);
    if (Math.random() < 0.2) return; // and never says anything again
    socket.write(Buffer.from([0, 0, 0, 1, 15, 0, 0, 0, 1, 2]));
    ask();
  });
  socket.on('data', (data) => {
    if (!greeted) counts.connections++;
    greeted = true;
    counts.bytes += data.length;
    if (Math.random() < 0.05) ask();
  });
  socket.on('error', () => counts.refused++);
  socket.on('close', () => {
    clearTimeout(life);
    setTimeout(join, 100);
  });
}

for (let i = 0; i < Number(count); i++) setTimeout(join, i * 20);
setInterval(() => console.log(JSON.stringify(counts)), 1000);
