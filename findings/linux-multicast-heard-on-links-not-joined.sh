#!/usr/bin/env bash
# Local discovery (BEP 14) kept to one link: a socket joins the group there, another program joins it on the other link.
. "$(dirname "$0")/support/common.sh"
command -v node >/dev/null || missing "node is missing"
cat >"$TMP/try.mjs" <<'JS'
import { createSocket } from 'node:dgram';
const group = '239.192.152.143';
const sockets = [];
async function listener(...joined) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise((resolve) => socket.bind(6771, resolve));
  for (const address of joined) socket.addMembership(group, address);
  const heard = [];
  socket.on('message', (text) => heard.push(String(text)));
  sockets.push(socket);
  return heard;
}
async function say(address, text) {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, address, resolve));
  socket.setMulticastInterface(address);
  await new Promise((resolve) => socket.send(text, 6771, group, resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.close();
}
const one = await listener('10.78.1.1');
const none = await listener();
await say('10.78.1.1', '1a');
await say('10.78.2.1', '2a');
const two = await listener('10.78.2.1');
await say('10.78.1.1', '1b');
await say('10.78.2.1', '2b');
console.log(`joined on link 1: ${one.join(' ')}; joined nowhere: ${none.join(' ')}; joined on link 2: ${two.join(' ')}`);
for (const socket of sockets) socket.close();
JS
seen=$(alone sh -c 'for n in 1 2; do ip link add ens$n type veth peer name far$n && ip addr add 10.78.$n.1/24 dev ens$n && ip link set ens$n up && ip link set far$n up; done; exec node "$TMP/try.mjs"')
report "Linux $(uname -r | cut -d. -f1,2), Node $(node -p process.versions.node) (which has no way to set IP_MULTICAST_ALL)" \
  "joined on link 1: 1a 1b; joined nowhere: ; joined on link 2: 2b" \
  "joined on link 1: 1a 1b 2b; joined nowhere: 1a 1b 2b; joined on link 2: 1b 2b" "$seen"
