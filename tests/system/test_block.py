"""Our block drivers in domains: front and back end, each with ours or Debian's other half.

A machine for each back end, with a domain for each front end. By default there is one of
each, both ours. On Xen 4.17: pytest-3 tests/system/test_block.py --on=oracle

All four pairs, by hand: BLOCK_PAIRS=all. BLOCK_SECONDS=60 is how long there is load
around each event (4). In domain 0 every disk is a file on a RAM disk, so that it can
grow, and a file can be looked at behind everybody's back.
"""

import os
import re
import subprocess
import sys
import time

import pytest
from lib_domains import Dom0, Machine
from lib_system import front_is_module

pytestmark = pytest.mark.xdist_group("block")  # one machine at a time

ALL = os.environ.get("BLOCK_PAIRS") == "all"
SECONDS = int(os.environ.get("BLOCK_SECONDS", "4"))
BACKS = ["ours", "stock"] if ALL else ["ours"]
FRONTS = ["ours", "stock"] if ALL else ["ours"]
MIB = 1 << 20
DISK = 16 * MIB

# What the kernels of either side must not have said.
BAD = re.compile(
    r"WARNING|BUG|Oops|Call Trace|general protection|blocked for more than|still in use"
    r"|I/O error|Buffer I/O|disconnected|hung|leak"
)
VERIFY = (
    "fio --name=verify --filename=/dev/{disk} --ioengine=libaio --iodepth={depth}"
    " --direct=1 --rw=randwrite --bsrange={sizes} --verify=crc32c --verify_fatal=1"
    " --size={size} --eta=never --output-format=terse --terse-version=3 {more}"
)


class Pair:
    """A domain of one front end, on a machine of one back end."""

    def __init__(self, dom0, front: str):
        self.dom0, self.front, self.name = dom0, front, f"{front}1"

    def guest(self, commands: str, **more) -> str:
        return self.dom0.guest_check(self.name, commands, **more)

    def verify(self, disk="xvda", depth=16, sizes="512-256k", size="4m", more=""):
        """Write at random, read back: fio compares."""
        out = self.guest(VERIFY.format(**locals()))
        errors = [x.split(";")[4] for x in out.splitlines() if x.startswith("3;")]
        assert errors == ["0"], out

    def start_load(self, disk="xvda", more="") -> None:
        """I/O that goes on until stop_load(), or the disk's end."""
        before = self.ios(disk)
        self.guest(
            f"rm -f /tmp/load; (fio --name=load --filename=/dev/{disk} --ioengine=libaio"
            " --direct=1 --rw=randrw --bsrange=4k-64k --iodepth=16 --size=4m"
            f" --loops=1000000 --time_based --runtime=10h --eta=never --minimal {more}"
            " > /tmp/load 2>&1; echo ended $? >> /tmp/load) > /dev/null 2>&1 &"
        )
        wait_until(lambda: self.ios(disk) > before + 20, "there is I/O")
        time.sleep(SECONDS)

    def stop_load(self) -> None:
        """It was well up to here."""
        assert "ended" not in self.guest("cat /tmp/load")
        self.guest("killall fio; true")
        self.load_ended()

    def load_ended(self) -> str:
        """What fio said of it."""
        wait_until(lambda: "ended" in self.guest("cat /tmp/load"), "fio has ended", 120)
        return self.guest("cat /tmp/load")

    def ios(self, disk="xvda") -> int:
        return int(self.guest(f"awk '{{ print $1 + $5 }}' /sys/block/{disk}/stat"))

    def disks(self) -> list[str]:
        return self.guest("ls /sys/block").split()

    def attach(self, disk: str, file: str, size: int = DISK, mode: str = "w") -> str:
        """Give it a disk that is a file; returns the loop device."""
        self.dom0.check(f"truncate -s {size} /disks/{file}")
        loop = self.dom0.check(f"losetup -f --show /disks/{file}").strip()
        self.dom0.check(f"xl block-attach {self.name} phy:{loop},{disk},{mode}")
        wait_until(lambda: disk in self.disks(), f"{disk} is there")
        return loop

    def detach(self, disk: str, loop: str) -> None:
        self.dom0.check(f"xl block-detach {self.name} {disk}")
        wait_until(lambda: disk not in self.disks(), f"{disk} is gone")
        self.dom0.check(f"losetup -d {loop}")


