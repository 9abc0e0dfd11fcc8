# Sourced by every finding: a temporary folder, pinned packages in it, a network namespace, the report.
set -u
SUPPORT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
export PYTHON=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SUPPORT" TMP

missing() { echo "cannot run: $1"; exit 2; }

[ -x "$PYTHON" ] || missing "python3 of Debian 12 is missing"

# debian NAME VERSION: the installed package if it is of that version, else that version unpacked in the temporary folder.
debian() {
  [ "$(dpkg-query -W -f='${Version}' "$1" 2>/dev/null)" = "$2" ] && return
  mkdir -p "$TMP/deb" "$TMP/root"
  (cd "$TMP/deb" && apt-get download -o APT::Sandbox::User=root "$1=$2" >/dev/null 2>&1) || missing "the Debian package $1 $2 cannot be had"
  dpkg -x "$TMP/deb/$1"_*.deb "$TMP/root" || missing "the Debian package $1 $2 cannot be unpacked"
  export PATH="$TMP/root/usr/bin:$TMP/root/usr/sbin:$PATH"
  export LD_LIBRARY_PATH="$TMP/root/usr/lib/$(uname -m)-linux-gnu"
  export PYTHONPATH="$SUPPORT:$TMP/root/usr/lib/python3/dist-packages"
}

# usable COMMAND: it is there, and so are the libraries that it is linked with.
usable() {
  local path
  path=$(command -v "$1") || missing "$1 is missing"
  ! ldd "$path" 2>/dev/null | grep -q 'not found' || missing "$1 lacks$(ldd "$path" | sed -n 's/ => not found//p' | tr -d '\t' | sed 's/^/ /' | tr '\n' ' ')"
}

libtorrent() {
  debian libtorrent-rasterbar2.0 2.0.8-1+b1
  debian python3-libtorrent 2.0.8-1+b1
  "$PYTHON" -c 'import libtorrent' 2>/dev/null || missing "python3-libtorrent lacks a library"
}
transmission() {
  debian transmission-daemon 3.00-2.1+deb12u1
  debian transmission-cli 3.00-2.1+deb12u1
  usable transmission-daemon
  usable transmission-show
}
aria2() {
  debian libaria2-0 1.36.0-1
  debian aria2 1.36.0-1
  usable aria2c
}
rtorrent() {
  debian libtorrent21 0.13.8-2+b1
  debian rtorrent 0.9.8-1
  usable rtorrent
}
opentracker() {
  debian opentracker 0.0~git20210823.110868e-3
  usable opentracker
}
miniupnpd() {
  debian miniupnpd-nftables 2.3.1-1
  debian miniupnpc 2.2.4-1+b1
  usable miniupnpd
  usable upnpc
  command -v nft >/dev/null || missing "nft (nftables) is missing"
}

# npm_packages NAME@VERSION...: no install scripts are run.
npm_packages() {
  command -v npm >/dev/null || missing "npm is missing"
  npm i --prefix "$TMP" --ignore-scripts --omit=optional --no-audit --no-fund --silent "$@" >"$TMP/npm.log" 2>&1 || missing "npm cannot install $*"
}

# alone COMMAND...: in a network namespace of its own that has 127.0.0.1 and 10.77.0.0/16 and no way out; ends after 4 minutes.
alone() {
  local flags=-n
  [ "$(id -u)" = 0 ] || flags=-rn
  unshare $flags true 2>/dev/null || missing "no network namespace can be made here"
  command -v ip >/dev/null || missing "ip (iproute2) is missing"
  timeout -k 5 240 unshare $flags sh -c 'ip link set lo up && ip addr add 10.77.0.1/16 dev lo && exec "$@"' sh "$@"
}

# report VERSION EXPECTED STATED SEEN: what a good guess expects, what this file states, what was seen now. Ends the script.
report() {
  printf 'version:  %s\nexpected: %s\nstated:   %s\nseen:     %s\n' "$1" "$2" "$3" "$4"
  if [ "$3" = "$4" ]; then echo 'as stated'; exit 0; fi
  echo 'CHANGED'
  exit 1
}
