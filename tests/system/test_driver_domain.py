"""A domain that serves another's disk and network interface: it is killed and comes again.

d1 has a disk and an interface of domain 0's, and serves c1 with them; both run our kernel,
whose front ends follow. Longer by hand: DRIVER_KILLS=10.
"""

import os
import re

import pytest

from lib_domains import Dom0, Machine
from lib_system import wait_until

pytestmark = pytest.mark.xdist_group("driver")  # one machine for all

XENU = "linux-6.1-xenU"
KILLS = int(os.environ.get("DRIVER_KILLS", 1))
# What could be left. Memory is the audit's, at the end: domain 0's tables in the hypervisor
# grow with what it does, and stay.
SNAPSHOT = r"""
xenstore-ls -fp | grep -v -e '^/local/domain/0/memory/' -e '^/vm = '
ls /sys/class/net /var/lib/xenolith/domains /sys/bus/xen-backend/devices
"""
CLIENT = {
    "linux": XENU,
    "address": "10.0.0.3",
    "disk": ["phy:/dev/xvda,xvda,w,d1"],
    "vif": ["bridge=xen-br0,backend=d1"],
}
FIO = (
    "fio --name=v --filename=/dev/xvda --ioengine=libaio --direct=1 --size=16M --bs=4k"
    " --rw=randwrite --iodepth=8 --loops=%d --verify=crc32c --do_verify=1 --eta=never"
)

@pytest.fixture(scope="module")
def dom0(request, tmp_path_factory):
    disk = tmp_path_factory.mktemp("disk") / "disk"
    disk.touch()
    os.truncate(disk, 64 << 20)
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, disks=[disk], kernels=[XENU])) as dom0:
        dom0.bridge()
        # Its own, as with a network card: else it would have that of d1's ports, too.
        dom0.check("ip link set xen-br0 address 52:54:00:00:00:01; xend start")
        yield dom0
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def start_driver(dom0):
    """The domain that serves, and in it what a driver domain's udev and network do."""
    dom0.create(
        "d1",
        tool="xm",
        linux=XENU,
        disk=["phy:/dev/vda,xvda,w"],
        vif=["bridge=xen-br0"],
    )
    dom0.guest_check(
        "d1",
        "(uevent guest-hotplug > /tmp/hotplug.log 2>&1 &)\n"
        "modprobe bridge && ip link add xen-br0 type bridge && ip link set xen-br0 up\n"
        "ip link set eth0 master xen-br0 && ip link set eth0 up\n"
        "modprobe xen-blkback && modprobe xen-netback\n"
        # Of what was there before the first line, as udev asks at its start.
        "for device in /sys/bus/xen-backend/devices/*; do\n"
        "    [ ! -e $device ] || echo add > $device/uevent\n"
        "done",
    )


def written(dom0):
    return int(dom0.guest_check("c1", "awk '{ print $5 }' /sys/block/xvda/stat"))


def test_killed_and_restarted(dom0):
    before = dom0.check(SNAPSHOT)
    start_driver(dom0)
    dom0.create("c1", tool="xm", **CLIENT)
    dom0.guest_check("c1", "ping -c 2 10.0.0.1")
    dom0.guest_check("c1", f"({FIO % (1 + KILLS)} > /tmp/fio 2>&1; echo $? > /tmp/ended) &")
    dom0.guest_check("c1", "ping 10.0.0.1 > /tmp/ping 2>&1 &")
    for _ in range(KILLS):
        done = written(dom0)
        wait_until(lambda: written(dom0) > done + 100, seconds=60)
        dom0.check("xm destroy d1")
        assert dom0.guest("c1", "cat /tmp/ended").status, "too quick to be interrupted"
        start_driver(dom0)
        # Data and packets go on, by the new one.
        done = written(dom0)
        wait_until(lambda: written(dom0) > done + 100, seconds=120)
        dom0.guest_check("c1", "ping -c 2 -W 60 10.0.0.1")
    ended = "until [ -e /tmp/ended ]; do sleep 0.5; done; cat /tmp/ended /tmp/fio"
    assert dom0.guest_check("c1", ended, timeout=600).startswith("0\n")
    assert "I/O error" not in dom0.guest_check("c1", "dmesg")
    dom0.check("xm destroy c1; xm destroy d1")
    assert dom0.check(SNAPSHOT) == before


def test_unknown_driver(dom0):
    before = dom0.check(SNAPSHOT)
    dom0.configure("c1", "xm", **CLIENT)
    result = dom0.run("xm create /run/c1.cfg")
    assert result.status
    assert "disk[0]: backend: there is no domain d1 that runs" in result.output
    assert dom0.check(SNAPSHOT) == before
