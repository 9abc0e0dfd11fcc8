// Scripts for libtorrent's Python binding. Each prints `ready` or makes a file when it is as far as the benchmark waits for.

const PLAIN = `"enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
  "enable_outgoing_utp": False, "enable_incoming_utp": False`;

/** Arguments: torrent, folder, address:port. A seed without any limits. */
export const SEED = `
import libtorrent as lt, signal, sys
s = lt.session({"listen_interfaces": sys.argv[3], ${PLAIN},
  "allow_multiple_connections_per_ip": True, "unchoke_slots_limit": 64, "choking_algorithm": 0, "connections_limit": 500,
  "send_buffer_watermark": 16 << 20, "send_buffer_low_watermark": 1 << 20, "max_allowed_in_request_queue": 4000})
h = s.add_torrent({"ti": lt.torrent_info(sys.argv[1]), "save_path": sys.argv[2], "flags": lt.torrent_flags.upload_mode | lt.torrent_flags.seed_mode})
print("ready", flush=True)
signal.pause()
`;

/** Arguments: torrent, output folder, file to make when complete, address, port; and the only addresses that it speaks with. */
export const LEECH = `
import libtorrent as lt, sys
torrent, out, done, addr = sys.argv[1:5]
port = sys.argv[5] if len(sys.argv) > 5 else "0"
s = lt.session({"listen_interfaces": addr + ":" + port, "outgoing_interfaces": addr, ${PLAIN}, "max_out_request_queue": 1500,
  "connections_limit": 2000, "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification})
if len(sys.argv) > 6:
    f = lt.ip_filter(); f.add_rule("0.0.0.0", "255.255.255.255", 1)
    for a in sys.argv[6:]: f.add_rule(a, a, 0)
    s.set_ip_filter(f)
h = s.add_torrent({"ti": lt.torrent_info(torrent), "save_path": out})
h.resume()
def until(kind):
    while not any(isinstance(a, kind) for a in s.pop_alerts()): s.wait_for_alert(1000)
until(lt.torrent_finished_alert); h.flush_cache(); until(lt.cache_flushed_alert)
open(done, "w").close()
`;

/** Arguments: torrent, folder, address. Downloads in plain text until it is ended. */
export const FIRST = `
import libtorrent as lt, signal, sys
torrent, out, address = sys.argv[1:]
s = lt.session({"listen_interfaces": address + ":0", "outgoing_interfaces": address, ${PLAIN}, "out_enc_policy": 2, "in_enc_policy": 2})
ti = lt.torrent_info(torrent, {"max_decode_tokens": 50000000, "max_pieces": 1000000, "max_buffer_size": 1 << 28})
h = s.add_torrent({"ti": ti, "save_path": out})
h.resume()
signal.pause()
`;

/** Arguments: torrent, folder. Prints \`checked\` when it has read and hashed all of it. */
export const CHECK = `
import libtorrent as lt, os, sys
s = lt.session({"listen_interfaces": "127.0.0.1:0", ${PLAIN}, "hashing_threads": os.cpu_count(), "checking_mem_usage": 2048,
  "alert_mask": lt.alert.category_t.status_notification})
h = s.add_torrent({"ti": lt.torrent_info(sys.argv[1]), "save_path": sys.argv[2], "flags": lt.torrent_flags.stop_when_ready})
while True:
    s.wait_for_alert(1000)
    if any(isinstance(a, lt.torrent_checked_alert) for a in s.pop_alerts()): break
print("checked" if h.status().is_seeding else "bad", flush=True)
`;

/**
 * Arguments: state folder, address, then \`folder,torrent\` each; without these what the folder has is started again. Prints \`seeding\` when
 * all do, and keeps its resume data when it is ended.
 */
