"""Debian's kernel, as Debian built it, and ours as domain 0: it boots, works and ends.

tests/linux has the parts: `fetch` gets the kernel, `initramfs` packs what it
starts, and `init` in there does what the kernel's command line says and tells in
the kernel's log. Here is what machine it does that on, and what is demanded.

On Xen 4.17, to see whether a message is ours or Linux's:

    pytest-3 tests/system/test_linux.py --on=oracle

Ten minutes of stress, which is 20 seconds otherwise:

    LINUX_STRESS=600 pytest-3 tests/system/test_linux.py -k stress

All of it with a kernel of dist/kernels (`make kernels`), which else only the last cases are for:

    LINUX_KERNEL=linux-6.1-xen0 pytest-3 tests/system/test_linux.py
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

# How much is done.
FIO_MIB = 8  # written to each disk and read back
NET_MIB = 2  # sent and received over each interface
KERNEL = os.environ.get("LINUX_KERNEL", "6.1")
XEN0 = "linux-6.1-xen0"
STRESS_SECONDS = int(os.environ.get("LINUX_STRESS", "20"))

COPY = 1 << 20  # bytes that init copies at the start of each disk
DISK = 2 * COPY + (FIO_MIB << 20)

# Each disk by what Linux makes of it, the disk's name and the driver of its PCI
# device: QEMU's devices for it.
DISKS = {
    ("vd", "virtio-pci"): ["virtio-blk-pci,drive=disk0"],
    ("sd", "ahci"): ["ahci,id=ahci1", "ide-hd,bus=ahci1.0,drive=disk1"],
    ("sd", "virtio-pci"): [
        "virtio-scsi-pci,id=scsi1",
        "scsi-hd,bus=scsi1.0,drive=disk2",
    ],
    ("nvme", "nvme"): ["nvme,serial=1,drive=disk3"],
}

# Each interface's driver: the network that init expects there, QEMU's device.
INTERFACES = {
    "e1000": ("10.0.2.0/24", "e1000,romfile="),
    "virtio_net": ("10.0.3.0/24", "virtio-net-pci,romfile="),
}

# Not with pci=nomsi, and so the last above: QEMU 7.2 reads the shadow of a completion
# queue's head after it has said which head it wants to be told of. A head that Linux
# moves in between is never told, and the line stays up: "irq 10: nobody cared", on
# QEMU without a hypervisor too. Messages have no level that could stay.
MESSAGES_ONLY = {"nvme"}

# The interrupts that must have come, by the names that Linux gives them, and the
# way they take: with messages allowed, with pci=nomsi. An e1000 has no messages.
LINE = "ioapic-level"
DISK_INTERRUPTS = [
    (r"virtio\d+-req\.\d+", "msi-x", r"virtio\d+", LINE),
    (r"virtio\d+-request", "msi-x", r"virtio\d+", LINE),
    (r"nvme0q[1-9]\d*", "msi-x", None, None),
    (r"ahci\[.*\]", "msi", r"ahci\[.*\]", LINE),
]
NET_INTERRUPTS = [
    (r"eth\d", LINE, r"eth\d", LINE),
    (r"virtio\d+-input\.0", "msi-x", r"virtio\d+", LINE),
]

# What must not be in the log, whoever says it.
BAD = re.compile(
    r"WARNING|BUG:|Oops|Call Trace|unchecked MSR|general protection|segfault"
    r"|Kernel panic|lockup|stalls on|blocked for more than|nobody cared"
    r"|[Ff]ailed|I/O error|timeout, aborting|timeout, completion polled|Unit Hang"
    r"|NETDEV WATCHDOG|clocksource: .* unstable|\(XL\) audit: (?!clean)"
)

# Lines of that kind that it says on Xen 4.17 as well.
KNOWN = re.compile(
    r"PM-Timer failed consistency check"  # Xen keeps the PM timer to itself
    # It reads the PIT 8 times in 24 us or gives up: at once and without a word on
    # Xen, whose emulated ports are slower; after 50 ms on ours if the host is busy.
    r"|tsc: Fast TSC calibration failed"
)


def printed(*command) -> str:
    """What a command prints on its standard output."""
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return out.stdout.strip()


@dataclass
class Linux(lib_qemu.Setup):
    """A boot of Linux as domain 0, which is given all of the machine's memory."""

    guest: Path = None
    kernel: str = KERNEL  # a series of Debian's, or one of dist/kernels
    flavour: str = "base"  # of the initramfs; or full
    extra: tuple[str, ...] = ()  # more of QEMU's arguments
    mem: int = 1024
    timeout: float = 400

    def __post_init__(self):
        if self.kernel.startswith("linux-"):
            command = [lib_qemu.TOP / "scripts" / "kernel", self.kernel]
            subprocess.run(command, check=True)
            directory = lib_qemu.TOP / "dist" / "kernels" / self.kernel
        else:
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
    """A server that listens until the other side has said all, then says it back."""

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


