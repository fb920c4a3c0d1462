"""Domains beside domain 0: Debian's kernel as domU, with disks and a network.

One machine for all tests here: a stock domain 0 with Debian's back ends (see
tests/lib_domains.py). Each test makes the domains it needs by `xl`, and whatever a
test does, afterwards the machine is as before: the same free memory to the byte,
the same interfaces, loop devices and xenstore entries. At the end domain 0 switches
the machine off, and the audit must be clean.

On Xen 4.17: pytest-3 tests/system/test_domains.py --on=oracle
Longer, by hand: DOMAINS_SECONDS=300 is how long two domains do everything at once
(5), DOMAINS_TOOL=xm what makes these two (xl), DOMAINS_CYCLES=200 how many are
created and destroyed (1). On a host that is
busy with other things xl gives hotplug scripts up after 40 s: with DOMAINS_ICOUNT=1
the machine's time is instructions, and nothing times out.
"""

import os
import re
import subprocess
import sys
import time

import lib_qemu
import pytest
from lib_domains import Dom0, Machine

pytestmark = pytest.mark.xdist_group("domains")  # one machine for all

SECONDS = int(os.environ.get("DOMAINS_SECONDS", "5"))
TOOL = os.environ.get("DOMAINS_TOOL", "xl")
CYCLES = int(os.environ.get("DOMAINS_CYCLES", "1"))
ICOUNT = "DOMAINS_ICOUNT" in os.environ
DISK = 24 << 20  # bytes of each disk
PHY = "phy:/dev/vg/disk,xvda,w"
FILE = "file:/mnt/disk,xvda,w"

# A hundred lines a second on the console.
CHATTER = (
    "i=0; while [ ! -e /tmp/quiet ]; do i=$((i + 1)); echo line $i is here > /dev/console;"
    " usleep 10000; done; echo $i > /tmp/chatter"
)

# fio that writes all of a region of the domain's disk at random and reads it back.
FIO = (
    "fio --name=verify --filename=/dev/xvda --ioengine=libaio --iodepth=8 --direct=1"
    " --rw=randwrite --bsrange=4k-64k --verify=crc32c --verify_fatal=1 --eta=never"
    " --output-format=terse"
)


@pytest.fixture(scope="module")
def dom0(request, tmp_path_factory):
    """The machine: /dev/vda has a logical volume, /dev/vdb the file /mnt/disk."""
    on = request.config.getoption("--on")
    directory = tmp_path_factory.mktemp("disks")
    raw, image, content = directory / "raw", directory / "image", directory / "content"
    content.mkdir()
    for file, size in ((raw, DISK + (8 << 20)), (content / "disk", DISK)):
        file.touch()
        os.truncate(file, size)
    mke2fs = ["/sbin/mke2fs", "-q", "-t", "ext4", "-d", content, image, "64M"]
    subprocess.run(mke2fs, check=True)
    with Dom0(Machine(on=on, disks=[raw, image], icount=ICOUNT), sys.stdout) as dom0:
        dom0.bridge()
        dom0.check(
            "lvm pvcreate -q /dev/vda && lvm vgcreate -q vg /dev/vda &&"
            f" lvm lvcreate -q -n disk -L {DISK}b vg"
        )
        dom0.check("mount /dev/vdb /mnt && iperf3 -s -D")
        yield dom0
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        if "debug=y" in dom0.log():
            assert "audit: clean" in dom0.log(), dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def state(dom0) -> dict[str, str]:
    """Everything that a domain could leave behind."""
    return {
        "domains": dom0.check("xl list | awk 'NR > 1 { print $1, $2, $3, $4 }'"),
        "interfaces": dom0.check("ls /sys/class/net; ls /sys/class/net/xen-br0/brif"),
        "loop devices": dom0.check("losetup -a"),
        "xenstore": dom0.check("xenstore-ls -fp"),
        "free memory": dom0.check("free-memory"),
    }


