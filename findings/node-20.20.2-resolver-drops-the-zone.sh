#!/usr/bin/env bash
# A name server at a link-local address with its zone: one datagram to that literal, and a Resolver told to use it.
. "$(dirname "$0")/support/common.sh"
command -v node >/dev/null || missing "node is missing"
cat >"$TMP/try.mjs" <<'JS'
import { createSocket } from 'node:dgram';
import { promises } from 'node:dns';
const server = createSocket('udp6');
let heard = 0;
server.on('message', (query, from) => {
  heard++;
  if (query.length < 12) return;
  query[2] |= 0x80;
  query[3] = 3;
  server.send(query, from.port, from.address);
});
await new Promise((resolve) => server.bind(53, 'fe80::77%ens', resolve));
const client = createSocket('udp6');
await new Promise((resolve) => client.send('hello', 53, 'fe80::77%ens', resolve));
await new Promise((resolve) => setTimeout(resolve, 300));
client.close();
const out = [`dgram: ${heard} heard`];
const resolver = new promises.Resolver({ timeout: 1000, tries: 1 });
resolver.setServers(['fe80::77%ens']);
const said = await resolver.resolve4('a.example').catch((error) => error.code);
out.push(`Resolver: set to ${resolver.getServers()}, ${said}, ${heard - 1} heard`);
server.close();
console.log(out.join('; '));
JS
seen=$(alone sh -c 'ip link add ens type veth peer name far && ip addr add fe80::77/64 dev ens nodad && ip link set ens up && ip link set far up && exec node "$TMP/try.mjs"')
report "Node $(node -p process.versions.node) (c-ares $(node -p process.versions.ares))" \
  "what dgram takes a Resolver takes too, or it throws ERR_INVALID_IP_ADDRESS" \
  "dgram: 1 heard; Resolver: set to fe80::77, ECONNREFUSED, 0 heard" "$seen"
