"""Our network front end (guest/drivers/netfront), with Debian's back end.

One machine, one domU. With NETBACK=netback in the environment the back end is ours
too. On Xen 4.17: pytest-3 tests/system/test_netfront.py --on=oracle
"""

import base64
import os
import subprocess
import sys
import time

import lib_qemu
import pytest
from lib_domains import Dom0, Machine
from lib_system import front_is_module

BACK = os.environ.get("NETBACK", "")
BACK_MODULE = "/drivers/netback.ko" if BACK else "xen-netback"
HERE = lib_qemu.TOP / "tests" / "system"

# What no kernel may say, in either domain.
BAD = r"grep -E 'WARNING|BUG|Oops|Call Trace|broke the protocol|no longer trusted|deferring'"

pytestmark = pytest.mark.xdist_group("network")  # one machine for all


@pytest.fixture(scope="module")
def dom0(request):
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back=BACK), sys.stdout) as dom0:
        dom0.bridge()
        dom0.check("ip address add fd00::1/64 dev xen-br0 nodad")
        dom0.check(
            "mkdir /srv && dd if=/dev/urandom of=/srv/24 bs=1M count=24 2> /dev/null"
        )
        dom0.check("head -c 2000003 /srv/24 > /srv/2")
        dom0.check("busybox httpd -p 80 -h /srv; iperf3 -s -D")
        yield dom0
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        if "debug=y" in dom0.log():
            assert "audit: clean" in dom0.log(), dom0.log()


@pytest.fixture
def u1(dom0):
    """A domU of two VCPUs with the interface eth0, at 10.0.0.2 and fd00::2."""
    dom0.create("u1", address="10.0.0.2", front="netfront", vcpus=2)
    dom0.guest_check("u1", "/bin/ip address add fd00::2/64 dev eth0 nodad")
    yield dom0
    complaints = dom0.guest("u1", f"dmesg | {BAD}").output
    complaints += dom0.run(f"dmesg | {BAD}").output
    dom0.check("xl destroy u1; dmesg -c > /dev/null")
    assert not complaints.strip(), complaints


def wait_until(condition, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.3)


def statistic(dom0, name: str) -> int:
    """One of ethtool's numbers, of all queues."""
    return int(
        dom0.guest_check(
            "u1", f"ethtool -S eth0 | awk '/_{name}:/ {{ n += $2 }} END {{ print n }}'"
        )
    )


def same_files(dom0, to: str = "10.0.0.1", mib: int = 2) -> None:
    """2 MiB (or 24) from domain 0 and back again are the same bytes."""
    want = dom0.check(f"sha256sum < /srv/{mib}")
    fetch = f"wget -q -O /tmp/file http://{to}/{mib} && sha256sum < /tmp/file"
    assert dom0.guest_check("u1", fetch) == want
    dom0.guest_check("u1", "busybox httpd -h /tmp 2> /dev/null; true")
    back = to.replace("::1", "::2").replace("0.1", "0.2")
    assert dom0.check(f"wget -q -O - http://{back}/file | sha256sum") == want


def carrier(dom0) -> bool:
    return dom0.guest("u1", "cat /sys/class/net/eth0/carrier").output.strip() == "1"


def answers(dom0) -> bool:
    return dom0.guest("u1", "ping -c 1 -W 5 10.0.0.1 > /dev/null").status == 0


def test_files(u1):
    same_files(u1, mib=24)
    same_files(u1, "[fd00::1]", mib=24)
    assert statistic(u1, "rx_malformed") == 0
    assert statistic(u1, "tx_errors") == 0


@pytest.mark.parametrize("where", ["front", "back", "both"])
def test_without_offloads(u1, where):
    off = "tx off sg off tso off gso off gro off > /dev/null 2>&1"
    if where != "back":
        u1.guest_check("u1", f"ethtool -K eth0 {off}")
    if where != "front":
        u1.check(
            f"for v in /sys/class/net/vif*; do ethtool -K ${{v##*/}} {off}; done; true"
        )
    same_files(u1)