def disks_of(msi):
    """The disks of a machine with messages allowed, or without."""
    return {k: v for k, v in DISKS.items() if msi or k[0] not in MESSAGES_ONLY}


def disk_arguments(directory, disks):
    """Make the disks, the start of each filled; QEMU's arguments for them."""
    for n, devices in enumerate(disks.values()):
        image = directory / f"disk{n}"
        image.write_bytes(os.urandom(COPY))
        os.truncate(image, DISK)
        yield from ["-drive", f"file={image},format=raw,if=none,id=disk{n}"]
        for device in devices:
            yield from ["-device", device]


def interface_arguments():
    """QEMU's arguments for the interfaces."""
    for n, (net, device) in enumerate(INTERFACES.values()):
        yield from ["-netdev", f"user,id=net{n},net={net}"]
        yield from ["-device", f"{device},netdev=net{n}"]


def demand_clean(log, setup, end, action):
    """It did all it was told to, to the right end, and nobody complained."""
    bad = [text for text in log.splitlines() if BAD.search(text)]
    bad = [text for text in bad if not KNOWN.search(text)]
    assert not bad, "\n".join(["in the log:", *bad, "all of it:", log])
    assert "TEST FAIL" not in log, log
    series = setup.kernel.removeprefix("linux-").split("-")[0]
    release = re.escape(series) + r"\.\S+"
    up = rf"TEST userspace {release} cpus {setup.smp}$"
    assert re.search(up, log, re.MULTILINE), log
    assert re.search("TEST end$", log, re.MULTILINE), log
    assert action == {"poweroff": "poweroff", "reboot": "reset"}[end], log
    if "debug=y" in log:
        assert "audit: clean" in log, log


def demand_interrupts(log, wanted, msi):
    """The devices' interrupts came, and the way they had to."""
    lines = re.findall(r"TEST irq \d+: +([\d ]+) xen-pirq +-(\S+) +(.*)", log)
    if not msi:
        assert not [kind for _, kind, _ in lines if kind.startswith("msi")], log
    for *with_messages, name, way in wanted:
        if msi:
            name, way = with_messages
        if not name:
            continue
        came = {
            kind
            for counts, kind, devices in lines
            if any(re.fullmatch(name, device) for device in devices.split(", "))
            and any(int(count) for count in counts.split())
        }
        assert came == {way}, f"interrupts of {name} came by {came}\n{log}"


def demand_disks(log, directory, disks):
    """Every kind of disk was there; what was written to it is what is on it."""
    found = re.findall(r"TEST disk (vd|sd|nvme)\S+ (\S+)$", log, re.MULTILINE)
    assert sorted(found) == sorted(disks), log
    kib = FIO_MIB << 10
    right = rf"TEST fio \S+ error 0 read {kib} written {kib}$"
    assert len(re.findall(right, log, re.MULTILINE)) == len(disks), log
    for n, kind in enumerate(disks):
        data = (directory / f"disk{n}").read_bytes()
        assert data[:COPY] == data[COPY : 2 * COPY], f"{kind}: the copy differs\n{log}"


