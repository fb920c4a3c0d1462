"""Networks of domains: our back end (backend/netback) and any front end.

One machine, one domU, by default our back end and Debian's front end. On Xen 4.17:
pytest-3 tests/system/test_network.py --on=oracle. The environment chooses the pair and
how long things last:

    NETWORK_BACK=netback|stock     the back end (netback)
    NETWORK_FRONT=netfront|stock   the front end (stock)
    NETWORK_SECONDS=2              of each stream
    NETWORK_RELOADS=1              of the back end's module
"""

import os
import re
import sys
import time

import pytest
from lib_domains import Dom0, Machine

BACK = os.environ.get("NETWORK_BACK", "netback").replace("stock", "")
FRONT = os.environ.get("NETWORK_FRONT", "stock").replace("stock", "")
SECONDS = int(os.environ.get("NETWORK_SECONDS", "2"))
RELOADS = int(os.environ.get("NETWORK_RELOADS", "1"))

# What no kernel may say.
BAD = r"grep -E 'WARNING|BUG|Oops|Call Trace|disconnecting' || true"

pytestmark = pytest.mark.xdist_group("network")  # one machine for all


@pytest.fixture(scope="module")
def dom0(request):
    """The machine, with u1 at 10.0.0.2 and fd00::2; domain 0 serves a file by HTTP."""
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back=BACK, smp=1), sys.stdout) as dom0:
        dom0.bridge()
        dom0.check(
            "ip address add fd00::1/64 dev xen-br0 nodad\n"
            "mkdir /srv; dd if=/dev/urandom of=/srv/file bs=1M count=24 2> /dev/null\n"
            "busybox httpd -p 80 -h /srv; iperf3 -s -D"
        )
        dom0.create("u1", address="10.0.0.2", front=FRONT)
        dom0.guest_check("u1", "/bin/ip address add fd00::2/64 dev eth0 nodad")
        dom0.guest_check("u1", "mkdir -p /srv; busybox httpd -p 80 -h /srv")
        yield dom0
        complaints = dom0.check(f"dmesg | {BAD}") + dom0.guest_check("u1", f"dmesg | {BAD}")
        dom0.check("xl destroy u1")
        wait_until(lambda: dom0.run("ls -d /sys/class/net/vif*").status, "the vif goes")
        assert not complaints, complaints
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def wait_until(condition, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def vif(dom0) -> str:
    return dom0.check("basename /sys/class/net/vif*").strip()


def answers(dom0) -> bool:
    return dom0.guest("u1", "ping -c 1 -W 5 10.0.0.1 > /dev/null").status == 0


def same_files(dom0, here: str = "10.0.0.1", there: str = "10.0.0.2") -> None:
    """24 MiB from domain 0 to the domU and back are the same bytes."""
    want = dom0.check("sha256sum < /srv/file")
    fetch = "wget -q -O {} http://{}/file && sha256sum < {}"
    assert dom0.guest_check("u1", fetch.format("/srv/file", here, "/srv/file")) == want
    assert dom0.check(fetch.format("/tmp/file", there, "/tmp/file")) == want
    dom0.guest_check("u1", "rm /srv/file")


def test_streams(dom0):
    for how in ("", "-R", "-u -b 5M -l 1400", "-u -b 1M -l 64 -R"):
        dom0.guest_check("u1", f"iperf3 -t {SECONDS} -c 10.0.0.1 {how}")


def test_files(dom0):
    same_files(dom0)
    errors = dom0.check(f"cat /sys/class/net/{vif(dom0)}/statistics/?x_errors").split()
    assert errors == ["0", "0"]


def test_ipv6(dom0):
    same_files(dom0, "[fd00::1]", "[fd00::2]")


def test_without_offloads(dom0):
    off = "tx off sg off tso off gso off gro off > /dev/null 2>&1"
    dom0.guest_check("u1", f"ethtool -K eth0 {off}; true")
    dom0.check(f"ethtool -K {vif(dom0)} {off}; true")
    same_files(dom0)
    dom0.guest_check("u1", "ethtool -K eth0 tx on sg on tso on gso on gro on; true")
    dom0.check(f"ethtool -K {vif(dom0)} tx on sg on tso on gso on gro on; true")


def test_jumbo_frames(dom0):
    set_mtu = "ip link set {} mtu {}"
    dom0.check(set_mtu.format(vif(dom0), 65000))
    dom0.check(set_mtu.format("xen-br0", 65000))
    dom0.guest_check("u1", "/bin/" + set_mtu.format("eth0", 65000))
    dom0.guest_check("u1", "ping -c 2 -s 64000 10.0.0.1")
    same_files(dom0)
    dom0.guest_check("u1", "/bin/" + set_mtu.format("eth0", 1500))
    dom0.check(set_mtu.format("xen-br0", 1500))
    dom0.check(set_mtu.format(vif(dom0), 1500))


def test_vlan(dom0):
    vlan = "ip link add link {0} name {0}.5 type vlan id 5"
    up = "ip address add 10.5.0.{1}/24 dev {0}.5 && ip link set {0}.5 up"
    if dom0.run(vlan.format("xen-br0")).status:
        pytest.skip("domain 0 has no VLANs")
    dom0.check(up.format("xen-br0", 1))
    there = dom0.guest("u1", "/bin/" + vlan.format("eth0")).status
    if not there:
        dom0.guest_check("u1", up.format("eth0", 2).replace("ip ", "/bin/ip "))
        same_files(dom0, "10.5.0.1", "10.5.0.2")
        dom0.guest_check("u1", "/bin/ip link delete eth0.5")
    dom0.check("ip link delete xen-br0.5")
    if there:
        pytest.skip("the domU has no VLANs")


@pytest.mark.skipif(not BACK, reason="Debian's back end has no such option")
def test_antispoof(dom0):
    backend = f"/local/domain/0/backend/vif/{vif(dom0)[3:].replace('.', '/')}"
    spoofed = f"ethtool -S {vif(dom0)} | awk '/spoofed/ {{ print $2 }}'"
    dom0.check(f"xenstore-write {backend}/ip 10.0.0.2 {backend}/antispoof 1")
    wait_until(lambda: answers(dom0), "its own address passes")
    dom0.guest_check("u1", "/bin/ip address add 10.0.0.77/24 dev eth0")
    assert dom0.guest("u1", "ping -I 10.0.0.77 -c 2 -W 2 10.0.0.1").status
    assert int(dom0.check(spoofed)) > 0
    dom0.check(f"xenstore-rm {backend}/antispoof")
    again = lambda: not dom0.guest("u1", "ping -I 10.0.0.77 -c 1 -W 2 10.0.0.1").status
    wait_until(again, "every address passes again")
    dom0.guest_check("u1", "/bin/ip address del 10.0.0.77/24 dev eth0")


@pytest.mark.skipif(not BACK, reason="the module's name")
def test_reload_under_traffic(dom0):
    for _ in range(RELOADS):
        name = vif(dom0)
        dom0.guest_check("u1", "iperf3 -b 20M -t 60 -c 10.0.0.1 > /tmp/log 2>&1 & sleep 1")
        # A module in use cannot be removed.
        dom0.check(
            "cd /sys/bus/xen-backend/drivers/vif && for d in vif-*; do echo $d > unbind; done\n"
            f"rmmod {BACK} && insmod /drivers/{BACK}.ko"
        )
        wait_until(lambda: not dom0.run(f"ls /sys/class/net/{name}").status, "the vif is back")
        # Nobody runs scripts for devices of domains that are there already.
        dom0.check(f"ip link set {name} master xen-br0 up")
        wait_until(lambda: answers(dom0), "the front end carries on")
        dom0.guest("u1", "killall iperf3")
    same_files(dom0)


def test_plug_under_traffic(dom0):
    dom0.guest_check("u1", "iperf3 -b 20M -t 60 -c 10.0.0.1 > /tmp/log 2>&1 & sleep 1")
    dom0.check("xl network-detach u1 0")
    wait_until(lambda: dom0.guest("u1", "ls /sys/class/net/eth0").status, "eth0 goes")
    wait_until(lambda: dom0.run("ls -d /sys/class/net/vif*").status, "the vif goes")
    dom0.check("xl network-attach u1 bridge=xen-br0")
    wait_until(lambda: not dom0.guest("u1", "ls /sys/class/net/eth0").status, "eth0 is back")
    dom0.guest_check("u1", "killall iperf3; ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up")
    wait_until(lambda: answers(dom0), "the network is back")
    same_files(dom0)
