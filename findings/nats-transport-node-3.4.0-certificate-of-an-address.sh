#!/usr/bin/env bash
# A server that names itself by its address in its certificate (its one subject alternative name), asked by that address.
. "$(dirname "$0")/support/common.sh"
npm_packages @nats-io/transport-node@3.4.0
usable openssl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=machine' -addext 'subjectAltName=IP:127.0.0.1' \
  -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>/dev/null || missing "openssl made no certificate"
cat >"$TMP/try.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { connect as plainTls, TLSSocket } from 'node:tls';
import { connect } from '@nats-io/transport-node';
const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(`${process.env.TMP}/${name}`, 'utf8'));
// What a NATS server says until a client is connected: INFO, TLS, an answer to PING.
const info = JSON.stringify({ server_id: 'A', server_name: 'a', version: '2.9.10', proto: 1, headers: true, max_payload: 1048576, tls_required: true, auth_required: false });
const server = createServer((raw) => {
  raw.on('error', () => {});
  raw.write(`INFO ${info}\r\n`);
  const secure = new TLSSocket(raw, { isServer: true, cert, key });
  secure.on('error', () => {});
  secure.on('data', (data) => data.includes('PING') && secure.write('PONG\r\n'));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const how = async (tls) => {
  try {
    const nc = await connect({ servers: `tls://127.0.0.1:${port}`, reconnect: false, timeout: 4000, tls });
    await nc.close();
    return 'connected';
  } catch (error) {
    const cause = error.cause ?? error;
    return /Host: localhost/.test(`${error.message} ${cause.message}`) ? 'compared with localhost' : `${cause.code} ${cause.message}`;
  }
};
const own = createServer((raw) => new TLSSocket(raw, { isServer: true, cert, key }).on('error', () => {}));
await new Promise((resolve) => own.listen(0, '127.0.0.1', resolve));
const node = await new Promise((resolve) => {
  const socket = plainTls({ host: '127.0.0.1', port: own.address().port, ca: cert }, () => resolve('connected'));
  socket.on('error', (error) => resolve(error.code));
});
console.log(`Node itself: ${node}; tls: { ca }: ${await how({ ca: cert })}; tls: { ca, host }: ${await how({ ca: cert, host: '127.0.0.1' })}`);
process.exit(0);
JS
seen=$(cd "$TMP" && node "$TMP/try.mjs")
report "@nats-io/transport-node 3.4.0" "the certificate is compared with the address that was asked, as Node does by itself" \
  "Node itself: connected; tls: { ca }: compared with localhost; tls: { ca, host }: connected" "$seen"
