#!/usr/bin/env bash
# A socket made with Node's `onread` (it reads into one buffer) is passed as `existing_socket`; the proxy answers everything at once.
. "$(dirname "$0")/support/common.sh"
npm_packages socks@2.8.11
cat >"$TMP/dial.mjs" <<'JS'
import { once } from 'node:events';
import net from 'node:net';
import { SocksClient } from 'socks';
let answered = 0;
const proxy = net.createServer((socket) => {
  const answers = ['0500', '050000017f0000010050'];
  socket.on('data', () => {
    if (answers.length > 0) socket.write(Buffer.from(answers.shift(), 'hex'), () => answered++);
  });
  socket.on('error', () => {});
});
await once(proxy.listen(0, '127.0.0.1'), 'listening');
const { port } = proxy.address();
async function dial(onread) {
  answered = 0;
  const existing_socket = net.connect({ host: '127.0.0.1', port, onread });
  await once(existing_socket, 'connect');
  const told = SocksClient.createConnection({
    command: 'connect',
    proxy: { host: '127.0.0.1', port, type: 5 },
    destination: { host: '127.0.0.1', port: 80 },
    existing_socket,
    timeout: 3000,
  });
  const end = await told.then(() => 'connected', (error) => error.message);
  existing_socket.destroy();
  return `${end} (the proxy gave ${answered} of 2 answers)`;
}
const onread = { buffer: Buffer.alloc(65536), callback: () => true };
console.log(`without onread: ${await dial()}; with it: ${await dial(onread)}`);
process.exit();
JS
seen=$(alone node "$TMP/dial.mjs")
report "socks 2.8.11" "with it: connected, or refused at once with an error that names the socket" \
  "without onread: connected (the proxy gave 2 of 2 answers); with it: Proxy connection timed out (the proxy gave 1 of 2 answers)" "$seen"
