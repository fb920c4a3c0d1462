"""The machine sleeps (suspend to RAM, ACPI S3) and wakes, as domain 0 says.

Debian's kernel is told so the way people do it, QEMU wakes the machine up, and all
goes on: domain 0's CPUs and its disk, the domU that knew nothing of it, the clocks.
The time of day goes on in the sleep, a domU's own time does not, as on Xen 4.17
(pytest-3 tests/system/test_sleep.py --on=oracle).

On q35 the machine wakes without its ports of power management: neither QEMU 7.2's
firmware nor anybody else gives them their address again. It sleeps once there, and
cannot switch itself off.
"""

import hashlib
import os
import sys
import time

import pytest
from lib_domains import Dom0, Machine

DISK = 16 << 20  # bytes
NIGHT = 6  # seconds
TOLERANCE = 2  # seconds that a clock may be wrong; less than the night

SLEEP = "echo mem > /sys/power/state"
COMPLAINTS = "dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|I/O error' || true"


def status(dom0) -> str:
    """What QEMU says the machine does."""
    reply = dom0.monitor.command("query-status")
    assert reply, dom0.log()
    return reply["status"]


def sleep(dom0) -> None:
    """Into S3; a night; awake, and domain 0 goes on."""
    dom0.start(SLEEP)
    deadline = time.monotonic() + dom0.machine.timeout
    while status(dom0) != "suspended":
        assert time.monotonic() < deadline, dom0.log()
        time.sleep(0.1)
    time.sleep(NIGHT)
    dom0.monitor.command("system_wakeup")
    result = dom0.finish()
    assert result.status == 0, f"{result.output}\n{dom0.log()}"


def clock_error(dom0) -> float:
    """By how many seconds domain 0's clock certainly differs from the host's."""
    before = time.time()
    clock = int(dom0.check("date +%s"))
    after = time.time()
    return min(clock + 1 - before, 0) + max(clock - after, 0)


def uptime(dom0, domain: str = "") -> float:
    command = "cat /proc/uptime"
    out = dom0.guest_check(domain, command) if domain else dom0.check(command)
    return float(out.split()[0])


def demand_same_disk(dom0, content: bytes) -> None:
    command = "echo 1 > /proc/sys/vm/drop_caches; sha256sum < /dev/vda"
    assert dom0.check(command).split()[0] == hashlib.sha256(content).hexdigest()


def demand_keyboard(dom0) -> None:
    """It interrupts by a pin of the IO-APIC that no driver sets up again."""
    command = "grep i8042 /proc/interrupts"
    before = dom0.check(command)
    dom0.monitor.command("send-key", keys=[{"type": "qcode", "data": "a"}])
    deadline = time.monotonic() + dom0.machine.timeout
    while dom0.check(command) == before:
        assert time.monotonic() < deadline, "no interrupt of the keyboard"


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    path.write_bytes(os.urandom(DISK))
    return path


def one_night(dom0, disk) -> None:
    cpus, error = dom0.check("nproc"), clock_error(dom0)
    mine, guests = uptime(dom0), uptime(dom0, "u1")
    awake = time.monotonic()
    sleep(dom0)
    assert abs(clock_error(dom0) - error) < TOLERANCE
    assert dom0.check("nproc") == cpus
    assert uptime(dom0) - mine > NIGHT - TOLERANCE
    gone = uptime(dom0, "u1") - guests
    assert 0 < gone < time.monotonic() - awake - NIGHT + TOLERANCE
    assert dom0.guest_check("u1", "cat /tmp/kept") == "kept\n"
    demand_same_disk(dom0, disk.read_bytes())
    # And it can be written.
    dom0.check("dd if=/dev/urandom of=/dev/vda bs=64k count=16 conv=fsync")
    demand_same_disk(dom0, disk.read_bytes())
    assert dom0.check(COMPLAINTS) == ""


@pytest.mark.parametrize("machine,smp,nights", [("pc", 2, 2), ("q35", 1, 1)])
def test_sleep(on, disk, machine, smp, nights):
    setup = Machine(on=on, machine=machine, smp=smp, disks=[disk], mem=1536)
    # Interrupts by the IO-APIC's pins on the one machine, by messages on the other.
    setup.args += " pci=nomsi" if machine == "pc" else ""
    with Dom0(setup, sys.stdout) as dom0:
        dom0.create("u1")
        dom0.guest_check("u1", "echo kept > /tmp/kept")
        demand_same_disk(dom0, disk.read_bytes())
        for _ in range(nights):
            one_night(dom0, disk)
        # A last sign of life, of a domain made since.
        dom0.check("xl destroy u1")
        dom0.create("u2")
        assert dom0.guest_check("u2", "nproc") == "1\n"
        if machine == "pc":
            demand_keyboard(dom0)
            dom0.check("xl destroy u2")
            assert dom0.power_off() == "guest-shutdown", dom0.log()
            assert "debug=y" not in dom0.log() or "audit: clean" in dom0.log()
        elif on == "ours":
            # Linux does not look at the answer and believes that it slept.
            dom0.check(SLEEP)
            assert "PM1 control does not answer" in dom0.log()
            assert dom0.guest_check("u2", "nproc") == "1\n"
