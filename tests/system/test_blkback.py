"""Our block back end, seen from domain 0: what it tells the tools, how fast it serves, and
what it does when a front end's keys in xenstore are wrong.

test_block.py is about the disks themselves. The front end here is Debian's. On Xen 4.17:
pytest-3 tests/system/test_blkback.py --on=oracle
"""

import json
import re
import sys
import time

import pytest
from lib_domains import Dom0, Machine

pytestmark = pytest.mark.xdist_group("block")  # one machine for all

MIB = 1 << 20
DISK = 8 * MIB
BAD = re.compile(r"WARNING|BUG|Oops|Call Trace|blocked for more than")
XVDB = 202 << 8 | 16  # its number, which is its name in xenstore


@pytest.fixture(scope="module")
def dom0(request):
    """The machine, with a domU u1 that has one disk, and a loop device to attach."""
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back="blkback", smp=1), sys.stdout) as dom0:
        dom0.check(f"truncate -s {DISK} /run/disk && losetup /dev/loop0 /run/disk")
        dom0.create("u1")
        dom0.guest_check("u1", "true")
        yield dom0
        dom0.check("xl destroy u1")
        wait_until(lambda: not devices(dom0), "no vbd is left")
        dom0.check("rmmod blkback")
        bad = [x for x in dom0.check("dmesg").splitlines() if BAD.search(x)]
        assert not bad, "\n".join(bad)
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


@pytest.fixture
def disk(dom0):
    """The disk is xvdb of u1, and detached afterwards; returns its directory in xenstore."""
    yield attach(dom0, "w")
    dom0.run("xl block-detach u1 xvdb")
    wait_until(lambda: not devices(dom0), "no vbd is left")


def wait_until(condition, what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def devices(dom0) -> list[str]:
    """The vbds of all domains."""
    names = dom0.check("ls /sys/bus/xen-backend/devices").split()
    return [name for name in names if name.startswith("vbd-")]


def attach(dom0, mode: str) -> str:
    dom0.check(f"xl block-attach u1 phy:/dev/loop0,xvdb,{mode}")
    wait_until(
        lambda: "xvdb" in dom0.guest_check("u1", "ls /sys/block"), "xvdb is there"
    )
    return f"/local/domain/0/backend/vbd/{dom0.check('xl domid u1').strip()}/{XVDB}"


def read(dom0, path: str) -> str:
    return dom0.run(f"xenstore-read {path}").output.strip()


def statistics(dom0) -> dict[str, int]:
    """The files of the one vbd that there is."""
    lines = dom0.check(
        "cd /sys/bus/xen-backend/devices/vbd-*/statistics; grep . *"
    ).split()
    return {name: int(value) for name, value in (x.split(":") for x in lines)}


def test_keys(dom0, disk):
    """A file on a loop device: all that the protocol has keys for."""
    found = {
        key: read(dom0, f"{disk}/{key}")
        for key in """state sectors info sector-size physical-sector-size feature-barrier
        feature-flush-cache feature-discard discard-granularity feature-persistent
        feature-max-indirect-segments max-ring-page-order multi-queue-max-queues""".split()
    }
    assert found == {
        "state": "4",
        "sectors": str(DISK // 512),
        "info": "0",
        "sector-size": "512",
        "physical-sector-size": "512",
        "feature-barrier": "1",
        "feature-flush-cache": "1",
        "feature-discard": "1",
        "discard-granularity": "4096",
        "feature-persistent": "1",
        "feature-max-indirect-segments": "256",
        "max-ring-page-order": "4",
        "multi-queue-max-queues": "1",
    }


def test_read_only(dom0):
    """What may not be written says so, and has nothing to flush or to discard."""
    path = attach(dom0, "r")
    keys = ("info", "feature-barrier", "feature-flush-cache", "feature-discard")
    assert [read(dom0, f"{path}/{key}") for key in keys] == ["4", "0", "0", "0"]
    dom0.check("xl block-detach u1 xvdb")
    wait_until(lambda: not devices(dom0), "no vbd is left")


def test_statistics(dom0, disk):
    before = statistics(dom0)
    dom0.guest_check(
        "u1",
        "dd if=/dev/zero of=/dev/xvdb bs=1M count=4 oflag=direct conv=fsync\n"
        "dd if=/dev/xvdb of=/dev/null bs=64k count=16 iflag=direct\n"
        "blkdiscard -o 0 -l 1048576 /dev/xvdb",
    )
    after = statistics(dom0)
    grown = {key: after[key] - before[key] for key in after}
    assert grown["wr_sect"] == 4 * MIB // 512
    assert grown["rd_sect"] == MIB // 512
    assert grown["rd_req"] >= 16
    assert grown["f_req"] >= 1
    assert grown["ds_req"] == 1
    assert grown["errors"] == 0


def milliseconds(dom0, total: str, size: str) -> float:
    """How long reading takes, by the domU's clock."""
    out = dom0.guest_check(
        "u1",
        f"fio --name=rate --filename=/dev/xvdb --ioengine=libaio --iodepth=4 --direct=1"
        f" --rw=read --bs={size} --size={DISK} --io_size={total}"
        " --eta=never --output-format=json",
    )
    return json.loads(out[out.index("{") :])["jobs"][0]["read"]["runtime"]


def test_limits(dom0, disk):
    """No faster than it may be; a tenth of a second's worth may go at once."""
    limit = "/sys/bus/xen-backend/devices/vbd-*/limit"
    dom0.check(f"echo {2 * MIB} > $(echo {limit}/bytes)")
    assert milliseconds(dom0, "4m", "64k") >= 1700
    dom0.check(f"xenstore-write {disk}/limit-bytes 0 {disk}/limit-requests 50")
    wait_until(
        lambda: dom0.check(f"cat {limit}/bytes {limit}/requests") == "0\n50\n",
        "the keys are read",
    )
    assert milliseconds(dom0, "320k", "4k") >= 1300  # 80 requests
    assert dom0.run(f"echo -1 > $(echo {limit}/bytes)").status != 0


@pytest.mark.parametrize(
    "key, value, complaint",
    [
        ("ring-page-order", "5", "ring-page-order is 5, not 0 to 4"),
        ("multi-queue-num-queues", "2", "multi-queue-num-queues is 2, not 1 to 1"),
        ("multi-queue-num-queues", "0", "multi-queue-num-queues is 0, not 1 to 1"),
        ("protocol", "vax-abi", "protocol is neither x86_64-abi nor x86_32-abi"),
        ("ring-ref", "garbage", "ring-ref is not a number"),
        ("event-channel", "77777", "no connection to the ring"),
    ],
)
def test_wrong_keys(dom0, disk, key, value, complaint):
    """The front end's key changes while nobody serves it: one line, and it is closed."""
    front = read(dom0, f"{disk}/frontend")
    device = devices(dom0)[0]
    driver = "/sys/bus/xen-backend/drivers/vbd"
    dom0.check(
        f"echo {device} > {driver}/unbind\n"
        f"xenstore-write {front}/{key} {value}; echo {key} {value} > /dev/kmsg\n"
        f"echo {device} > {driver}/bind"
    )
    lines = f"dmesg | sed '1,/{key} {value}$/d' | grep vbd || true"
    wait_until(lambda: complaint in dom0.check(lines), complaint)
    wait_until(lambda: read(dom0, f"{disk}/state") in ("5", "6"), "it is closed")
    assert len(dom0.check(lines).splitlines()) == 1
    dom0.guest_check("u1", "true")
