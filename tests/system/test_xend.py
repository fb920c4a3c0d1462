"""xend and xm on a real hypervisor: Debian's kernel in domain 0 and in domUs.

What is asked each time: is all the same again when the domain is gone? On the host,
with a hypervisor that is played, tests/tools/xend asks much more.
"""

import os

import pytest

from lib_domains import Dom0, Machine

pytestmark = pytest.mark.xdist_group("domains")  # one machine for all

# More by hand: XENOLITH_CYCLES=200 XENOLITH_BUSY=10 (every tenth destroyed while it works)
CYCLES = int(os.environ.get("XENOLITH_CYCLES", 4))
BUSY = int(os.environ.get("XENOLITH_BUSY", 4))

# All that a domain could leave behind. The rest of domain 0's entries are not xend's;
# an empty /vm is what xl leaves, and xend does not.
SNAPSHOT = r"""
xenstore-ls -fp | grep -v -e '^/local/domain/0/memory/' -e '^/vm = '
losetup -n -O NAME,BACK-FILE
ls /sys/class/net /var/lib/xenolith/domains /sys/bus/xen-backend/devices
free-memory
xl info | grep outstanding
"""


@pytest.fixture(scope="module")
def dom0(request):
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, smp=1, timeout=300)) as machine:
        machine.bridge()
        machine.check("truncate -s 64M /root/disk.img && xend start")
        yield machine
        machine.check("xend stop")


@pytest.fixture(scope="module")
def warm(dom0):
    """Domain 0 has once had as much of everything as it will have in a test.

    The hypervisor's tables of what a domain has mapped and bound grow when they are
    full, and stay until it ends, as Xen's do. Every other byte has to come back.
    """
    create(dom0)
    keep_busy(dom0, "--bs=128k --iodepth=64")
    dom0.check("xm destroy u1")


@pytest.fixture
def same(dom0, warm):
    """Everything is after the test as it was before."""
    before = dom0.check(SNAPSHOT)
    yield
    log = dom0.check("tail -30 /var/log/xenolith/xend.log")
    assert dom0.check(SNAPSHOT) == before, log


def create(dom0, name="u1", **more):
    variables = {"disk": ["file:/root/disk.img,xvda,w"], "vcpus": 2, **more}
    dom0.create(name, tool="xm", address="10.0.0.2", **variables)


def keep_busy(dom0, how):
    """u1 writes to its disk and sends to domain 0, and has begun to."""
    fio = "fio --name=a --filename=/dev/xvda --ioengine=libaio --direct=1 --size=32M"
    fio += f" --rw=randwrite {how} --time_based --runtime=1h --eta=never"
    dom0.guest_check("u1", f"{fio} > /dev/null 2>&1 &")
    dom0.guest_check("u1", "ping -q -s 1400 -A 10.0.0.1 > /dev/null 2>&1 &")
    dom0.guest_check(
        "u1",
        "until [ $(awk '{ print $5 }' /sys/block/xvda/stat) -gt 50 ]; do sleep 0.2; done",
    )


def domain_id(dom0, name):
    rows = [line.split() for line in dom0.check("xm list").splitlines()]
    return next((row[1] for row in rows if row[0] == name), None)


def test_cycles(dom0, same):
    """Created and destroyed, with I/O under way or before anything runs."""
    for cycle in range(1, CYCLES + 1):
        create(dom0)
        if cycle % BUSY == 0:
            keep_busy(dom0, "--bs=4k --iodepth=8")
        dom0.check("xm destroy u1")
        # Tells, if it is not the same in the end, since when.
        free = dom0.check("free-memory").strip()
        print(f"cycle {cycle}: {free} bytes free", flush=True)


BAD = [
    ("colour=red", "colour"),
    ("kernel=/none", "/none"),
    ("memory=100000", "memory: the domain needs"),
    ("""'vif=["mac=01:02:03:04:05:06"]'""", "01:02:03:04:05:06"),
    ("""'vif=["bridge=none"]'""", '"none"; there is xen-br0'),
    ("""'disk=["file:/root/none,xvda,w"]'""", "disk[0]: /root/none"),
    ("""'disk=["file:/root/mounted,xvda,w"]'""", "/root/mounted is in use already"),
    (
        """'disk=["phy:/dev/loop7,xvda,w"]'""",
        "/dev/loop7 is mounted in domain 0, on /mnt",
    ),
    (
        """'disk=["file:/root/disk.img,xvda,w","file:/root/disk.img,xvdb,w"]'""",
        "already",
    ),
]