def demand_network(log, echo):
    """Both interfaces pinged, and sent and received what they had to."""
    for driver in INTERFACES:
        assert f"TEST ping {driver} 3 packets received" in log, log
        (sent,) = re.findall(rf"TEST sent {driver} (\w+)", log)
        (back,) = re.findall(rf"TEST back {driver} (\w+)", log)
        assert sent in echo.digests, f"{driver}: sent wrongly\n{log}"
        assert back == sent, f"{driver}: received wrongly\n{log}"


@dataclass
class Case:
    """A machine and what is done on it."""

    machine: str
    smp: int
    mem: int
    tests: str  # of: calls32, disks, net, stress
    end: str = "poweroff"
    msi: bool = True
    kernel: str = KERNEL
    cpu: str = "max"
    sched: str = ""  # sched= of the hypervisor, if it is ours


# Each number of CPUs with each machine; disks and network with messages and
# without. The long boots are those with disks or stress: fio's libraries.
CASES = {
    "q35-1-1G": Case("q35", 1, 1024, "calls32,net"),
    "q35-2-1G-stress": Case("q35", 2, 1024, "disks,net,stress"),
    "q35-4-6G-reboot": Case("q35", 4, 6144, "net", "reboot"),
    "pc-1-6G-reboot": Case("pc", 1, 6144, "", "reboot"),
    "pc-2-6G-nomsi": Case("pc", 2, 6144, "disks,net", msi=False, sched="rrobin"),
    "pc-4-1G-nomsi-intel": Case(
        "pc", 4, 1024, "calls32,net", msi=False, cpu="max,vendor=GenuineIntel"
    ),
    "6.12-q35-2-1G-reboot": Case("q35", 2, 1024, "disks,net", "reboot", kernel="6.12"),
    "xen0-q35-2-6G": Case("q35", 2, 6144, "disks,net", kernel=XEN0),
    "xen0-pc-4-1G-nomsi-reboot": Case(
        "pc", 4, 1024, "net", "reboot", msi=False, kernel=XEN0
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_dom0(on, tmp_path, case):
    amount = {"disks": FIO_MIB, "net": NET_MIB, "stress": STRESS_SECONDS}
    tests = [word for word in case.tests.split(",") if word]
    intel = "GenuineIntel" in case.cpu
    disks = disks_of(case.msi)
    if on == "oracle" and intel:
        tests.remove("calls32")  # Xen 4.17 dies of SYSENTER on its first CPU
    with Echo() as echo:
        args = ["console=hvc0 earlyprintk=xen printk.devkmsg=on rdinit=/init"]
        args += ["tests=" + ",".join(f"{word}={amount.get(word)}" for word in tests)]
        args += [f"end={case.end} disks={len(disks)} port={echo.port}"]
        args += [] if case.msi else ["pci=nomsi"]
        setup = Linux(
            on=on,
            kernel=case.kernel,
            flavour="full" if {"disks", "stress"} & set(tests) else "base",
            machine=case.machine,
            cpu=case.cpu,
            smp=case.smp,
            mem=case.mem,
            cmdline=f"sched={case.sched}" if case.sched and on == "ours" else "",
            args=" ".join(args),
            extra=(*disk_arguments(tmp_path, disks), *interface_arguments()),
            timeout=400 + 3 * STRESS_SECONDS,
        )
        outcome = lib_qemu.run(setup)
    demand_clean(outcome.log, setup, case.end, outcome.action)
    if "calls32" in tests:
        way = "sysenter" if intel else "syscall"
        assert f"TEST calls32 right, by {way}" in outcome.log, outcome.log
    if "disks" in tests:
        demand_interrupts(outcome.log, DISK_INTERRUPTS, case.msi)
        demand_disks(outcome.log, tmp_path, disks)
    if "net" in tests:
        demand_interrupts(outcome.log, NET_INTERRUPTS, case.msi)
        demand_network(outcome.log, echo)
    if "stress" in tests:
        assert "TEST stress successful run completed" in outcome.log, outcome.log
