"""Debian's kernel, as Debian built it, as domain 0: it boots, works and ends.

tests/linux has the parts: `fetch` gets the kernel, `initramfs` packs what it
starts, and `init` in there does what the kernel's command line says and tells in
the kernel's log. Here is what machine it does that on, and what is demanded.

On the oracle too: pytest-3 tests/system/test_linux.py --on=oracle. A message that
only ours leads to is a bug in ours.
"""

import hashlib
import os
import re
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import lib_qemu
import pytest

LINUX = lib_qemu.TOP / "tests" / "linux"

# How much is done. The long form of the stress test, by hand:
#     LINUX_STRESS=600 pytest-3 tests/system/test_linux.py -k stress
FIO_MIB = 8  # written to each disk and read back
NET_MIB = 4  # sent and received over each interface
STRESS_SECONDS = int(os.environ.get("LINUX_STRESS", "20"))

COPY = 4 << 20  # bytes that init copies at the start of each disk
DISK = 2 * COPY + (FIO_MIB << 20)

# Each disk's device, as Linux sees it: a name, the driver on the PCI device.
# No vendor's option ROMs: nothing is booted from these.
DISKS = {
    ("vd", "virtio-pci"): ["virtio-blk-pci,drive=disk0"],
    ("nvme", "nvme"): ["nvme,serial=1,drive=disk1"],
    ("sd", "ahci"): ["ahci,id=ahci1", "ide-hd,bus=ahci1.0,drive=disk2"],
    ("sd", "virtio-pci"): ["virtio-scsi-pci,id=scsi1", "scsi-hd,bus=scsi1.0,drive=disk3"],
}

# Each interface's driver, and its device on the network that init expects.
NICS = {
    "e1000": ("10.0.2.0/24", "e1000,netdev=net0,romfile="),
    "virtio_net": ("10.0.3.0/24", "virtio-net-pci,netdev=net1,romfile="),
}

# The interrupts that must have come, by the name Linux gives them, and how each
# comes if nobody forbids messages. An e1000 has no messages.
DISK_IRQS = {
    r"virtio\d+-req\.\d+": "msi-x",
    r"virtio\d+-request": "msi-x",
    r"nvme0q[1-9]": "msi-x",
    r"ahci\[.*": "msi",
}
NET_IRQS = {r"virtio\d+-input\.0": "msi-x", r"eth\d": "ioapic-level"}

# What must not be in the log, whoever says it.
BAD = re.compile(
    r"WARNING|BUG:|Oops|Call Trace|unchecked MSR|general protection|segfault|panic"
    r"|soft lockup|hard LOCKUP|stalls on|blocked for more than|nobody cared"
    r"|failed command|qc timeout|I/O error|I/O \d+ .*timeout|Unit Hang|NETDEV WATCHDOG"
    r"|Failed|\bfailed\b|(?i:unable to)|audit: (?!clean)"
)

# Lines that say such a thing on Xen 4.17 as well: Linux's or QEMU's matter.
KNOWN = re.compile(r"panic=|tsc: Fast TSC calibration failed")


def printed(*command) -> str:
    """What a command prints on its standard output."""
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return out.stdout.strip()


@dataclass
class Linux(lib_qemu.Setup):
    """A boot of Linux as domain 0, which is given all of the machine's memory."""

    guest: Path = None
    kernel: str = "6.1"
    flavour: str = "base"  # of the initramfs; or full
    extra: tuple[str, ...] = ()  # more of QEMU's arguments
    mem: int = 1024
    timeout: float = 400

    def __post_init__(self):
        directory = printed(LINUX / "fetch", self.kernel)
        self.guest = Path(directory) / "vmlinuz"
        self.initramfs = printed(LINUX / "initramfs", directory, self.flavour)

    def qemu(self, hypervisor: Path, module: str = "") -> list[str]:
        argv = super().qemu(hypervisor)
        argv[argv.index("-initrd") + 1] += f",{self.initramfs}"
        line = argv.index("-append") + 1
        argv[line] = argv[line].replace("dom0_mem=64M ", "")
        return [*argv, *self.extra]


class Echo:
    """A server that reads until the other side has said all, then says it back."""

    def __init__(self):
        self.digests = []  # of what came
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:  # closed: the test is over
                return
            with peer:
                data = b"".join(iter(lambda: peer.recv(1 << 16), b""))
                self.digests.append(hashlib.sha256(data).hexdigest())
                peer.sendall(data)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def boot(on, tests="", end="poweroff", msi=True, extra=(), words="", **machine):
    """Boot, demand a clean run to its end; returns what init and the kernel said."""
    args = ["console=hvc0 earlyprintk=xen printk.devkmsg=on rdinit=/init"]
    args += [f"tests={tests} end={end}", "" if msi else "pci=nomsi", words]
    setup = Linux(on=on, args=" ".join(args), extra=tuple(extra), **machine)
    outcome = lib_qemu.run(setup)
    log = outcome.log
    bad = [line for line in log.splitlines() if BAD.search(line)]
    bad = [line for line in bad if not KNOWN.search(line)]
    assert not bad, "\n".join(["in the log:", *bad, "", "all of it:", log])
    assert "TEST FAIL" not in log, log
    assert re.search(rf"TEST userspace {setup.kernel}\.\S+ cpus {setup.smp}$", log, re.M), log
    assert re.search("TEST end$", log, re.M), log
    assert outcome.action == {"poweroff": "poweroff", "reboot": "reset"}[end], log
    if "debug=y" in log:
        assert "audit: clean" in log, log
    return log


def interrupts(log):
    """What /proc/interrupts had of physical ones: {name: (kind, how often)}."""
    found = {}
    for line in re.findall(r"TEST irq \d+: (.*)", log):
        *counts, kind, name = re.split(r"\s+(?:xen-pirq\s+-?)?", line.strip())
        found[name] = (kind, sum(int(count) for count in counts))
    return found


def demand_interrupts(log, wanted, msi):
    """The devices' interrupts came, and as they had to."""
    found = interrupts(log)
    for name, kind in wanted.items():
        lines = [what for n, what in found.items() if re.fullmatch(name, n)]
        if not msi:
            continue
        assert lines, f"no interrupt {name} in {found}\n{log}"
        assert {k for k, _ in lines} == {kind}, f"{name}: {lines}\n{log}"
        assert sum(count for _, count in lines) > 0, f"{name}: {lines}\n{log}"
    if not msi:
        assert not [k for k, _ in found.values() if k.startswith("msi")], log
