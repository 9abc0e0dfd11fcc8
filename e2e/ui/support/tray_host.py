# What a desktop does for icons in its tray (StatusNotifierItem): stands in for the panel in tests, on the session bus of its environment.
# Prints a line of JSON for each icon that comes {"icon": true}; each line of standard input is a command: `tip` (answer {"tip": text}), `menu`
# ({"menu": [labels]}), `choose LABEL` of the menu ({"chosen": label}), `activate` ({"activated": true}). Ends when its standard input does.
import json
import sys

from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
MENU = "com.canonical.dbusmenu"
ITEM = "org.kde.StatusNotifierItem"
INTERFACE = f"""<node><interface name="{WATCHER}">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
<signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
<signal name="StatusNotifierHostRegistered"/>
</interface></node>"""

loop = GLib.MainLoop()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
items: list[tuple[str, str]] = []


def say(**fields):
    print(json.dumps(fields), flush=True)


def call(path, interface, method, parameters):
    return bus.call_sync(items[-1][0], path, interface, method, parameters, None, Gio.DBusCallFlags.NONE, 5000, None)


def prop(interface, name):
    return call(items[-1][1], "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name))).unpack()[0]


def told(_bus, sender, _path, _interface, method, parameters, invocation):
    if method == "RegisterStatusNotifierItem":
        (service,) = parameters.unpack()
        items.append((sender, service) if service.startswith("/") else (service, "/StatusNotifierItem"))
        say(icon=True)
    invocation.return_value(None)


def asked(_bus, _sender, _path, _interface, name):
    return {
        "RegisteredStatusNotifierItems": GLib.Variant("as", [service for service, _ in items]),
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
    }[name]


def lines():
    parameters = GLib.Variant("(iias)", (0, -1, []))
    _, (_, _, children) = call(prop(ITEM, "Menu"), MENU, "GetLayout", parameters).unpack()
    return [(number, fields) for number, fields, _ in children if "label" in fields]


def heard(channel, _condition):
    line = channel.readline()
    if line == "":
        loop.quit()
        return False
    command, _, label = line.strip().partition(" ")
    if command == "tip":
        say(tip=prop(ITEM, "ToolTip")[2])
    elif command == "menu":
        say(menu=[fields["label"] for _, fields in lines()])
    elif command == "choose":
        (number,) = [number for number, fields in lines() if fields["label"] == label]
        event = GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0))
        # Who is told to end may do so before it answers.
        bus.call(items[-1][0], prop(ITEM, "Menu"), MENU, "Event", event, None, Gio.DBusCallFlags.NONE, 5000, None, None)
        say(chosen=label)
    else:
        call(items[-1][1], ITEM, "Activate", GLib.Variant("(ii)", (0, 0)))
        say(activated=True)
    return True


info = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
bus.register_object("/StatusNotifierWatcher", info, told, asked, None)
Gio.bus_own_name_on_connection(bus, WATCHER, Gio.BusNameOwnerFlags.NONE, lambda *_: say(ready=True), None)
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, heard)
loop.run()
