"""Nodes of libtorrent's DHT, each a session with an address of its own, told as JSON lines how many others each knows.

They are told of each other: a node asks its bootstrap nodes once, and hears of nobody where it is among the first.

usage: dht_nodes.py OPTIONS     OPTIONS: a JSON object: addresses, port, bootstrap ("host:port,...")
Ends when its standard input does.
"""

import json
import os
import select
import sys
import warnings

warnings.simplefilter("ignore")
import libtorrent as lt  # noqa: E402


def node(address, port, bootstrap):
    ipv6 = ":" in address
    return lt.session(
        {
            "listen_interfaces": f"[{address}]:{port}" if ipv6 else f"{address}:{port}",
            "outgoing_interfaces": address,
            "enable_dht": True,
            "dht_bootstrap_nodes": bootstrap,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_outgoing_utp": False,
            "enable_incoming_utp": False,
            "alert_mask": 0,
        }
    )


def main(options):
    bootstrap = options["bootstrap"]
    sessions = [node(address, options["port"], bootstrap) for address in options["addresses"]]
    several = sessions if len(sessions) > 1 else []
    for at, session in enumerate(several):
        for distance in range(1, min(9, len(sessions))):
            session.add_dht_node((options["addresses"][(at + distance) % len(sessions)], options["port"]))
    while True:
        if select.select([0], [], [], 1)[0] and not os.read(0, 1 << 16):
            os._exit(0)
        known = [session.status().dht_nodes for session in sessions]
        print(json.dumps({"known": known}), flush=True)


main(json.loads(sys.argv[1]))