@front_is_module
def test_untrusted_back_end(u1):
    """Everything is copied, nothing lent."""
    u1.guest_check(
        "u1", "echo vif-0 > /sys/bus/xen/drivers/netfront/unbind; rmmod netfront"
    )
    u1.guest_check("u1", "insmod /drivers/netfront.ko trusted=0 && sleep 1")
    u1.guest_check("u1", "ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up")
    wait_until(lambda: answers(u1), "the network is back")
    same_files(u1)
    # In this order: what was sent between the two does not matter.
    packets = statistic(u1, "tx_packets")
    assert packets > 20 and statistic(u1, "tx_copied") >= packets


def test_jumbo_frames(u1):
    u1.check("for v in /sys/class/net/vif*; do ip link set ${v##*/} mtu 65000; done")
    u1.check("ip link set xen-br0 mtu 65000")
    u1.guest_check("u1", "/bin/ip link set eth0 mtu 65000")
    u1.guest_check("u1", "ping -c 3 -s 64000 10.0.0.1")
    same_files(u1)
    u1.check("ip link set xen-br0 mtu 1500")


def test_vlan(u1):
    vlan = "link add link {0} name {0}.5 type vlan id 5"
    u1.check(
        f"ip {vlan.format('xen-br0')}; ip address add 10.5.0.1/24 dev xen-br0.5;"
        " ip link set xen-br0.5 up"
    )
    u1.guest_check(
        "u1", f"/bin/ip {vlan.format('eth0')} && ifconfig eth0.5 10.5.0.2 up"
    )
    same_files(u1, "10.5.0.1")
    u1.check("ip link delete xen-br0.5")


def test_multicast(u1):
    """What was not joined does not come; what was joined does."""
    count = "awk '/01005e0[14]020[34]/ { print }' /proc/net/dev_mcast"
    u1.guest_check("u1", "/bin/ip maddress add 01:00:5e:01:02:03 dev eth0")
    assert u1.guest_check("u1", count)
    assert statistic(u1, "tx_errors") == 0


def unbind(dom0) -> None:
    """Have the back end's module go, and come again."""
    dom0.check(
        "for d in /sys/bus/xen-backend/drivers/vif/vif-*; do"
        " echo ${d##*/} > ${d%/*}/unbind; done"
    )


def rebind(dom0) -> None:
    module = BACK_MODULE.removesuffix(".ko").split("/")[-1].replace("-", "_")
    command = f"insmod {BACK_MODULE}" if BACK else f"modprobe {BACK_MODULE}"
    dom0.check(f"rmmod {module} && {command}")
    wait_until(lambda: dom0.run("ls -d /sys/class/net/vif*").status == 0, "a vif")
    # Nobody runs scripts for devices of domains that are there already.
    dom0.check(
        "for v in /sys/class/net/vif*; do"
        " ip link set ${v##*/} master xen-br0 up; done"
    )


def test_back_end_reload_under_traffic(u1):
    """Debian's takes our rings over as they are, and we do not notice."""
    u1.guest_check("u1", "iperf3 -b 20M -t 600 -c 10.0.0.1 > /tmp/log 2>&1 & sleep 2")
    for n in range(2):
        unbind(u1)
        rebind(u1)
        wait_until(lambda: answers(u1), "the network is back")
        before = statistic(u1, "tx_bytes")
        wait_until(
            lambda: statistic(u1, "tx_bytes") > before + 1e6, "the stream goes on"
        )
    u1.guest_check("u1", "killall iperf3")
    same_files(u1)


