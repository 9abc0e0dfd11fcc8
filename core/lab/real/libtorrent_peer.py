"""One libtorrent session with one torrent, driven by JSON lines on standard input and telling by JSON lines on standard output.

usage: libtorrent_peer.py make FOLDER NAME TORRENT PIECE_LENGTH VERSION TRACKER...    makes a torrent of FOLDER/NAME; VERSION: 1, 2 or hybrid
       libtorrent_peer.py peer OPTIONS                                                OPTIONS: a JSON object, see peer()
Ends when its standard input does.
"""

import json
import os
import select
import sys
import time
import warnings

warnings.simplefilter("ignore")
import libtorrent as lt  # noqa: E402


# peer_info::utp_socket, which the binding leaves out.
UTP_SOCKET = 1 << 17


def say(**event):
    print(json.dumps(event), flush=True)


def make(folder, name, torrent, piece_length, version, *trackers):
    storage = lt.file_storage()
    lt.add_files(storage, os.path.join(folder, name))
    flags = {"1": lt.create_torrent.v1_only, "2": lt.create_torrent.v2_only, "hybrid": 0}
    maker = lt.create_torrent(storage, int(piece_length), flags[version])
    for tier, tracker in enumerate(trackers):
        maker.add_tracker(tracker, tier)
    lt.set_piece_hashes(maker, folder)
    with open(torrent, "wb") as out:
        out.write(lt.bencode(maker.generate()))
    hashes = lt.torrent_info(torrent).info_hashes()
    v1 = str(hashes.v1) if hashes.has_v1() else None
    v2 = str(hashes.v2) if hashes.has_v2() else None
    say(event="made", infoHash=v1 or v2, v1=v1, v2=v2)


def settings_of(options):
    alerts = lt.alert.category_t
    return {
        "listen_interfaces": (f"[{options['address']}]" if ":" in options["address"] else options["address"]) + f":{options['port']}",
        "outgoing_interfaces": options["address"],
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "upload_rate_limit": options.get("uploadLimit", 0),
        "alert_mask": alerts.status_notification | alerts.tracker_notification | alerts.error_notification
        | alerts.connect_notification | alerts.peer_notification
        | (alerts.peer_log_notification if options.get("tellHashes") else 0)
        | (alerts.piece_progress_notification if options.get("tellPieces") else 0)
        | (alerts.storage_notification if options.get("quiet") else 0),
        **options.get("settings", {}),
    }


