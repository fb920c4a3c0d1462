"""Block drivers and another half that breaks the protocol (tests/hostile/block).

A front end that does what it must not, against our back end, and a back end like that,
against our front end: what is malformed is refused or ends that one disk; the other disk
of the same domain, and that of another domain, are read and verified meanwhile; afterwards
an honest half works in the hostile one's place, and nothing is left behind.

On Xen 4.17: pytest-3 tests/system/test_hostile_block.py --on=oracle. By hand, everything
that is malformed (20 minutes), and then so many seconds at random, from a seed:

    HOSTILE_SECONDS=600 HOSTILE_SEED=7 pytest-3 tests/system/test_hostile_block.py
"""

import os
import re
import sys
import time

import pytest
from lib_domains import Dom0, Machine
from lib_system import front_is_module

pytestmark = pytest.mark.xdist_group("block")  # one machine at a time

SECONDS = int(os.environ.get("HOSTILE_SECONDS", "3"))
SEED = os.environ.get("HOSTILE_SEED", "1")
ALL = "HOSTILE_SECONDS" in os.environ
RANDOM = f"random {SECONDS} {SEED}"
XVDB = 202 << 8 | 16

# What no kernel may say.
BAD = (
    "grep -E 'WARNING|BUG|Oops|Call Trace|general protection|blocked for|still in use|leak"
    "|not unmapped' | grep -v 'hostile: FAILED'"
)
LINES = 400  # that a kernel may say for all the malformed requests of a run

# In the domain of a hostile back end: the driver is bound again whenever the disk is given
# up, and the disk is used whenever it is there: by a node of our own, since dd would make
# a file of the name that has just gone. Nobody looks for another driver then.
KEEP = f"""
echo > /proc/sys/kernel/modprobe
(while sleep 0.05; do
	if [ "$(cat /sys/bus/xen/devices/vbd-{XVDB}/state)" = Closed ]; then
		echo vbd-{XVDB} > /sys/bus/xen/drivers/vbd/unbind
		echo vbd-{XVDB} > /sys/bus/xen/drivers/vbd/bind
	fi
done) > /dev/null 2>&1 & echo $! > /tmp/keep
mknod /tmp/xvdb b {XVDB >> 8} {XVDB & 255}
(while sleep 0.02; do
	dd if=/tmp/xvdb of=/dev/null bs=128k count=2 iflag=direct
	dd if=/dev/zero of=/tmp/xvdb bs=4k count=2 oflag=direct conv=fsync,notrunc
	blkdiscard -o 0 -l 4096 /tmp/xvdb
	blkdiscard -s -o 4096 -l 4096 /tmp/xvdb
done) > /dev/null 2>&1 & echo $! > /tmp/use
"""