def wait_until(condition, what: str, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def wait_gone(dom0) -> None:
    """No domain but domain 0, dying ones neither; and xl has tidied up after them."""
    wait_until(
        lambda: len(dom0.check("xl list").splitlines()) == 2, "no domain but domain 0"
    )
    wait_until(lambda: dom0.run("pgrep -x xl").status, "no xl waits for a domain")


@pytest.fixture(scope="module")
def two_busy(dom0):
    """Two domains with two CPUs, on phy: and file:, busy in every way at once.

    What they printed. They are the first here, and leave for good what the first
    domains leave: empty directories in xenstore, and what domain 0 has grown by to
    have that many grants mapped and events bound at a time, as on Xen. Everything
    else is compared with that.
    """
    if TOOL == "xm":
        dom0.check("xend start")
    dom0.create("u1", TOOL, disk=[PHY], address="10.0.0.2", vcpus=2)
    dom0.create("u2", TOOL, disk=[FILE], address="10.0.0.3", vcpus=2)
    found = {}
    look = "nproc; cat /sys/block/xvda/size"
    for name in ("u1", "u2"):
        found[name] = dom0.guest_check(name, look).split()
    dom0.guest_check("u2", "iperf3 -s -D")
    busy = f"{FIO} --size=2m --time_based --runtime={SECONDS}"
    to_dom0 = f"iperf3 -t {SECONDS} -c 10.0.0.1"
    to_u2 = f"iperf3 -t {SECONDS} -c 10.0.0.3"
    dom0.guest_check(
        "u1", f"({to_dom0} > /tmp/a & {to_u2} -R > /tmp/b; wait; touch /tmp/sent) &"
    )
    for name in ("u1", "u2"):
        dom0.guest_check(name, f"({CHATTER}) &")
    # Both disks at once, and then what the network did meanwhile.
    dom0.check(
        f"guest u1 '{busy} > /tmp/fio' &\nguest u2 '{busy} > /tmp/fio' && wait %1",
        timeout=600 + 5 * SECONDS,
    )
    sent = "until [ -e /tmp/sent ]; do sleep 1; done"
    dom0.guest_check("u1", sent, 600 + 3 * SECONDS)
    found["console"] = []
    for name in ("u1", "u2"):
        last = "touch /tmp/quiet; until cat /tmp/chatter; do usleep 10000; done 2> /dev/null"
        last = int(dom0.guest_check(name, last).split()[-1])
        lines = re.findall(r"^line (\d+) is here$", dom0.console(name), re.MULTILINE)
        found["console"].append((last, [int(line) for line in lines]))
    found["disks"] = "".join(dom0.guest_check(n, "cat /tmp/fio") for n in ("u1", "u2"))
    found["net"] = dom0.guest_check("u1", "cat /tmp/a /tmp/b")
    complaints = "dmesg -r | grep '^<[0-4]>' || true"
    found["log"] = "".join(dom0.guest_check(n, complaints) for n in ("u1", "u2"))
    dom0.check(f"{TOOL} destroy u1 && {TOOL} destroy u2")
    if TOOL == "xm":
        dom0.check("xend stop")
    wait_gone(dom0)
    return found


@pytest.fixture
def leaves_nothing(dom0, two_busy):
    before = state(dom0)
    yield
    # What a failed test left would be in the way of the next.
    dom0.run(
        "for id in $(xl list | awk 'NR > 1 && $2 > 0 { print $2 }'); do xl destroy $id; done"
    )
    wait_gone(dom0)
    # The last of it goes when it is gone from xl's list.
    deadline = time.monotonic() + 60
    while (after := state(dom0)) != before and time.monotonic() < deadline:
        time.sleep(1)
    for what, then in before.items():
        assert after[what] == then, f"{what} before and after"


def domain_state(dom0, name: str) -> str:
    """The letters of `xl list`."""
    return dom0.check(f"xl list {name}").splitlines()[1].split()[4]


def fio_errors(output: str) -> list[str]:
    """The error field of each job in fio's terse output."""
    return [line.split(";")[4] for line in output.splitlines() if line.startswith("3;")]


def test_disks_networks_and_consoles(two_busy):
    for name in ("u1", "u2"):
        assert two_busy[name] == ["2", str(DISK // 512)], name
    assert fio_errors(two_busy["disks"]) == ["0", "0"], two_busy["disks"]
    assert two_busy["net"].count("iperf Done.") == 2, two_busy["net"]
    for last, lines in two_busy["console"]:
        assert lines == list(range(1, last + 1)), "a line of the console is lost"
    assert not re.search("blkfront|netfront|vbd|vif", two_busy["log"]), two_busy["log"]


def test_pause_console_and_shutdown(dom0, leaves_nothing):
    dom0.create("u1", kernel="/guest/vmlinuz", address="10.0.0.2")
    assert dom0.guest_check("u1", "ping -c 1 10.0.0.1 > /dev/null && echo hi") == "hi\n"
    dom0.check("xl pause u1")
    assert "p" in domain_state(dom0, "u1")
    assert dom0.run("ping -c 1 -W 2 10.0.0.2").status != 0
    dom0.check("xl unpause u1")
    assert "p" not in domain_state(dom0, "u1")
    dom0.check("ping -c 1 -W 60 10.0.0.2")
    dom0.guest_check("u1", "echo this is the console > /dev/console")
    assert "this is the console\n" in dom0.console("u1")
    dom0.check("xl shutdown -w u1")


def test_reboot(dom0, leaves_nothing):
    dom0.create("u1", disk=[FILE])
    dom0.guest_check("u1", "echo kept | dd of=/dev/xvda conv=sync,fsync 2> /dev/null")
    first = dom0.check("xl domid u1")
    dom0.guest_check("u1", "(sleep 1; reboot -f) > /dev/null 2>&1 & true")
    wait_until(lambda: dom0.run("xl domid u1") not in [(0, first)], "the id goes")
    wait_until(lambda: dom0.console("u1").count("guest: up") == 2, "up again")
    assert dom0.guest_check("u1", "head -n 1 /dev/xvda") == "kept\n"
    dom0.check("xl destroy u1")


def test_crash(dom0, leaves_nothing):
    dom0.create("u1", disk=[PHY], on_crash="preserve")
    dom0.guest_check("u1", "(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null & true")
    wait_until(lambda: "c" in domain_state(dom0, "u1"), "xl says it crashed")
    dom0.check("xl destroy u1")


def test_destroy_during_io(dom0, leaves_nothing):
    """Created and destroyed again and again, every second time with I/O under way."""
    for n in range(CYCLES):
        disk = [PHY, FILE][n // 2 % 2]
        dom0.create("u1", disk=[disk], address="10.0.0.2")
        if n % 2 == 0:
            busy = "fio --name=busy --filename=/dev/xvda --ioengine=libaio --direct=1"
            busy += " --rw=randrw --iodepth=16 --time_based --runtime=1h --size=16m"
            dom0.guest_check("u1", f"{busy} > /dev/null 2>&1 &")
            dom0.guest_check("u1", "iperf3 -b 20M -t 3600 -c 10.0.0.1 > /dev/null 2>&1 &")
            done = "awk '{ print $3 + $7 }' /sys/block/xvda/stat"
            wait_until(lambda: int(dom0.guest_check("u1", done)) > 1000, "there is I/O")
        dom0.check("xl destroy u1")
