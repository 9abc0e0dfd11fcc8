#!/usr/bin/env bash
# A client announces with the same peer id and key from another port, as after its listening port changed; then it stops.
. "$(dirname "$0")/support/common.sh"
npm_packages bittorrent-tracker@11.2.3 bencode@4.0.1
cat >"$TMP/try.mjs" <<'JS'
import Server from 'bittorrent-tracker/server';
import bencode from 'bencode';
const { openTracker } = await import(process.argv[2]);
const { announce } = await openTracker(Server, bencode);
await announce(1, 7001, '&key=abc&event=started');
await announce(1, 8001, '&key=abc');
const moved = await announce(2, 7002, '&event=started');
await announce(1, 8001, '&key=abc&event=stopped');
const stopped = await announce(2, 7002);
const others = (ports) => ports.filter((port) => port !== 7002).join(' ') || 'none';
console.log(`after the change: ${others(moved)}; after stopped: ${others(stopped)}`);
process.exit(0);
JS
seen=$(alone node "$TMP/try.mjs" "$SUPPORT/tracker.mjs")
report "bittorrent-tracker 11.2.3" "after the change: 8001; after stopped: none (peer id and key say who it is)" \
  "after the change: 7001 8001; after stopped: 7001" "$seen"
