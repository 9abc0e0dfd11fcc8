#!/usr/bin/env bash
# The npm tracker with HTTP and UDP, told to listen on one IPv4 address.
. "$(dirname "$0")/support/common.sh"
npm_packages bittorrent-tracker@11.2.3
cat >"$TMP/try.mjs" <<'JS'
import Server from 'bittorrent-tracker/server';
const server = new Server({ udp: true, http: true, ws: false });
const said = await new Promise((resolve) => {
  server.on('error', (error) => resolve(error.code));
  server.listen(0, '127.0.0.1', () => resolve('listening'));
  setTimeout(() => resolve('nothing in 5 s'), 5000);
});
console.log(said);
process.exit(0);
JS
seen=$(alone node "$TMP/try.mjs")
report "bittorrent-tracker 11.2.3" "listening" "EINVAL" "$seen"