def wait_until(condition, what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def back_end(dom0) -> tuple[str, str]:
    """The module of domain 0's back end, and the command that loads it."""
    if dom0.run("lsmod | grep -q xen_blkback").status == 0:
        return "xen-blkback", "modprobe xen-blkback"
    return "blkback", "insmod /drivers/blkback.ko"


@pytest.fixture(scope="module", params=BACKS)
def dom0(request):
    machine = Machine(
        on=request.config.getoption("--on"),
        back="blkback" if request.param == "ours" else "",
        smp=1,
    )
    with Dom0(machine, sys.stdout) as dom0:
        dom0.check("mkdir /disks && mount -t tmpfs disks /disks && modprobe loop")
        yield dom0
        bad = [x for x in dom0.check("dmesg").splitlines() if BAD.search(x)]
        assert not bad, "\n".join(bad)
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


@pytest.fixture(scope="module")
def pairs(dom0):
    """Domains, made when they are needed."""
    made = {}

    def pair(front: str) -> Pair:
        if front not in made:
            made[front] = Pair(dom0, front)
            name = made[front].name
            dom0.check(f"truncate -s {DISK} /disks/{name} && losetup -f /disks/{name}")
            loop = dom0.check(f"losetup -j /disks/{name} | cut -d : -f 1").strip()
            dom0.create(
                name,
                front="blkfront" if front == "ours" else None,
                disk=[f"phy:{loop},xvda,w"],
                vcpus=2,
                memory=192,
            )
        return made[front]

    yield pair
    for front, one in made.items():
        log = one.guest("dmesg")
        bad = [x for x in log.splitlines() if BAD.search(x)]
        assert not bad, f"{front}\n" + "\n".join(bad)
        dom0.check(f"xl destroy {one.name}")


@pytest.fixture(params=FRONTS)
def pair(request, pairs):
    return pairs(request.param)


@pytest.fixture
def ours(pairs):
    """Our front end: what Debian's does is no test of ours."""
    return pairs("ours")


def test_verify(pair):
    """Requests of every size, one that needs a page of segments, and flushes."""
    pair.verify()
    pair.verify(depth=4, sizes="1m-1m", size="4m")
    pair.verify(depth=8, sizes="4k-16k", size="512k", more="--fsync=4")


def test_file_system(pair, dom0):
    """ext4 that the domain makes and fills is clean and full, in the eyes of both."""
    file = f"/disks/{pair.name}-fs"
    loop = pair.attach("xvdf", f"{pair.name}-fs")
    sums = "cd /tmp/fs && find . -type f | sort | xargs sha256sum"
    pair.guest("modprobe ext4; /sbin/mke2fs -q -t ext4 /dev/xvdf && mkdir -p /tmp/fs")
    pair.guest(
        "mount -t ext4 /dev/xvdf /tmp/fs && cp -r /usr/lib/modules /usr/bin/busybox /tmp/fs"
        " && for n in $(seq 200); do seq $n > /tmp/fs/$n; done; sync; rm /tmp/fs/1??"
    )
    wanted = pair.guest(sums)
    pair.guest("umount /tmp/fs && /sbin/e2fsck -f -n /dev/xvdf")
    found = pair.guest(f"mount -t ext4 /dev/xvdf /tmp/fs && ({sums}) && umount /tmp/fs")
    assert found == wanted
    pair.detach("xvdf", loop)
    dom0.check(f"e2fsck -f -n {file}")
    dom0.check(f"mkdir -p /tmp/fs && mount -o loop,ro {file} /tmp/fs")
    found = dom0.check(f"{sums}; cd /; umount /tmp/fs")
    assert found == wanted
    dom0.check(f"rm {file}")


def test_discard(pair, dom0):
    """Discarded sectors read as zeroes, and the file has a hole there; no others."""
    loop = pair.attach("xvdd", f"{pair.name}-discard", 4 * MIB)
    fill = "tr '\\0' x < /dev/zero | dd of=/dev/xvdd bs=64k count=64 iflag=fullblock"
    pair.guest(
        f"{fill} conv=fsync 2> /dev/null; blkdiscard -o 1048576 -l 2097152 /dev/xvdd"
    )
    left = pair.guest(
        "for n in 0 1 2 3; do dd if=/dev/xvdd bs=1M skip=$n count=1 iflag=direct"
        " 2> /dev/null | tr -d '\\0' | wc -c; done"
    )
    assert left.split() == [str(MIB), "0", "0", str(MIB)]
    used = int(dom0.check(f"stat -c %b /disks/{pair.name}-discard")) * 512
    assert used == 2 * MIB
    pair.detach("xvdd", loop)


def test_resize(pair, dom0):
    """A disk that grows under load is larger, and all of it can be used."""
    loop = pair.attach("xvdg", f"{pair.name}-grow", 8 * MIB)
    pair.start_load("xvdg")
    dom0.check(f"truncate -s {12 * MIB} /disks/{pair.name}-grow && losetup -c {loop}")
    size = "cat /sys/block/xvdg/size"
    wait_until(lambda: int(pair.guest(size)) == 12 * MIB // 512, "it has the new size")
    pair.stop_load()
    pair.verify("xvdg", more="--offset=8m")
    pair.detach("xvdg", loop)


def test_readonly(ours, dom0):
    loop = ours.attach("xvdr", "readonly", MIB, "r")
    assert ours.guest("cat /sys/block/xvdr/ro") == "1\n"
    assert dom0.guest(ours.name, "dd if=/dev/zero of=/dev/xvdr count=1").status != 0
    ours.detach("xvdr", loop)


def test_handed_on(ours, dom0):
    """A disk that its back end's domain has from our front end: the pages are another's."""
    dom0.check("truncate -s 4M /disks/on; insmod /drivers/blkfront.ko")
    loop = dom0.check("losetup -f --show /disks/on").strip()
    dom0.check(f"xl block-attach 0 phy:{loop},xvdi,w")
    wait_until(lambda: dom0.run("[ -b /dev/xvdi ]").status == 0, "dom0 has xvdi")
    dom0.check(f"xl block-attach {ours.name} phy:/dev/xvdi,xvdi,w")
    wait_until(lambda: "xvdi" in ours.disks(), "xvdi is there")
    ours.verify("xvdi", size="1m")
    ours.guest("blkdiscard /dev/xvdi")
    dom0.check(f"xl block-detach {ours.name} xvdi")
    wait_until(lambda: "xvdi" not in ours.disks(), "xvdi is gone")
    dom0.check(f"xl block-detach 0 xvdi; rmmod blkfront; losetup -d {loop}")


def test_names(ours, dom0):
    """Numbers of other kinds are xvd as well; who comes second to a name is refused."""
    loops = {
        disk: ours.attach(disk, f"names-{disk}", MIB) for disk in ("xvdaa", "xvdh3")
    }
    loop = dom0.check("truncate -s 1M /disks/hdc; losetup -f --show /disks/hdc").strip()
    dom0.check(f"xl block-attach {ours.name} phy:{loop},hdc,w")
    wait_until(lambda: "xvdc" in ours.disks(), "hdc is xvdc")
    dom0.check(f"xl block-detach {ours.name} hdc")
    loops["hdc"] = loop
    minors = ours.guest("cat /sys/block/xvdaa/dev /sys/block/xvdh3/dev").split()
    assert minors == [f"202:{26 * 256}", f"202:{7 * 16 + 3}"]
    spare = dom0.check("losetup -f --show /disks/hdc").strip()
    dom0.run(f"xl block-attach {ours.name} phy:{spare},sda,w")
    assert "which is taken" in ours.guest("dmesg | tail -n 3")
    dom0.run(f"xl block-detach {ours.name} sda")
    for disk in ("xvdaa", "xvdh3"):
        ours.detach(disk, loops.pop(disk))
    dom0.check(f"losetup -d {loop} && losetup -d {spare}")


def test_unplug_under_load(ours, dom0):
    """Requests end, well or with errors; the disk is gone, and nothing hangs."""
    loop = ours.attach("xvdu", "unplug")
    ours.start_load("xvdu")
    dom0.check(f"xl block-detach {ours.name} xvdu")
    wait_until(lambda: "xvdu" not in ours.disks(), "xvdu is gone")
    ours.load_ended()
    dom0.check(f"losetup -d {loop}")
    ours.verify(size="512k")


def test_back_end_reload_under_load(ours, dom0):
    """The back end's driver goes and comes; the load goes on, and nothing is wrong."""
    ours.start_load(more="--verify=crc32c --verify_fatal=1 --rw=randwrite")
    module, load = back_end(dom0)
    unbind = "cd /sys/bus/xen-backend/drivers/vbd; ls -d vbd-* > /run/bound;"
    unbind += " for i in $(cat /run/bound); do echo $i > unbind; done"
    dom0.check(f"{unbind}; cd /; rmmod {module}")
    time.sleep(1)
    before = ours.ios()
    assert ours.ios() == before  # nobody serves it
    dom0.check(load)
    wait_until(lambda: ours.ios() > before + 20, "the I/O goes on")
    ours.stop_load()
    ours.verify(size="512k")


@front_is_module
def test_front_end_reload(ours):
    """Our module goes and comes back; so do the disks."""
    ours.guest(
        "cd /sys/bus/xen/drivers/vbd; for i in vbd-*; do echo $i > unbind; done; cd /;"
        " rmmod blkfront && ! ls /sys/block/xvda 2> /dev/null && insmod /drivers/blkfront.ko"
    )
    wait_until(lambda: "xvda" in ours.disks(), "xvda is back")
    ours.verify(size="512k")


@front_is_module
def test_queues(ours, dom0):
    """A ring of several pages for each CPU of the domain."""
    device = dom0.check("cd /sys/bus/xen-backend/drivers/vbd; ls -d vbd-*").split()
    unbind = f"for i in {' '.join(device)}; do echo $i > unbind; done"
    module, load = back_end(dom0)
    again = f"rmmod {module} && {load}"
    bus = "cd /sys/bus/xen-backend/drivers/vbd"
    front = (
        "cd /sys/bus/xen/drivers/vbd; for i in vbd-*; do echo $i > unbind; done; cd /;"
    )
    front += " rmmod blkfront && insmod /drivers/blkfront.ko"
    dom0.check(f"{bus}; {unbind}; {again} max_queues=2")
    ours.guest(f"{front} max_ring_order=2")
    wait_until(lambda: "xvda" in ours.disks(), "xvda is back")
    assert "2 x 128 requests" in ours.guest("dmesg | grep 'xvda: ' | tail -n 1")
    assert ours.guest("ls /sys/block/xvda/mq").split() == ["0", "1"]
    for cpu in (0, 1):
        ours.verify(size="1m", more=f"--cpus_allowed={cpu}")
    dom0.check(f"{bus}; {unbind}; {again}")
    ours.verify(size="512k")  # two queues share the ring that is left
    ours.guest(front)
    wait_until(lambda: "xvda" in ours.disks(), "xvda is back")


def test_large_blocks(ours, dom0):
    """A disk whose logical block is of 4096 bytes."""
    dom0.check(f"truncate -s {MIB} /disks/large")
    loop = dom0.check("losetup -f --show --sector-size 4096 /disks/large").strip()
    dom0.check(f"xl block-attach {ours.name} phy:{loop},xvdl,w")
    wait_until(lambda: "xvdl" in ours.disks(), "xvdl is there")
    queue = "cd /sys/block/xvdl/queue; cat logical_block_size physical_block_size"
    assert ours.guest(queue).split() == ["4096", "4096"]
    ours.verify("xvdl", sizes="4k-256k", size="1m")
    few = "fio --name=few --filename=/dev/xvdl --direct=1 --rw=read --bs=512 --size=4k"
    assert dom0.guest(ours.name, few).status != 0
    ours.detach("xvdl", loop)


def test_removable(ours, dom0):
    """What the tools call a CD-ROM may be taken out, and not written."""
    loop = ours.attach("xvdo", "cdrom", MIB, "r")
    number = dom0.check(f"xl domid {ours.name}").strip()
    device = 202 << 8 | 14 << 4
    path = f"/local/domain/0/backend/vbd/{number}/{device}"
    bus = "/sys/bus/xen-backend/drivers/vbd"
    dom0.check(
        f"echo vbd-{number}-{device} > {bus}/unbind\n"
        f"xenstore-write {path}/device-type cdrom {path}/removable 1\n"
        f"echo vbd-{number}-{device} > {bus}/bind"
    )
    bus = "/sys/bus/xen/drivers/vbd"
    ours.guest(f"for i in unbind bind; do echo vbd-{device} > {bus}/$i; done")
    wait_until(lambda: "xvdo" in ours.disks(), "xvdo is there")
    info = int(dom0.check(f"xenstore-read {path}/info"))
    assert info == 7 or back_end(dom0)[0] == "xen-blkback"  # that asks the loop device
    flags = [str(info >> 2 & 1), str(info >> 1 & 1)]
    assert ours.guest("cd /sys/block/xvdo; cat ro removable").split() == flags
    ours.guest("dd if=/dev/xvdo of=/dev/null bs=64k count=16 iflag=direct")
    ours.detach("xvdo", loop)


def test_partitions(ours, dom0):
    """Those in a table are found, here and there."""
    loop = ours.attach("xvds", "table", 2 * MIB)
    # A table of two: 512 KiB from 64 KiB on, 1 MiB from 1 MiB on.
    entries = "".join(
        f"\\x00\\x00\\x00\\x00\\x83\\x00\\x00\\x00{le(first)}{le(nr)}"
        for first, nr in ((128, 1024), (2048, 2048))
    )
    ours.guest(
        f"printf '{entries}' | dd of=/dev/xvds bs=1 seek=446 conv=notrunc 2> /dev/null;"
        " printf '\\x55\\xaa' | dd of=/dev/xvds bs=1 seek=510 conv=notrunc,fsync 2> /dev/null;"
        " busybox blockdev --rereadpt /dev/xvds; cat /proc/partitions"
    )
    sizes = ours.guest("cat /sys/block/xvds/xvds1/size /sys/block/xvds/xvds2/size")
    assert sizes.split() == ["1024", "2048"]
    ours.verify("xvds2", size="1m")
    ours.detach("xvds", loop)


def le(number: int) -> str:
    """32 bits for printf."""
    return "".join(f"\\x{byte:02x}" for byte in number.to_bytes(4, "little"))


@front_is_module
@pytest.mark.parametrize(
    "options", ["trusted=N", "persistent=Y", "max_segments=11 max_ring_order=0"]
)
def test_front_end_modes(ours, options):
    """Data that is copied, pages that stay granted, and the smallest ring."""
    again = (
        "cd /sys/bus/xen/drivers/vbd; for i in vbd-*; do echo $i > unbind; done; cd /;"
        " rmmod blkfront && insmod /drivers/blkfront.ko"
    )
    ours.guest(f"{again} {options}")
    wait_until(lambda: "xvda" in ours.disks(), "xvda is back")
    ours.verify(size="1m")
    ours.guest(again)
    wait_until(lambda: "xvda" in ours.disks(), "xvda is back")
