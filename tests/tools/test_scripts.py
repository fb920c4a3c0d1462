"""The scripts network and vif-bridge, in network namespaces.

`home` is the machine: eth0 leads over a wire to `peer`, a router. Domains are
namespaces whose interface is the other end of a vif.
"""

import itertools
import os
import re
import subprocess

import pytest

from lib_tools import TOP

NETWORK = str(TOP / "tools/scripts/network")
VIF_BRIDGE = str(TOP / "tools/scripts/vif-bridge")

numbers = itertools.count()


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, timeout=60, **more)


class Namespace:
    def __init__(self, name):
        self.name = "xl%d-%d-%s" % (os.getpid(), next(numbers), name)
        made = run("ip", "netns", "add", self.name)
        if made.returncode:
            pytest.skip("no network namespaces here: " + made.stderr.strip())
        # No address is tentative for a while: what a test sees shall not change by itself.
        for which in "all", "default":
            self.good(
                "sh", "-c", f"echo 0 > /proc/sys/net/ipv6/conf/{which}/accept_dad"
            )
        self.good("ip", "link", "set", "lo", "up")

    def run(self, *args, **more):
        return run("ip", "netns", "exec", self.name, *map(str, args), **more)

    def good(self, *args, **more):
        done = self.run(*args, **more)
        assert done.returncode == 0, done
        return done.stdout

    def ip(self, line):
        return self.good("ip", *line.split())

    def addresses(self, interface):
        """What of an interface's addresses must not be lost."""
        text = self.ip("-o addr show dev " + interface)
        found = []
        for line in text.splitlines():
            line = re.sub(r"\\.*", "", line)
            if " scope link" in line and "inet6" in line:
                continue
            line = re.sub(r" (noprefixroute|nodad|secondary|tentative)", "", line)
            found.append(" ".join(line.split()[2:]).replace(" " + interface, ""))
        return sorted(found)

    def routes(self, interface):
        found = []
        for family in "-4", "-6":
            for line in self.ip(
                family + " route show table all dev " + interface
            ).splitlines():
                if (
                    "fe80::" not in line
                    and "ff00::" not in line
                    and " local " not in line
                ):
                    found.append(line.strip())
        return sorted(
            line for line in found if not line.startswith(("local", "broadcast"))
        )

    def pings(self, address):
        return self.run("busybox", "ping", "-c", 1, "-W", 2, address).returncode == 0

    def delete(self):
        run("ip", "netns", "del", self.name)


@pytest.fixture
def peer():
    namespace = Namespace("peer")
    yield namespace
    namespace.delete()


@pytest.fixture
def home(peer):
    namespace = Namespace("home")
    namespace.ip("link add eth0 type veth peer name wire netns " + peer.name)
    peer.ip("addr add 10.9.0.1/24 dev wire")
    peer.ip("addr add 10.8.0.1/24 dev wire")
    peer.ip("link set wire up")
    peer.ip("addr add 192.0.2.1/32 dev lo")
    namespace.ip("link set eth0 address 02:00:00:00:00:99 mtu 1400 up")
    namespace.ip("addr add 10.9.0.2/24 brd + dev eth0")
    namespace.ip("addr add 10.9.0.3/24 dev eth0")
    namespace.ip("addr add 10.8.0.2/24 metric 50 dev eth0")
    namespace.ip("addr add 10.7.0.2 peer 10.7.0.1/32 dev eth0")
    namespace.ip("addr add 2001:db8::2/64 nodad dev eth0")
    namespace.ip("route add default via 10.9.0.1 metric 100")
    namespace.ip("route add 10.6.0.0/24 via 10.8.0.1 src 10.8.0.2")
    namespace.ip("route add 10.5.0.0/24 dev eth0 scope link")
    namespace.ip("route add default via 10.9.0.1 table 77")
    namespace.ip("-6 route add default via 2001:db8::1")
    yield namespace
    namespace.delete()


def test_the_fixture_has_what_it_says(home):
    assert home.pings("192.0.2.1")
    assert len(home.addresses("eth0")) == 5
    assert len(home.routes("eth0")) >= 8


