"""A domain with our front ends is saved and restored, with its disk and network in use.

On Xen 4.17 only, for now: pytest-3 tests/system/test_save.py --on=oracle.
"""

import sys
import time

import pytest
from lib_domains import Dom0, Machine

pytestmark = pytest.mark.xdist_group("block")  # one machine at a time


@pytest.fixture(scope="module")
def dom0(request):
    on = request.config.getoption("--on")
    if on == "ours":
        pytest.skip("Xenolith does not save domains yet: --on=oracle")
    machine = Machine(on=on, back="blkback,netback", mem=3072, dom0_mem=2048)
    with Dom0(machine, sys.stdout) as dom0:
        dom0.bridge()
        dom0.check(
            "mkdir /disks && mount -t tmpfs disks /disks && truncate -s 16M /disks/u1"
            " && modprobe loop && losetup /dev/loop1 /disks/u1"
        )
        dom0.create(
            "u1",
            disk=["phy:/dev/loop1,xvda,w"],
            front="blkfront,netfront",
            address="10.0.0.2",
            memory=192,
            vcpus=2,
        )
        load = (
            "fio --name=load --filename=/dev/xvda --ioengine=libaio --iodepth=8 --direct=1"
            " --rw=randwrite --bsrange=4k-32k --size=2m --verify=crc32c --verify_fatal=1"
            " --time_based --runtime=10h --eta=never"
        )
        dom0.guest_check(
            "u1",
            f"({load} > /tmp/load 2>&1; echo ended $? >> /tmp/load) > /dev/null 2>&1 &\n"
            "ping 10.0.0.1 > /tmp/ping 2>&1 &",
        )
        goes_on(dom0)
        yield dom0
        dom0.check("xl destroy u1")
        assert dom0.power_off() == "guest-shutdown", dom0.log()


def goes_on(dom0) -> None:
    """It reads and writes, and what it reads is right; packets go out and come back."""
    count = "awk '{ print $1, $5 }' /sys/block/xvda/stat; grep -c ttl /tmp/ping"
    before = [int(n) for n in dom0.guest_check("u1", count).split()]
    deadline = time.monotonic() + 120
    while True:
        now = [int(n) for n in dom0.guest_check("u1", count).split()]
        if all(a > b + 1 for a, b in zip(now, before)):
            break
        assert time.monotonic() < deadline, f"{before}, now {now}"
        time.sleep(0.5)
    assert "ended" not in dom0.guest_check("u1", "cat /tmp/load")


def test_checkpoint(dom0):
    """Suspended, looked at, and resumed where it is: the same rings go on."""
    first = dom0.check("xl domid u1")
    dom0.check("xl save -c u1 /disks/save")
    assert dom0.check("xl domid u1") == first
    goes_on(dom0)


def test_save_and_restore(dom0):
    """Twice: what was in flight is issued again to another back end."""
    for _ in range(2):
        first = dom0.check("xl domid u1")
        dom0.check("xl save u1 /disks/save")
        assert dom0.run("xl domid u1").status != 0
        dom0.check("xl restore /disks/save")
        assert dom0.check("xl domid u1") != first
        goes_on(dom0)