export const MANY = `
import libtorrent as lt, glob, os, signal, sys, threading
state, address, given = sys.argv[1], sys.argv[2], sys.argv[3:]
s = lt.session({"listen_interfaces": address + ":0", "outgoing_interfaces": address, ${PLAIN}, "active_limit": -1, "active_seeds": -1,
  "active_downloads": -1, "active_checking": 2, "active_tracker_limit": -1, "alert_queue_size": 200000,
  "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification})
def params(folder, torrent):
    p = lt.add_torrent_params(); p.ti = lt.torrent_info(torrent); p.save_path = folder
    return p
if given: all = [params(*one.split(",")) for one in given]
else:
    all = []
    for path in glob.glob(state + "/*.resume"):
        with open(path, "rb") as f: all.append(lt.read_resume_data(f.read()))
for p in all:
    p.flags = lt.torrent_flags.update_subscribe
    s.async_add_torrent(p)
seeding = set()
while len(seeding) < len(all):
    s.wait_for_alert(100)
    for a in s.pop_alerts():
        if isinstance(a, lt.torrent_finished_alert) or (isinstance(a, lt.state_changed_alert) and a.state == lt.torrent_status.seeding):
            seeding.add(str(a.handle.info_hash()))
print("seeding", flush=True)
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
while not ended.wait(1): s.pop_alerts()
handles = s.get_torrents()
for h in handles: h.save_resume_data(lt.save_resume_flags_t.save_info_dict)
left = len(handles)
while left:
    s.wait_for_alert(1000)
    for a in s.pop_alerts():
        if isinstance(a, lt.save_resume_data_alert):
            with open(state + "/" + str(a.handle.info_hash()) + ".resume", "wb") as f: f.write(lt.write_resume_data_buf(a.params))
            left -= 1
        elif isinstance(a, lt.save_resume_data_failed_alert): left -= 1
os._exit(0)
`;

/** Arguments: torrent, times. Prints the milliseconds that each reading of it took, one a line. */
export const PARSE = `
import libtorrent as lt, sys, time
data = open(sys.argv[1], "rb").read()
for _ in range(int(sys.argv[2])):
    t = time.perf_counter(); lt.torrent_info(data, {"max_decode_tokens": 50000000, "max_pieces": 1000000, "max_buffer_size": 1 << 28}); print((time.perf_counter() - t) * 1000, flush=True)
`;

/**
 * Arguments: torrent, folder, how many nodes, prefix of their addresses. Nodes of the DHT that know each other, each on \`<prefix>i.7:6881\`, the
 * last one a seed that has announced itself. Prints \`ready\` when it has.
 */
export const DHT = `
import libtorrent as lt, signal, sys, time
torrent, folder, count, prefix = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
at = ["%s%d.7" % (prefix, i + 1) for i in range(count)]
plain = {${PLAIN}}
all = [lt.session({**plain, "listen_interfaces": a + ":6881", "outgoing_interfaces": a, "enable_dht": True, "dht_announce_interval": 5,
  "dht_bootstrap_nodes": at[0] + ":6881"}) for a in at]
for i, s in enumerate(all):
    for d in range(1, min(9, count)): s.add_dht_node((at[(i + d) % count], 6881))
while min(s.status().dht_nodes for s in all) < 4: time.sleep(0.2)
all[-1].add_torrent({"ti": lt.torrent_info(torrent), "save_path": folder, "flags": lt.torrent_flags.upload_mode | lt.torrent_flags.seed_mode})
while sum(s.status().dht_torrents for s in all[:-1]) == 0: time.sleep(0.2)
time.sleep(3)
print("ready", flush=True)
signal.pause()
`;

/** Arguments: magnet link, output folder, address, bootstrap. Fetches it by the DHT alone, and ends. */
export const DHT_LEECH = `
import libtorrent as lt, os, sys
magnet, out, address, bootstrap = sys.argv[1:5]
s = lt.session({${PLAIN}, "listen_interfaces": address + ":0", "outgoing_interfaces": address, "enable_dht": True,
  "dht_bootstrap_nodes": bootstrap, "alert_mask": lt.alert.category_t.status_notification})
p = lt.parse_magnet_uri(magnet); p.save_path = out
h = s.add_torrent(p)
while not any(isinstance(a, lt.torrent_finished_alert) for a in s.pop_alerts()): s.wait_for_alert(1000)
os._exit(0)
`;