def test_several_queues(u1):
    assert u1.guest_check("u1", "ethtool -l eth0").count("Combined:\t2") == 2
    u1.guest_check(
        "u1", "iperf3 -P 8 -n 8M -c 10.0.0.1; iperf3 -P 8 -n 8M -R -c 10.0.0.1"
    )
    for n in (0, 1):
        for way in ("rx", "tx"):
            assert statistic(u1, f"{n}_{way}_packets") > 10, (n, way)
    same_files(u1)
    # All to the second queue, by the table of the control ring.
    u1.guest_check("u1", "ethtool -X eth0 weight 0 1; sleep 1")
    before = statistic(u1, "0_rx_packets")
    u1.guest_check("u1", "iperf3 -P 4 -n 4M -R -c 10.0.0.1")
    assert statistic(u1, "0_rx_packets") - before < 100


@front_is_module
def test_module_reload_under_traffic(u1):
    for n in range(2):
        u1.guest_check("u1", "iperf3 -b 20M -t 60 -R -c 10.0.0.1 > /tmp/log 2>&1 &")
        u1.guest_check("u1", "iperf3 -b 20M -t 60 -c 10.0.0.1 > /tmp/log 2>&1 & sleep 2")
        u1.guest_check("u1", "echo vif-0 > /sys/bus/xen/drivers/netfront/unbind")
        u1.guest_check(
            "u1", "killall iperf3; rmmod netfront && insmod /drivers/netfront.ko"
        )
        u1.guest_check("u1", "sleep 1; ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up")
        wait_until(lambda: answers(u1), "the network is back")
    same_files(u1)


def test_plug_under_traffic(u1):
    for n in range(2):
        u1.guest_check("u1", "iperf3 -b 20M -t 60 -c 10.0.0.1 > /tmp/log 2>&1 & sleep 2")
        u1.check("xl network-detach u1 0")
        wait_until(
            lambda: u1.guest("u1", "ls -d /sys/class/net/eth0").status, "no eth0"
        )
        u1.check("xl network-attach u1 bridge=xen-br0")
        wait_until(
            lambda: not u1.guest("u1", "ls -d /sys/class/net/eth0").status, "eth0"
        )
        u1.guest_check(
            "u1", "killall iperf3; ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up"
        )
        wait_until(lambda: answers(u1), "the network is back")
    same_files(u1)


def test_xdp(u1, tmp_path):
    source, program = HERE / "xdp.c", tmp_path / "xdp.o"
    clang = ["clang", "-O2", "-target", "bpf", "-I/usr/include/x86_64-linux-gnu"]
    subprocess.run([*clang, "-c", source, "-o", program], check=True)
    data = base64.b64encode(program.read_bytes()).decode()
    u1.check(f"echo {data} | base64 -d > /srv/xdp.o")
    u1.guest_check("u1", "wget -q -O /tmp/xdp.o http://10.0.0.1/xdp.o")
    load = "/bin/ip link set eth0 xdp obj /tmp/xdp.o sec"
    u1.guest_check("u1", f"{load} drop")
    wait_until(lambda: carrier(u1) and answers(u1), "the network is back")
    same_files(u1)
    u1.check("for i in 1 2 3 4 5; do echo x > /dev/udp/10.0.0.2/9; done")
    assert statistic(u1, "xdp_drop") >= 5
    u1.guest_check("u1", "/bin/ip link set eth0 xdp off")
    wait_until(lambda: carrier(u1) and answers(u1), "the network is back")
    u1.guest_check("u1", f"{load} tx")
    wait_until(lambda: carrier(u1) and answers(u1), "the network is back")
    u1.check("ping -c 5 10.0.0.2")
    assert statistic(u1, "xdp_tx") >= 5
    u1.guest_check("u1", f"/bin/ip link set eth0 xdp off && {load} redirect")
    wait_until(lambda: carrier(u1) and answers(u1), "the network is back")
    u1.check("ping -c 5 10.0.0.2")
    assert statistic(u1, "xdp_redirect") >= 5 and statistic(u1, "xdp_sent") >= 5
    same_files(u1)
    u1.guest_check("u1", "/bin/ip link set eth0 xdp off")
    wait_until(lambda: carrier(u1) and answers(u1), "the network is back")
    same_files(u1)
