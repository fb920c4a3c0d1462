"""The machine's power fails while a domain writes to its disks, and what was flushed is there.

A domain appends records to three disks (tests/domains/journal.c), flushes, and tells on its
console up to which it is safe. QEMU is killed at a random moment; then the disks' images must
have all that was told to be safe. All three chains lose what was not flushed:

    phy     a disk of domain 0 whose image is qcow2: its tables are written at a flush
    loop    a file on domain 0's ext4, by a loop device: in domain 0's memory until then
    direct  the same, by direct I/O: the file's size and extents are

POWER_CUTS=20 is how many times it is done (not at all), POWER_SEED=7 picks the moments, and
--on=oracle does it on Xen 4.17.
"""

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lib_domains import Dom0, Machine
import lib_qemu

pytestmark = [
    pytest.mark.xdist_group("block"),  # one machine at a time
    pytest.mark.skipif(
        "POWER_CUTS" not in os.environ, reason="takes minutes: POWER_CUTS=20"
    ),
]

CUTS = int(os.environ.get("POWER_CUTS", "1"))
SEED = int(os.environ.get("POWER_SEED", str(time.time_ns())))
DISKS = {"phy": "xvda", "loop": "xvdb", "direct": "xvdc"}
MIB = 1 << 20


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> Path:
    """The program, static, for it runs in the domain and here; a whole number of pages."""
    path = tmp_path_factory.mktemp("journal") / "journal"
    source = lib_qemu.TOP / "tests" / "domains" / "journal.c"
    subprocess.run(
        ["gcc", "-std=gnu17", "-O2", "-static", "-s", "-o", path, source], check=True
    )
    with open(path, "ab") as file:
        file.truncate((path.stat().st_size + 4095) // 4096 * 4096)
    return path


def make_disks(at: Path) -> list[Path]:
    phy, files = at / "phy.qcow2", at / "files.img"
    command = ["qemu-img", "create", "-q", "-f", "qcow2"]
    subprocess.run([*command, phy, str(64 * MIB)], check=True)
    with open(files, "wb") as file:
        file.truncate(256 * MIB)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", files], check=True)
    return [phy, files]


def start(dom0) -> None:
    """A domain that writes to its three disks, and whose console is the machine's."""
    dom0.check(
        "modprobe loop; mkdir /files && mount /dev/vdb /files\n"
        "truncate -s 64M /files/loop /files/direct && sync\n"
        "losetup /dev/loop1 /files/loop && losetup --direct-io=on /dev/loop2 /files/direct"
    )
    dom0.create("u1", front="blkfront", disk=["phy:/dev/vda,xvda,w"], memory=192)
    # One at a time: xl has no patience with its scripts.
    for disk in ("loop1,xvdb,w", "loop2,xvdc,w", "vdc,xvdp,r"):
        dom0.check(f"xl block-attach u1 phy:/dev/{disk}")
    dom0.guest_check("u1", "while ! [ -b /dev/xvdp ]; do sleep 0.1; done")
    dom0.guest_check("u1", "cat /dev/xvdp > /tmp/journal; chmod +x /tmp/journal")
    commands = "".join(
        f"(/tmp/journal write /dev/{disk} {tag} > /dev/hvc0 2>&1 < /dev/null) &\n"
        for tag, disk in DISKS.items()
    )
    dom0.check(
        "tail -n 0 -F /var/log/xen/console/guest-u1.log > /dev/hvc0 2> /dev/null &"
    )
    dom0.guest_check("u1", commands)


def safe(dom0) -> dict[str, int]:
    """What was told, whole lines only."""
    return {
        tag: int(number)
        for tag, number in re.findall(r"^safe (\w+) (\d+)\n", dom0.log(), re.M)
    }


def found(journal: Path, at: Path, disks: list[Path], tag: str, number: int) -> str:
    """What is on a disk: "N records", or what is not there."""
    image = at / tag
    if tag == "phy":
        command = ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", disks[0], image]
        subprocess.run(command, check=True)
    else:
        subprocess.run(
            ["debugfs", "-R", f"dump /{tag} {image}", disks[1]],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    command = [journal, "check", image, str(number)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip()


@pytest.mark.parametrize("cut", range(CUTS))
def test_power_cut(request, journal, tmp_path, cut):
    disks = make_disks(tmp_path)
    moment = random.Random(SEED * 1000 + cut).uniform(0, 8)
    machine = Machine(
        on=request.config.getoption("--on"),
        back="blkback",
        smp=1,
        disks=[*disks, journal],
    )
    with Dom0(machine, sys.stdout) as dom0:
        start(dom0)
        deadline = time.monotonic() + 120
        while len(safe(dom0)) < len(DISKS):
            assert time.monotonic() < deadline, "nothing is safe"
            time.sleep(0.05)
        time.sleep(moment)
        dom0.process.kill()
        dom0.reader.join(10)
        told = safe(dom0)
    # ext4's journal has what was flushed.
    subprocess.run(["e2fsck", "-y", disks[1]], stdout=subprocess.DEVNULL)
    there = {tag: found(journal, tmp_path, disks, tag, n) for tag, n in told.items()}
    print(f"cut {cut} of seed {SEED}, after {moment:.1f} s: {there}")
    assert there == {tag: f"{number} records" for tag, number in told.items()}