def test_start_and_stop(home):
    addresses, routes = home.addresses("eth0"), home.routes("eth0")
    assert home.good(NETWORK, "start") == ""
    assert home.addresses("xen-br0") == addresses
    assert home.routes("xen-br0") == routes
    assert home.addresses("eth0") == [] and home.routes("eth0") == []
    assert "02:00:00:00:00:99" in home.ip("link show xen-br0")
    assert "mtu 1400" in home.ip("link show xen-br0")
    assert "master xen-br0" in home.ip("link show eth0")
    assert home.pings("192.0.2.1")

    assert home.good(NETWORK, "stop") == ""
    assert home.addresses("eth0") == addresses
    assert home.routes("eth0") == routes
    assert home.run("ip", "link", "show", "xen-br0").returncode == 1
    assert home.pings("192.0.2.1")


def test_a_route_that_a_router_advertised(home):
    """It must not stay behind, and leave the place free for the next advertisement."""
    home.ip("-6 route del default via 2001:db8::1")
    home.ip("-6 route add default via fe80::1 dev eth0 proto ra metric 1024")
    moved = ["default via fe80::1 proto static metric 1025 pref medium"]

    def defaults(interface):
        return [
            line.strip()
            for line in home.ip("-6 route show default dev " + interface).splitlines()
        ]

    home.good(NETWORK, "start")
    assert (defaults("eth0"), defaults("xen-br0")) == ([], moved)
    home.ip("-6 route add default via fe80::1 dev xen-br0 proto ra metric 1024")
    home.good(NETWORK, "stop")
    assert defaults("eth0") == moved


def test_again_is_nothing(home):
    home.good(NETWORK, "start", "netdev=eth0")
    before = home.ip("addr"), home.ip("route show table all")
    home.good(NETWORK, "start", "netdev=eth0")
    home.good(NETWORK, "start")
    assert (home.ip("addr"), home.ip("route show table all")) == before
    home.good(NETWORK, "stop")
    before = home.ip("route show table all")
    home.good(NETWORK, "stop")
    assert home.ip("route show table all") == before


def test_half_done_is_finished(home):
    """As after a start that was killed in the middle, at several places."""
    addresses, routes = home.addresses("eth0"), home.routes("eth0")
    steps = [
        "link add xen-br0 type bridge",
        "link set xen-br0 alias netdev=eth0 up",
        "addr add 10.9.0.2/24 brd + dev xen-br0",
        "link set eth0 master xen-br0",
        "route replace default via 10.9.0.1 metric 100 dev xen-br0",
    ]
    for n in range(len(steps) + 1):
        for step in steps[:n]:
            home.ip(step)
        home.good(NETWORK, "start")
        assert home.addresses("xen-br0") == addresses
        assert home.routes("xen-br0") == routes
        assert home.addresses("eth0") == []
        home.good(NETWORK, "stop")
        assert home.addresses("eth0") == addresses
        assert home.routes("eth0") == routes


@pytest.mark.parametrize("step", range(1, 17))
def test_a_step_that_fails_is_undone(home, tmp_path, step):
    """The step-th call of ip that changes something fails: all is as before."""
    stub = tmp_path / "ip"
    stub.write_text(
        "#!/bin/sh\n"
        'case "$*" in *show*) exec /sbin/ip "$@" ;; esac\n'
        "n=$(($(cat %s/n) + 1)); echo $n >%s/n\n" % (tmp_path, tmp_path)
        + '[ $n -ne %d ] || { echo "no, not $*" >&2; exit 1; }\n' % step
        + 'exec /sbin/ip "$@"\n'
    )
    stub.chmod(0o755)
    (tmp_path / "n").write_text("0\n")
    path = "%s:%s" % (tmp_path, os.environ["PATH"])
    before = home.addresses("eth0"), home.routes("eth0")
    done = home.run("env", "PATH=" + path, NETWORK, "start")
    steps = int((tmp_path / "n").read_text())
    assert steps >= step, "start has %d steps only" % steps
    assert done.returncode == 1
    assert re.match(r"no, not .*\nnetwork: .*\n", done.stderr)
    if " flush " in done.stderr:
        # The last steps: all is moved, and again finishes it.
        home.good(NETWORK, "start")
    else:
        assert (home.addresses("eth0"), home.routes("eth0")) == before
        assert home.run("ip", "link", "show", "xen-br0").returncode == 1
        assert home.pings("192.0.2.1")
        home.good(NETWORK, "start")
    assert (home.addresses("xen-br0"), home.routes("xen-br0")) == before
    # The same on the way back.
    (tmp_path / "n").write_text("0\n")
    done = home.run("env", "PATH=" + path, NETWORK, "stop")
    if done.returncode:
        assert (home.addresses("xen-br0"), home.routes("xen-br0")) == before
        assert home.pings("192.0.2.1")
        home.good(NETWORK, "stop")
    assert (home.addresses("eth0"), home.routes("eth0")) == before