class Peer:
    """Options: role (seed or leech), address, port, torrent or magnet, folder; uploadLimit, bytes/s; knows, nodes of the DHT; pex, whether peers are exchanged; tellHashes, tellPieces, whether it says each time that it gave hashes, has a piece; settings, libtorrent's own; more torrents; waits, whether it adds the torrent only when it is told to; range, the first piece that it wants and the one after the last; quiet, whether it tells its status only at the end."""

    def __init__(self, options):
        self.seen = {}
        self.moved = {}
        self.quiet = options.get("quiet", False)
        self.noted = 0.0
        # Without its plugins there is no peer exchange.
        plugins = [] if options.get("pex", True) else [0]
        self.session = lt.session(settings_of(options), *plugins)
        for place in options.get("knows", []):
            host, port = place.rsplit(":", 1)
            self.session.add_dht_node((host.strip("[]"), int(port)))
        # Addresses of local networks are exempt from limits otherwise.
        limited = lt.ip_filter()
        for first, last in (("0.0.0.0", "255.255.255.255"), ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")):
            limited.add_rule(first, last, 1 << lt.session.global_peer_class_id)
        self.session.set_peer_class_filter(limited)
        if "magnet" in options:
            params = lt.parse_magnet_uri(options["magnet"])
        else:
            params = lt.add_torrent_params()
            params.ti = lt.torrent_info(options["torrent"])
        params.save_path = options["folder"]
        params.flags = lt.torrent_flags.seed_mode if options["role"] == "seed" else lt.torrent_flags.update_subscribe
        if "range" in options:
            first, end = options["range"]
            params.piece_priorities = [4 if first <= i < end else 0 for i in range(params.ti.num_pieces())]
        self.params = params
        self.torrent = None if options.get("waits") else self.session.add_torrent(params)
        say(event="ready", version=lt.version)
        for torrent in options.get("more", []):
            params.ti = lt.torrent_info(torrent)
            self.session.add_torrent(params)

    def note_peers(self):
        """Peers that stand, and all that ever stood: by address and peer id, with the most seen of each."""
        now = []
        for peer in self.torrent.get_peer_info():
            if peer.flags & (lt.peer_info.connecting | lt.peer_info.handshake):
                continue
            entry = {
                "host": peer.ip[0],
                "port": peer.ip[1],
                "id": peer.pid.to_bytes().hex(),
                "client": peer.client.decode(errors="replace") if isinstance(peer.client, bytes) else peer.client,
                "downloaded": peer.total_download,
                "uploaded": peer.total_upload,
                "unchoked": not peer.flags & lt.peer_info.choked,
                "choking": bool(peer.flags & lt.peer_info.remote_choked),
                "interested": bool(peer.flags & lt.peer_info.remote_interested),
                "incoming": not peer.flags & lt.peer_info.local_connection,
                "utp": bool(peer.flags & UTP_SOCKET),
                "punched": bool(peer.flags & lt.peer_info.holepunched),
                "encryption": "rc4" if peer.flags & lt.peer_info.rc4_encrypted
                else "header" if peer.flags & lt.peer_info.plaintext_encrypted else "plain",
            }
            now.append(entry)
            # A peer that comes again begins to count anew, from another port.
            at = peer.ip[0], peer.ip[1], entry["id"]
            before = self.moved.get(at, (0, 0))
            self.moved[at] = max(before[0], peer.total_download), max(before[1], peer.total_upload)
            self.seen[entry["host"], entry["id"]] = entry
        return now

    def moved_by_host(self):
        """Payload received from and sent to each address, as it was seen once a second."""
        hosts = {}
        for (host, _, _), (down, up) in self.moved.items():
            sums = hosts.setdefault(host, [0, 0])
            sums[0] += down
            sums[1] += up
        return hosts

    def note(self):
        now = time.monotonic()
        if now - self.noted >= 1:
            self.noted = now
            self.note_peers()

    def totals(self):
        if self.torrent is None:
            return
        self.note_peers()
        state = self.torrent.status()
        say(
            event="totals",
            downloaded=state.total_payload_download,
            uploaded=state.total_payload_upload,
            redundant=state.total_redundant_bytes + state.total_failed_bytes,
            hosts=self.moved_by_host(),
        )

    def status(self):
        state = self.torrent.status()
        say(
            event="status",
            progress=state.progress,
            seeding=state.is_seeding,
            nodes=self.session.status().dht_nodes,
            downloaded=state.total_payload_download,
            uploaded=state.total_payload_upload,
            redundant=state.total_redundant_bytes,
            failed=state.total_failed_bytes,
            peers=self.note_peers(),
            seen=list(self.seen.values()),
        )

    def alerts(self):
        for alert in self.session.pop_alerts():
            if isinstance(alert, lt.listen_succeeded_alert):
                say(event="listening", address=alert.address, port=alert.port)
            elif isinstance(alert, lt.tracker_reply_alert):
                say(event="announced", peers=alert.num_peers)
            elif isinstance(alert, lt.dht_reply_alert):
                say(event="dht", peers=alert.num_peers)
            elif isinstance(alert, lt.peer_log_alert):
                if "==> HASHES" in alert.message():
                    say(event="hashes")
            elif isinstance(alert, lt.piece_finished_alert):
                say(event="piece", piece=alert.piece_index)
            elif isinstance(alert, lt.torrent_finished_alert):
                # Whoever hears it may compare the files at once, or end this process.
                if self.quiet:
                    self.torrent.flush_cache()
                else:
                    say(event="finished")
            elif isinstance(alert, lt.cache_flushed_alert):
                if self.quiet:
                    say(event="finished")
            elif isinstance(alert, (lt.tracker_error_alert, lt.torrent_error_alert, lt.peer_error_alert, lt.peer_disconnected_alert)):
                say(event="trouble", message=alert.message())

    def command(self, line):
        command = json.loads(line)
        if command["do"] == "add":
            self.torrent = self.session.add_torrent(self.params)
        elif command["do"] == "connect":
            self.torrent.connect_peer((command["host"], command["port"]))
        elif command["do"] == "announce":
            self.torrent.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)

    def run(self):
        rest = b""
        while True:
            if select.select([0], [], [], 0.1)[0]:
                data = os.read(0, 1 << 16)
                if not data:
                    if self.quiet:
                        self.totals()
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.command(line)
            self.alerts()
            if self.torrent is None:
                continue
            if self.quiet:
                self.note()
            else:
                self.status()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        Peer(json.loads(sys.argv[2])).run()
        sys.stdout.flush()
        os._exit(0)  # without waiting for a last word to the tracker