@pytest.fixture(scope="module")
def dom0(request):
    """The machine, with u1, whose second disk is the victim, and u2, which is honest."""
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back="blkback", smp=1, hostile=True), sys.stdout) as dom0:
        dom0.check("mkdir /disks && mount -t tmpfs disks /disks && modprobe loop")
        create(dom0, "u2", "xvda")
        yield dom0
        destroy(dom0, "u2")
        assert not dom0.run(f"dmesg | {BAD}").output
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def wait_until(condition, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def create(dom0, name: str, first: str, *others: str) -> None:
    """A domain that uses its first disk.

    One disk after another: xl gives each disk's script 40 s, and would run them at once.
    """

    def loop(disk: str) -> str:
        file = f"/disks/{name}-{disk}"
        return dom0.check(f"truncate -s 4M {file} && losetup -f --show {file}").strip()

    dom0.create(
        name, front="blkfront", disk=[f"phy:{loop(first)},{first},w"], memory=192
    )
    dom0.guest_check(name, "true")
    for disk in others:
        dom0.check(f"xl block-attach {name} phy:{loop(disk)} {disk} w")
        dom0.guest_check(name, f"while ! [ -b /dev/{disk} ]; do sleep 0.1; done")
    load = (
        "fio --name=load --filename=/dev/xvda --ioengine=libaio --iodepth=4 --direct=1"
        " --rw=randwrite --bsrange=4k-32k --size=1m --verify=crc32c --verify_fatal=1"
        " --time_based --runtime=10h --rate_iops=20 --eta=never"
    )
    dom0.guest_check(
        name,
        f"({load} > /tmp/load 2>&1; echo ended $? >> /tmp/load) > /dev/null 2>&1 &",
    )


def destroy(dom0, name: str) -> None:
    """The domain goes, all that it had in domain 0 too."""
    domains = int(dom0.check("xl list | wc -l"))
    loads(dom0, name)
    dom0.check(f"xl destroy {name}")
    wait_until(lambda: int(dom0.check("xl list | wc -l")) < domains, "it is gone")
    wait_until(lambda: dom0.run("pgrep -f 'xl (create|destroy)'").status, "xl is done")
    dom0.check(
        f"for f in /disks/{name}-*; do losetup -d $(losetup -j $f | cut -d : -f 1); rm $f; done"
    )


def loads(dom0, name: str) -> None:
    """The honest disk goes on."""
    used = "awk '{ print $1 + $5 }' /sys/block/xvda/stat"
    before = int(dom0.guest_check(name, used))
    wait_until(lambda: int(dom0.guest_check(name, used)) > before, f"{name} has I/O")
    assert "ended" not in dom0.guest_check(name, "cat /tmp/load")


def left(dom0) -> dict[str, str]:
    """What a domain that is gone could leave."""
    return {
        "free memory": dom0.check("free-memory"),
        "event channels": dom0.check("lsevtchn 0 | wc -l"),
        "devices": dom0.check("ls /sys/bus/xen-backend/devices"),
        "loop devices": dom0.check("losetup -a | wc -l"),
        "threads": dom0.run("ps | grep -c '[v]bd'").output,
    }


def verdict(said: str) -> None:
    assert " 0 failures" in said and "FAILED" not in said, said


def lines(dom0) -> int:
    """So many are in the log of domain 0."""
    return int(dom0.check("dmesg | wc -l"))


def front_end(dom0, what: str) -> None:
    """u1 does that to our back end with its second disk, and is destroyed."""
    create(dom0, "u1", "xvda", "xvdb")
    dom0.guest_check(
        "u1",
        f"echo vbd-{XVDB} > /sys/bus/xen/drivers/vbd/unbind; insmod /drivers/hostile_blkfront.ko",
    )
    before = lines(dom0)
    at = "/sys/module/hostile_blkfront/parameters"
    said = dom0.guest(
        "u1",
        f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile: ; dmesg | {BAD}",
        timeout=600 + SECONDS,
    ).output
    verdict(said)
    assert len(said.splitlines()) < 4, said
    assert lines(dom0) - before < LINES
    loads(dom0, "u1")
    loads(dom0, "u2")
    # Ours in its place.
    dom0.guest_check(
        "u1",
        f"cd /sys/bus/xen/drivers; echo vbd-{XVDB} > hostile_blkfront/unbind\n"
        f"rmmod hostile_blkfront; echo vbd-{XVDB} > vbd/bind; cd /\n"
        "while ! [ -b /dev/xvdb ]; do sleep 0.1; done\n"
        "dd if=/dev/urandom of=/tmp/x bs=1M count=1 2> /dev/null\n"
        "dd if=/tmp/x of=/dev/xvdb bs=64k oflag=direct conv=fsync 2> /dev/null\n"
        "dd if=/dev/xvdb bs=64k count=16 iflag=direct 2> /dev/null | cmp - /tmp/x",
        timeout=60,
    )
    destroy(dom0, "u1")


@front_is_module
def test_front_end(dom0):
    """The second time nothing more is left than the first."""
    front_end(dom0, "cases" if ALL else RANDOM)
    before = left(dom0)
    front_end(dom0, RANDOM)
    assert left(dom0) == before


def test_back_end(dom0):
    """In blkback's place for one disk, and then blkback is back."""
    create(dom0, "u1", "xvda", "xvdb")
    device = f"vbd-{dom0.check('xl domid u1').strip()}-{XVDB}"
    bus = "/sys/bus/xen-backend/drivers"
    dom0.check(
        f"echo {device} > {bus}/vbd/unbind && insmod /drivers/hostile_blkback.ko"
    )
    dom0.guest_check("u1", KEEP)
    at = "/sys/module/hostile_blkback/parameters"
    for what in ["cases", RANDOM] if ALL else [RANDOM]:
        said = dom0.run(
            f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile:",
            timeout=900 + SECONDS,
        ).output
        verdict(said)
        loads(dom0, "u1")
        loads(dom0, "u2")
    # Among the cases, a page that the back end keeps mapped: the grant code's own words.
    complaints = dom0.guest("u1", f"dmesg | {BAD}").output
    assert re.fullmatch(
        r"(.*g\.e\. 0x\w+ still in use!)?\s*" if ALL else r"\s*", complaints
    ), complaints
    assert int(dom0.guest_check("u1", "dmesg | wc -l")) < LINES + 400
    dom0.check(
        f"echo {device} > {bus}/hostile_blkback/unbind\n"
        f"rmmod hostile_blkback && echo {device} > {bus}/vbd/bind"
    )
    dom0.guest_check(
        "u1",
        "while ! dd if=/dev/xvdb of=/dev/null bs=1M count=4 iflag=direct 2> /dev/null;"
        " do sleep 0.2; done; kill $(cat /tmp/use) $(cat /tmp/keep)",
        timeout=60,
    )
    destroy(dom0, "u1")