def test_status(home):
    done = home.run(NETWORK, "status")
    assert (done.returncode, done.stdout) == (3, "xen-br0: stopped\n")
    home.good(NETWORK, "start", "antispoof=yes")
    lines = home.good(NETWORK, "status").splitlines()
    assert lines[0] == "xen-br0: runs on eth0, antispoof=yes"
    assert "  address 10.9.0.2/24" in lines and "  port eth0" in lines


def test_another_bridge(home):
    home.good(NETWORK, "start", "bridge=br7", "netdev=eth0")
    assert "br7: runs on eth0" in home.good(NETWORK, "status", "bridge=br7")
    done = home.run(NETWORK, "start", "netdev=eth0")
    assert (done.returncode, done.stderr) == (
        1,
        "network: eth0 belongs to br7 already\n",
    )
    home.good(NETWORK, "stop", "bridge=br7")


@pytest.mark.parametrize(
    "args, code, says",
    [
        ([], 2, "no command given\nUse: "),
        (["restart"], 2, 'unknown command "restart"\nUse: '),
        (["start", "eth0"], 2, 'unknown argument "eth0"\nUse: '),
        (["start", "antispoof=maybe"], 2, 'unknown argument "antispoof=maybe"\nUse: '),
        (
            ["start", "netdev=a/b"],
            2,
            '"a/b" or "xen-br0" cannot name an interface\nUse: ',
        ),
        (
            ["start", "bridge=0123456789abcdef"],
            2,
            '"0123456789abcdef" is longer than 15',
        ),
        (["start", "netdev=eth9"], 1, "there is no interface eth9\n"),
        (["start", "netdev=lo"], 1, "netdev=lo cannot be on a bridge\n"),
        (["start", "bridge=eth0"], 1, "eth0 is there, and is no bridge\n"),
        (["stop", "bridge=lo"], 1, "lo was not made by network start\n"),
    ],
)
def test_network_refuses(home, args, code, says):
    before = home.ip("addr"), home.ip("route show table all")
    done = home.run(NETWORK, *args)
    assert done.returncode == code
    assert done.stderr.startswith("network: " + says)
    assert (home.ip("addr"), home.ip("route show table all")) == before


def test_no_default_route(home):
    home.ip("link set eth0 down")
    done = home.run(NETWORK, "start")
    assert (
        done.stderr == "network: no default route tells the interface: give netdev=\n"
    )


def test_a_bridge_in_use_stays(home):
    home.good(NETWORK, "start")
    home.ip("link add vif1.0 type veth peer name other")
    home.ip("link set vif1.0 master xen-br0")
    done = home.run(NETWORK, "stop")
    assert (done.returncode, done.stderr) == (
        1,
        "network: xen-br0 is in use by vif1.0\n",
    )
    assert home.pings("192.0.2.1")


# vif-bridge


class Vif:
    """A domain's interface, and a xenstore of files behind stand-ins of its tools."""

    def __init__(self, home, tmp_path, number=1, **backend):
        self.home = home
        self.guest = Namespace("guest")
        self.name = "vif%d.0" % number
        self.backend = tmp_path / ("backend%d" % number)
        self.backend.mkdir()
        backend.setdefault("mac", "02:00:00:00:01:%02x" % number)
        for key, value in backend.items():
            (self.backend / key).write_text(value)
        self.mac = backend["mac"]
        bin = tmp_path / "bin"
        if not bin.exists():
            bin.mkdir()
            tool(bin / "xenstore-read", 'cat "$1"')
            tool(bin / "xenstore-rm", 'rm "$1"')
            tool(
                bin / "xenstore-write",
                'while [ $# -gt 0 ]; do printf %s "$2" >"$1" || exit 1; shift 2; done',
            )
        self.environment = dict(
            os.environ,
            PATH="%s:%s" % (bin, os.environ["PATH"]),
            XENBUS_PATH=str(self.backend),
            vif=self.name,
        )
        home.ip(
            "link add %s type veth peer name eth0 netns %s"
            % (self.name, self.guest.name)
        )
        self.guest.ip("link set eth0 address %s up" % self.mac)

    def script(self, *args, **more):
        return self.home.run(VIF_BRIDGE, *args, env={**self.environment, **more})

    def node(self, name):
        path = self.backend / name
        return path.read_text() if path.exists() else None

    def delete(self):
        self.guest.delete()


