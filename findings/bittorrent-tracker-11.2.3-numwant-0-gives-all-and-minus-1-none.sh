#!/usr/bin/env bash
# The number of peers asked of the npm tracker: 0 (a leaving or unreachable client wants none) and -1 (the default, as in BEP 15).
. "$(dirname "$0")/support/common.sh"
npm_packages bittorrent-tracker@11.2.3 bencode@4.0.1
cat >"$TMP/try.mjs" <<'JS'
import Server from 'bittorrent-tracker/server';
import bencode from 'bencode';
const { openTracker } = await import(process.argv[2]);
const { announce } = await openTracker(Server, bencode);
for (let peer = 1; peer <= 5; peer++) await announce(peer, 7000 + peer, '&event=started');
const count = async (more) => (await announce(1, 7001, more)).length;
console.log(`2: ${await count('&numwant=2')}, absent: ${await count('')}, 0: ${await count('&numwant=0')}, -1: ${await count('&numwant=-1')}`);
process.exit(0);
JS
seen=$(alone node "$TMP/try.mjs" "$SUPPORT/tracker.mjs")
report "bittorrent-tracker 11.2.3" "2: 2, absent: 4 (all but the asker), 0: 0, -1: 4" "2: 2, absent: 5, 0: 5, -1: 0" "$seen"
