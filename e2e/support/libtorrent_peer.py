"""One libtorrent session with one torrent, driven by JSON lines on standard input and telling by JSON lines on standard output.

usage: libtorrent_peer.py make FOLDER NAME TORRENT PIECE_LENGTH VERSION TRACKER...    makes a torrent of FOLDER/NAME; VERSION: 1, 2 or hybrid
       libtorrent_peer.py peer OPTIONS                                                OPTIONS: a JSON object, see peer()
Ends when its standard input does.
"""

import json
import os
import select
import sys
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
        | alerts.connect_notification | alerts.peer_notification,
        **options.get("settings", {}),
    }


class Peer:
    """Options: role (seed or leech), address, port, torrent or magnet, folder; uploadLimit, bytes/s; knows, nodes of the DHT; pex, whether peers are exchanged; settings, libtorrent's own; more torrents."""

    def __init__(self, options):
        self.seen = {}
        # Without its plugins there is no peer exchange.
        plugins = [] if options.get("pex", True) else [0]
        self.session = lt.session(settings_of(options), *plugins)
        for place in options.get("knows", []):
            host, port = place.rsplit(":", 1)
            self.session.add_dht_node((host.strip("[]"), int(port)))
        # Addresses of local networks are exempt from limits otherwise.
        limited = lt.ip_filter()
        limited.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
        self.session.set_peer_class_filter(limited)
        if "magnet" in options:
            params = lt.parse_magnet_uri(options["magnet"])
        else:
            params = lt.add_torrent_params()
            params.ti = lt.torrent_info(options["torrent"])
        params.save_path = options["folder"]
        params.flags = lt.torrent_flags.seed_mode if options["role"] == "seed" else lt.torrent_flags.update_subscribe
        self.torrent = self.session.add_torrent(params)
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
            self.seen[entry["host"], entry["id"]] = entry
        return now

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
            elif isinstance(alert, lt.torrent_finished_alert):
                say(event="finished")
            elif isinstance(alert, (lt.tracker_error_alert, lt.torrent_error_alert, lt.peer_error_alert, lt.peer_disconnected_alert)):
                say(event="trouble", message=alert.message())

    def command(self, line):
        command = json.loads(line)
        if command["do"] == "connect":
            self.torrent.connect_peer((command["host"], command["port"]))
        elif command["do"] == "announce":
            self.torrent.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)

    def run(self):
        rest = b""
        while True:
            if select.select([0], [], [], 0.1)[0]:
                data = os.read(0, 1 << 16)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.command(line)
            self.alerts()
            self.status()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        Peer(json.loads(sys.argv[2])).run()
        sys.stdout.flush()
        os._exit(0)  # without waiting for a last word to the tracker