def test_bad_input(dom0, same):
    dom0.check(
        "cd /root && truncate -s 8M mounted && mke2fs -q mounted && mkdir -p /mnt &&"
        " losetup /dev/loop7 mounted && mount /dev/loop7 /mnt"
    )
    before = dom0.check(SNAPSHOT)
    dom0.put("/etc/xen/bad", 'name="bad"\nkernel="/guest/vmlinuz"\nmemory=64\n')
    try:
        for argument, text in BAD:
            result = dom0.run(f"xm create bad {argument}")
            assert result.status and text in result.output, result
            assert result.output.count("\n") == 1, result
            assert dom0.check(SNAPSHOT) == before, argument
    finally:
        dom0.check("umount /mnt; losetup -d /dev/loop7")


def test_duplicate_name_and_disk(dom0, same):
    create(dom0)
    for command, text in (
        ("xm create /run/u1.cfg", 'name: "u1" is the name of domain'),
        ("xm create /run/u1.cfg name=u2", "/root/disk.img is a disk of domain u1"),
    ):
        result = dom0.run(command)
        assert result.status and text in result.output, result
    dom0.check("xm destroy u1")


@pytest.mark.parametrize("command", ["xm create /run/u1.cfg", "xm destroy u1"])
def test_killed_at_any_moment(dom0, same, command):
    """Wherever it was: either the domain is whole, or nothing of it is there."""
    create(dom0)
    for tenths in (2, 5, 9, 15, 25, 40):
        if "create" in command:
            dom0.run("xm destroy u1")
        elif domain_id(dom0, "u1") is None:
            dom0.check("xm create /run/u1.cfg")
        dom0.run(
            f"{command} & sleep {tenths / 10}\n"
            "kill -9 $(cat /run/xenolith/xend.pid); wait; xend start\n"
            # What it takes up is gone on with in the background.
            'while grep -qE \'"state": "(creating|destroying)"\''
            " /var/lib/xenolith/domains/*; do sleep 0.2; done"
        )
        if domain_id(dom0, "u1") is not None:
            assert dom0.guest_check("u1", "echo whole") == "whole\n"
    dom0.run("xm destroy u1")


def test_found_again(dom0, same):
    """xend killed beside a running domain: its console and its end are served again."""
    create(dom0, on_reboot="restart")
    dom0.guest_check("u1", "true")
    number = domain_id(dom0, "u1")
    dom0.check("kill -9 $(cat /run/xenolith/xend.pid); xend start")
    assert dom0.guest_check("u1", "echo still here") == "still here\n"
    dom0.guest("u1", "busybox reboot -f")
    while domain_id(dom0, "u1") in (number, None, "-"):
        dom0.check("sleep 0.5")
    dom0.guest_check("u1", "true")
    dom0.guest("u1", "busybox poweroff -f")
    while domain_id(dom0, "u1"):
        dom0.check("sleep 0.5")


def test_balloon(dom0):
    """Domain 0 gives what a large domain needs."""
    free = int(dom0.check("xm info | awk '/^free_memory/ {print $NF}'"))
    create(dom0, memory=free + 100, disk=[])
    dom0.guest_check("u1", "true")
    target = int(dom0.check("xenstore-read /local/domain/0/memory/target"))
    assert target < 768 << 10
    dom0.check("xm destroy u1 && xm set-mem Domain-0 768")


def test_beside_xl(dom0):
    """A domain of xl's is listed, paused, unpaused; restarting xend leaves it alone."""
    dom0.create("x1")
    assert domain_id(dom0, "x1")
    dom0.check("xm pause x1 && xm unpause x1")
    dom0.check("kill -9 $(cat /run/xenolith/xend.pid); xend start")
    dom0.guest_check("x1", "true")
    dom0.configure("u1", "xm")
    result = dom0.run("xm create /run/u1.cfg name=x1")
    assert result.status and 'name: "x1" is the name of domain' in result.output
    dom0.check("xl destroy x1")


def test_own_kernel_is_unpacked_ahead(dom0, same):
    """Once: who wants it meanwhile waits for it, and who comes later finds it."""
    dom0.check(
        "xend stop; rm -rf /var/cache/xenolith; mkdir -p /boot\n"
        "ln -s /guest/vmlinuz /boot/vmlinuz-$(uname -r); xend start"
    )
    create(dom0, kernel="/guest/vmlinuz")
    dom0.guest_check("u1", "true")
    assert "unpacked ahead" in dom0.check("tail -5 /var/log/xenolith/xend.log")
    kept = dom0.check("ls -i /var/cache/xenolith")
    assert kept.count("\n") == 1, kept
    dom0.check("xm destroy u1; kill -9 $(cat /run/xenolith/xend.pid); xend start")
    create(dom0, kernel="/guest/vmlinuz")
    dom0.check("xm destroy u1; rm -r /boot")
    assert dom0.check("ls -i /var/cache/xenolith") == kept
