"""Both network drivers ours: together, and each against another half that breaks the protocol.

One machine. u2 at 10.0.0.2 and fd00::2 has two VCPUs and so two queues. First what only
this pair has; then minutes, or seconds, of everything at once; and at last hostile halves
(tests/hostile/net): malformed packets are dropped and counted, malformed rings disconnect
the device, nothing else happens to anybody, and nothing is left behind.

On Xen 4.17: pytest-3 tests/system/test_network_pair.py --on=oracle. By hand, longer:

    NETWORK_SECONDS=600            two domains talk while others come and go (not at all)
    HOSTILE_SECONDS=600            all that is hostile, and then so long at random
    HOSTILE_SEED=7                 from this seed (1)
"""

import os
import re
import sys
import time

import pytest
from lib_domains import Dom0, Machine
from lib_system import front_is_module

pytestmark = pytest.mark.xdist_group("network")  # one machine at a time

NETWORK_SECONDS = int(os.environ.get("NETWORK_SECONDS", "5"))
HOSTILE_SECONDS = int(os.environ.get("HOSTILE_SECONDS", "0"))
SEED = os.environ.get("HOSTILE_SEED", "1")
RUNS = ["quick", f"random 3 {SEED}"]
if HOSTILE_SECONDS:
    RUNS = ["cases", f"random {HOSTILE_SECONDS} {SEED}"]

# What no kernel may say, but for grants that the hostile back end keeps for a while.
BAD = "grep -E 'WARNING|BUG|Oops|Call Trace|general protection|blocked for' | grep -v 'still in use'"

HOSTILE = "/sys/module/hostile_{}/parameters"