def tool(path, text):
    path.write_text("#!/bin/sh\n%s\n" % text)
    path.chmod(0o755)


@pytest.fixture
def make_vif(home, tmp_path):
    made = []

    def make(**more):
        made.append(Vif(home, tmp_path, len(made) + 1, **more))
        return made[-1]

    yield make
    for vif in made:
        vif.delete()


def test_online_and_offline(home, make_vif):
    home.good(NETWORK, "start")
    vif = make_vif()
    done = vif.script("online", "type_if=vif")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert vif.node("hotplug-status") == "connected"
    assert vif.node("hotplug-error") is None
    link = home.ip("-d link show vif1.0")
    for has in (
        "master xen-br0",
        "fe:ff:ff:ff:ff:ff",
        "NOARP",
        "mtu 1400",
        ",UP",
        "addrgenmode none",
    ):
        assert has in link
    assert home.addresses("vif1.0") == []
    vif.guest.ip("addr add 10.9.0.50/24 dev eth0")
    assert vif.guest.pings("10.9.0.2") and vif.guest.pings("10.9.0.1")
    # Again changes nothing.
    assert vif.script("online").returncode == 0
    assert vif.guest.pings("10.9.0.1")

    assert vif.script("offline", "type_if=vif").returncode == 0
    assert vif.node("hotplug-status") is None
    assert "master" not in home.ip("link show vif1.0")
    assert home.good(NETWORK, "stop") == ""
    # What is gone already is as good.
    home.ip("link del vif1.0")
    done = vif.script("offline")
    assert (done.returncode, done.stderr) == (0, "")


def test_two_domains_meet(home, make_vif):
    home.good(NETWORK, "start")
    one, two = make_vif(), make_vif()
    for vif, address in (one, "10.9.0.51/24"), (two, "10.9.0.52/24"):
        assert vif.script("online").returncode == 0
        vif.guest.ip("addr add %s dev eth0" % address)
    assert one.guest.pings("10.9.0.52")


def test_its_own_bridge_and_name(home, make_vif):
    home.ip("link add br7 type bridge")
    vif = make_vif(bridge="br7", vifname="web0")
    assert vif.script("online").returncode == 0
    assert "master br7" in home.ip("link show web0")
    assert vif.script("online").returncode == 0
    assert vif.script("offline").returncode == 0
    assert "master" not in home.ip("link show web0")


@pytest.mark.parametrize(
    "backend, says",
    [
        ({}, 'there is no bridge xen-br0: "network start" makes it'),
        ({"bridge": "br9"}, 'there is no bridge br9: "network start" makes it'),
        ({"bridge": "eth0"}, 'there is no bridge eth0: "network start" makes it'),
        ({"bridge": "br7", "vifname": "eth0"}, "there is an interface eth0 already"),
        ({"bridge": "br7", "vifname": "x" * 16}, "ip link set: "),
    ],
)
def test_errors_are_told_in_xenstore(home, make_vif, backend, says):
    home.ip("link add br7 type bridge")
    vif = make_vif(**backend)
    done = vif.script("online")
    assert done.returncode == 1
    assert done.stderr.startswith("vif-bridge vif1.0: " + says)
    assert done.stderr.count("\n") == 1
    assert vif.node("hotplug-error").startswith(says)
    assert vif.node("hotplug-status") == "error"


def test_an_interface_that_is_not_there(home, make_vif):
    home.good(NETWORK, "start")
    vif = make_vif()
    done = vif.script("online", vif="vif9.9")
    assert done.stderr == "vif-bridge vif9.9: there is no interface vif9.9\n"
    assert vif.node("hotplug-error") == "there is no interface vif9.9"


