// A name server that gives every name the same IPv4 addresses. Arguments: the address to serve on, then the addresses. Says "ready".
import { createSocket } from 'node:dgram';

const [host = '127.0.0.1', ...addresses] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (query, from) => {
  let end = 12;
  while ((query[end] ?? 0) > 0) end += 1 + (query[end] ?? 0);
  const isA = query.readUInt16BE(end + 1) === 1;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isA ? addresses.length : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4];
  const answers = isA ? addresses.map((address) => Buffer.from([...record, ...address.split('.').map(Number)])) : [];
  socket.send(Buffer.concat([head, query.subarray(12, end + 5), ...answers]), from.port, from.address);
});
socket.bind(53, host, () => console.log('ready'));