@pytest.fixture(scope="module")
def dom0(request):
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back="netback", smp=1, hostile=True), sys.stdout) as dom0:
        dom0.bridge()
        dom0.check(
            "echo 2 > /sys/module/netback/parameters/max_queues\n"
            "ip address add fd00::1/64 dev xen-br0 nodad\n"
            "echo 0 > /sys/class/net/xen-br0/bridge/multicast_snooping\n"
            "mkdir /srv; head -c 2000003 /dev/urandom > /srv/file\n"
            "busybox httpd -p 80 -h /srv; iperf3 -s -D"
        )
        dom0.create("u2", address="10.0.0.2", front="netfront", vcpus=2)
        dom0.guest_check(
            "u2",
            "/bin/ip address add fd00::2/64 dev eth0 nodad; iperf3 -s -D; iperf3 -s -D -p 5202",
        )
        yield dom0
        dom0.check("xl destroy u2")
        gone(dom0, 0)
        assert not dom0.run(f"dmesg | {BAD}").output
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def wait_until(condition, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def gone(dom0, domains: int) -> None:
    """So many domains, of one interface each, are left beside domain 0."""
    lines = lambda: len(dom0.check("xl list").splitlines())
    wait_until(lambda: lines() == domains + 2, "domains are gone")
    vifs = lambda: int(dom0.run("ls /sys/class/net | grep -c vif").output)
    wait_until(lambda: vifs() == domains, "interfaces are gone")


def vif(dom0) -> str:
    return dom0.check("cd /sys/class/net && ls -d vif*").split()[0]


def backend(dom0) -> str:
    """u2's interface in xenstore, the back end's side."""
    return f"/local/domain/0/backend/vif/{vif(dom0)[3:].replace('.', '/')}"


def answers(dom0, options: str = "") -> bool:
    return not dom0.guest("u2", f"ping -c 1 -W 3 {options} 10.0.0.1").status


def sum_of(lines: str) -> int:
    return sum(int(line.split()[-1]) for line in lines.splitlines())


def front_counts(dom0, name: str) -> int:
    """One of ethtool's numbers in u2, of all queues or (0_rx_packets) of one."""
    return sum_of(dom0.guest_check("u2", f"ethtool -S eth0 | grep _{name}:"))


def back_counts(dom0, name: str) -> int:
    return sum_of(dom0.check(f"ethtool -S {vif(dom0)} | grep _{name}:"))


def same_files(dom0) -> None:
    """2 MB from domain 0 to u2 and back are the same bytes."""
    want = dom0.check("sha256sum < /srv/file")
    fetch = "wget -q -O /tmp/file http://10.0.0.1/file && sha256sum < /tmp/file"
    assert dom0.guest_check("u2", fetch) == want
    dom0.guest_check("u2", "busybox httpd -h /tmp 2> /dev/null; true")
    assert dom0.check("wget -q -O - http://10.0.0.2/file | sha256sum") == want


def left(dom0) -> dict[str, str]:
    """What a domain that is gone could leave."""
    return {
        "interfaces": dom0.check("ls /sys/class/net"),
        "free memory": dom0.check("free-memory"),
        "event channels": dom0.check("lsevtchn 0 | wc -l"),
    }


def test_queues(dom0):
    """Both are used; and only one, when the hash's table says so."""
    assert dom0.guest_check("u2", "ethtool -l eth0").count("Combined:\t2") == 2
    dom0.guest_check(
        "u2", "iperf3 -P 8 -n 1M -c 10.0.0.1; iperf3 -P 8 -n 1M -R -c 10.0.0.1"
    )
    for n in (0, 1):
        for way in ("rx", "tx"):
            assert front_counts(dom0, f"{n}_{way}_packets") > 10, (n, way)
            assert (
                sum_of(
                    dom0.check(f"ethtool -S {vif(dom0)} | grep queue{n}_{way}_packets:")
                )
                > 10
            )
    dom0.guest_check("u2", "ethtool -X eth0 weight 0 1; sleep 1")
    before = front_counts(dom0, "0_rx_packets")
    dom0.guest_check("u2", "iperf3 -P 4 -n 1M -R -c 10.0.0.1")
    assert front_counts(dom0, "0_rx_packets") - before < 100
    dom0.guest_check("u2", "ethtool -X eth0 default")
    same_files(dom0)


def test_neighbours_are_told(dom0):
    """After a new connection domain 0 knows where u2 is without asking."""
    dom0.check(
        "echo 1 > /proc/sys/net/ipv4/conf/xen-br0/arp_accept\n"
        "echo 1 > /proc/sys/net/ipv6/conf/xen-br0/forwarding\n"
        "echo 1 > /proc/sys/net/ipv6/conf/xen-br0/accept_untracked_na\n"
        "ip -4 neigh flush dev xen-br0; ip -6 neigh flush dev xen-br0"
    )
    knows = lambda a: "lladdr" in dom0.run(f"ip neigh show {a} dev xen-br0").output
    assert not knows("10.0.0.2") and not knows("fd00::2")
    dom0.check(f"xenstore-write {backend(dom0)}/state 5")
    wait_until(lambda: knows("10.0.0.2"), "an ARP announcement")
    wait_until(lambda: knows("fd00::2"), "a neighbour advertisement")
    dom0.check("echo 0 > /proc/sys/net/ipv6/conf/xen-br0/forwarding")
    assert answers(dom0)


def test_multicast(dom0):
    """Only what u2 has joined comes."""
    packets = lambda: back_counts(dom0, "rx_packets")
    dom0.guest_check("u2", "/bin/ip maddress add 01:00:5e:01:02:03 dev eth0; sleep 1")
    send = "ping -c 20 -i 0.05 -W 1 -I xen-br0 {} > /dev/null; true"
    before = packets()
    dom0.check(send.format("224.1.2.3"))
    between = packets()
    dom0.check(send.format("224.9.9.9"))
    assert between - before >= 20 and packets() - between < 20
    dom0.guest_check("u2", "/bin/ip maddress del 01:00:5e:01:02:03 dev eth0")


def test_spoofed_sources(dom0):
    """MAC, IPv4, ARP and IPv6 addresses that are not u2's are dropped and counted."""
    at = backend(dom0)
    mac = dom0.check(f"xenstore-read {at}/mac").strip()
    dom0.check(f"xenstore-write {at}/ip '10.0.0.2 fd00::2' {at}/antispoof 1")
    spoofed = lambda: back_counts(dom0, "tx_spoofed")
    wait_until(lambda: answers(dom0), "its own address passes")
    dom0.guest_check("u2", "ping -c 1 -W 3 fd00::1")
    honest = spoofed()

    def refused(what: str, ping: str) -> None:
        before = spoofed()
        assert dom0.guest("u2", ping).status, what
        assert spoofed() > before, what

    dom0.guest_check("u2", "/bin/ip address add 10.0.0.77/24 dev eth0")
    refused("an IPv4 address", "ping -I 10.0.0.77 -c 1 -W 1 10.0.0.1")
    dom0.guest_check("u2", "/bin/ip neigh flush dev eth0")
    refused("ARP for another address", "ping -I 10.0.0.77 -c 1 -W 1 10.0.0.1")
    dom0.guest_check("u2", "/bin/ip address del 10.0.0.77/24 dev eth0")
    dom0.guest_check("u2", "/bin/ip address add fd00::77/64 dev eth0 nodad")
    refused("an IPv6 address", "ping -I fd00::77 -c 1 -W 1 fd00::1")
    dom0.guest_check("u2", "/bin/ip address del fd00::77/64 dev eth0")
    dom0.guest_check("u2", "/bin/ip link set eth0 address 00:16:3e:77:77:77")
    refused("a MAC address", "ping -c 1 -W 1 10.0.0.1")
    dom0.guest_check("u2", f"/bin/ip link set eth0 address {mac}")
    dom0.guest_check("u2", "/bin/ip address add fd00::2/64 dev eth0 nodad; true")
    wait_until(lambda: answers(dom0), "its own address passes")
    assert honest == 0
    dom0.check(f"xenstore-rm {at}/antispoof")


def test_mac_changes(dom0):
    """Without a list of addresses a domain may change its own."""
    mac = dom0.check(f"xenstore-read {backend(dom0)}/mac").strip()
    dom0.guest_check("u2", "/bin/ip link set eth0 address 00:16:3e:77:77:78")
    wait_until(lambda: answers(dom0), "the new address")
    assert "00:16:3e:77:77:78" in dom0.check("ip neigh show 10.0.0.2 dev xen-br0")
    dom0.guest_check("u2", f"/bin/ip link set eth0 address {mac}")
    wait_until(lambda: answers(dom0), "the old address")


def test_rate(dom0):
    """No more than 100,000 bytes each 100 ms, by the bytes that came and domain 0's clock."""
    clock = lambda: float(dom0.check("cut -d ' ' -f 1 /proc/uptime"))
    bytes_of = lambda: back_counts(dom0, "tx_bytes")
    dom0.check(f"xenstore-write {backend(dom0)}/rate 100000,100000; sleep 1")
    start, before = clock(), bytes_of()
    dom0.guest_check("u2", "iperf3 -n 3M -c 10.0.0.1")
    sent, windows = bytes_of() - before, (clock() - start) * 10 + 2
    assert sent >= 1 << 20 and sent <= windows * 100000 + 65536, (sent, windows)
    assert back_counts(dom0, "tx_throttled") > 0
    dom0.check(f"xenstore-rm {backend(dom0)}/rate; sleep 1")
    same_files(dom0)


def test_filters(dom0):
    """nftables on the bridge and tc on the interface see ordinary packets."""
    name = vif(dom0)
    dom0.check(
        "nft add table bridge t\n"
        "nft 'add chain bridge t c { type filter hook prerouting priority 0; }'\n"
        f"nft 'add rule bridge t c iifname {name} ip saddr 10.0.0.2 icmp type echo-request counter drop'\n"
        f"tc qdisc add dev {name} root tbf rate 80mbit burst 64k latency 50ms"
    )
    same_files(dom0)
    assert dom0.guest("u2", "ping -c 3 -i 0.1 -W 1 10.0.0.1").status
    assert (
        int(re.search(r"packets (\d+)", dom0.check("nft list table bridge t")).group(1))
        >= 3
    )
    sent = int(
        re.search(
            r"Sent (\d+) bytes", dom0.check(f"tc -s qdisc show dev {name}")
        ).group(1)
    )
    assert sent > 2000003
    dom0.check(f"nft delete table bridge t; tc qdisc del dev {name} root")


def come_and_go(dom0) -> None:
    """u3 comes, has its interface unplugged and plugged, and goes."""
    dom0.create("u3", address="10.0.0.4", front="netfront")
    ping = lambda: not dom0.guest("u3", "ping -c 1 -W 3 10.0.0.1").status
    wait_until(ping, "u3's network")
    dom0.check("xl network-detach u3 0")
    wait_until(lambda: dom0.guest("u3", "ls /sys/class/net/eth0").status, "eth0 goes")
    dom0.check("xl network-attach u3 bridge=xen-br0")
    wait_until(
        lambda: not dom0.guest("u3", "ls /sys/class/net/eth0").status, "eth0 is back"
    )
    dom0.guest_check("u3", "ifconfig eth0 10.0.0.4 netmask 255.255.255.0 up")
    wait_until(ping, "u3's network again")
    dom0.check("xl destroy u3")
    gone(dom0, 2)


@pytest.mark.skipif(
    "NETWORK_SECONDS" not in os.environ, reason="takes minutes: NETWORK_SECONDS=600"
)
def test_everything_at_once(dom0):
    """Two domains talk by TCP and UDP, both ways, while a third comes and goes."""
    dom0.create("u1", address="10.0.0.3", front="netfront")
    dom0.guest_check("u1", "ping -c 1 10.0.0.2")
    come_and_go(dom0)  # domain 0 grows by what the third one needs, once
    before = left(dom0)
    end = time.monotonic() + NETWORK_SECONDS
    streams = {"tcp": "-p 5201", "udp": "-p 5202 -u -l 1400 -b 400K"}
    for name, options in streams.items():
        talk = f"iperf3 --bidir -t 86400 -i 5 -c 10.0.0.2 {options}"
        dom0.guest_check("u1", f"({talk} > /tmp/{name} 2>&1) & sleep 1")
    count = 0
    while count == 0 or time.monotonic() < end:
        come_and_go(dom0)
        count += 1
    dom0.guest_check("u1", "killall -INT iperf3; sleep 3")
    for name in streams:
        said = dom0.guest_check("u1", f"cat /tmp/{name}")
        print(f"{count} domains came and went;", said[-1500:])
        for way in ("TX", "RX"):
            # [  5][TX-C]   5.00-10.00  sec   244 KBytes   400 Kbits/sec  175
            moved = re.findall(rf"{way}-C\] +[\d.]+-[\d.]+ +sec +([\d.]+) ", said)
            # The last is cut short, and then come the totals.
            assert len(moved) > NETWORK_SECONDS / 10, said
            assert all(float(n) > 0 for n in moved[: NETWORK_SECONDS // 5]), said
    assert left(dom0) == before
    dom0.check("xl destroy u1")
    gone(dom0, 1)
    same_files(dom0)


def front_end(dom0, what: str) -> None:
    """u1, with two interfaces, does that to our back end; what is malformed is counted."""
    dom0.create("u1", vif=["bridge=xen-br0", "bridge=xen-br0"], front="netfront")
    number = dom0.check("xl domid u1").strip()
    dom0.guest_check(
        "u1",
        "for d in /sys/bus/xen/drivers/netfront/vif-*; do echo ${d##*/} > ${d%/*}/unbind; done\n"
        "rmmod netfront && insmod /drivers/hostile_netfront.ko",
    )
    at = HOSTILE.format("netfront")
    run = f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile: ; dmesg | {BAD}"
    said = dom0.guest("u1", run, timeout=600 + HOSTILE_SECONDS).output
    assert (
        " 0 failures" in said and "FAILED" not in said and "Call Trace" not in said
    ), said
    errors = int(dom0.check(f"cat /sys/class/net/vif{number}.0/statistics/rx_errors"))
    malformed = int(said.split(" malformed")[0].split()[-1])
    assert errors >= malformed and (malformed > 30 or "random" in what), said
    dom0.check("xl destroy u1")
    gone(dom0, 1)


@front_is_module
def test_hostile_front_end(dom0):
    """Others go on meanwhile, and the second time nothing more is left than the first."""
    dom0.guest_check("u2", "(ping -i 0.5 10.0.0.1 > /tmp/ping 2>&1) & sleep 1")
    front_end(dom0, RUNS[0])
    before = left(dom0)
    front_end(dom0, RUNS[1])
    assert left(dom0) == before
    lost = dom0.guest_check("u2", "killall -INT ping; sleep 1; grep loss /tmp/ping")
    assert " 0% packet loss" in lost, lost


def test_hostile_back_end(dom0):
    """In netback's place; then netback is back, and u2 goes on with it."""
    name = vif(dom0)
    unbind = "cd /sys/bus/xen-backend/drivers/{} && for d in vif-*; do echo $d > unbind; done\n"
    dom0.check(
        unbind.format("vif") + "rmmod netback && insmod /drivers/hostile_netback.ko"
    )
    at = HOSTILE.format("netback")
    for what in RUNS:
        run = f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile: "
        said = dom0.run(run, timeout=600 + HOSTILE_SECONDS).output
        assert " 0 failures" in said and "FAILED" not in said, said
    assert front_counts(dom0, "rx_malformed") > 30
    complaints = dom0.guest("u2", f"dmesg | {BAD}").output
    assert not complaints.strip(), complaints
    load = "rmmod hostile_netback && insmod /drivers/netback.ko max_queues=2"
    dom0.check(unbind.format("hostile_netback") + load)
    wait_until(
        lambda: not dom0.run(f"ls /sys/class/net/{name}").status, "the vif is back"
    )
    dom0.check(f"ip link set {name} master xen-br0 up")
    wait_until(lambda: answers(dom0), "the network is back")
    same_files(dom0)