def test_wrong_calls(home, make_vif):
    vif = make_vif()
    for args, says in (
        ([], 'unknown command ""'),
        (["onlin"], 'unknown command "onlin"'),
        (["online", "x"], 'unknown argument "x"'),
    ):
        done = vif.script(*args)
        assert done.returncode == 1 and says in done.stderr
    done = vif.script("online", vif="")
    assert "neither vif nor INTERFACE" in done.stderr
    done = vif.script("online", XENBUS_PATH="")
    assert "XENBUS_PATH is not in the environment" in done.stderr


def test_add_and_remove_say_nothing_in_xenstore(home, make_vif):
    home.good(NETWORK, "start")
    vif = make_vif()
    assert vif.script("add", "type_if=tap", INTERFACE="vif1.0", vif="").returncode == 0
    assert "master xen-br0" in home.ip("link show vif1.0")
    assert vif.script("remove", "type_if=tap", INTERFACE="vif1.0").returncode == 0
    assert "master" not in home.ip("link show vif1.0")
    assert vif.node("hotplug-status") is None


def filters(home):
    return sorted(home.good("nft", "list", "ruleset").splitlines())


def test_antispoof(home, make_vif):
    """A MAC address of its own for all; IP addresses where some were given."""
    home.good(NETWORK, "start", "antispoof=yes")
    any_ip, one_ip = make_vif(), make_vif(ip="10.9.0.61 10.9.0.62/31")
    for vif in any_ip, one_ip:
        done = vif.script("online")
        assert (done.returncode, done.stderr) == (0, "")
    any_ip.guest.ip("addr add 10.9.0.60/24 dev eth0")
    one_ip.guest.ip("addr add 10.9.0.61/24 dev eth0")
    assert any_ip.guest.pings("10.9.0.1") and one_ip.guest.pings("10.9.0.1")
    for address, passes in ("10.9.0.63", True), ("10.9.0.64", False):
        one_ip.guest.ip("addr flush dev eth0")
        one_ip.guest.ip("addr add %s/24 dev eth0" % address)
        assert one_ip.guest.pings("10.9.0.1") == passes
    any_ip.guest.ip("addr add 10.9.0.65/24 dev eth0")
    assert any_ip.guest.pings("10.9.0.1")
    any_ip.guest.ip("link set eth0 down")
    any_ip.guest.ip("link set eth0 address 02:00:00:00:99:99")
    any_ip.guest.ip("link set eth0 up")
    assert not any_ip.guest.pings("10.9.0.1")
    # Again: the filter is there once. Offline: it is not.
    before = filters(home)
    assert before.count("\tchain from-domain {") == 2
    assert any_ip.script("online").returncode == 0
    assert filters(home) == before
    for vif in any_ip, one_ip:
        assert vif.script("offline").returncode == 0
    assert filters(home) == []


def test_antispoof_lets_dhcp_through(home, make_vif):
    home.good(NETWORK, "start", "antispoof=yes")
    vif = make_vif(ip="10.9.0.61")
    assert vif.script("online").returncode == 0
    ask = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.bind(("0.0.0.0", int(sys.argv[1])))
s.sendto(b"from " + sys.argv[1].encode(), ("255.255.255.255", 67))
"""
    hear = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 67))
print("ready", flush=True)
print(s.recv(100).decode())
"""
    hearing = subprocess.Popen(
        ["ip", "netns", "exec", home.name, "/usr/bin/python3", "-c", hear],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert hearing.stdout.readline() == "ready\n"
    # The one that is let through comes second: had the first come, it were heard.
    vif.guest.good("/usr/bin/python3", "-c", ask, 69)
    vif.guest.good("/usr/bin/python3", "-c", ask, 68)
    assert hearing.communicate(timeout=20)[0] == "from 68\n"


def test_antispoof_that_cannot_be_set_up(home, make_vif):
    home.good(NETWORK, "start", "antispoof=yes")
    vif = make_vif(ip="nonsense/")
    done = vif.script("online")
    assert done.stderr.startswith("vif-bridge vif1.0: antispoof: nft: ")
    assert "master" not in home.ip("link show vif1.0")
    assert vif.node("hotplug-status") == "error"
