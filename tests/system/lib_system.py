"""What the system tests add to tests/lib_qemu.py: booting by GRUB, and a console to type at."""

import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import lib_domains
import lib_qemu
import pexpect
import pytest

MAKE_IMAGE = lib_qemu.TOP / "scripts" / "make-image"
UEFI = "/usr/share/OVMF/OVMF_CODE_4M.fd"

# For tests that load and unload a domU's front end.
front_is_module = pytest.mark.skipif(
    bool(lib_domains.KERNEL), reason="that kernel has its front ends built in"
)


@dataclass
class GrubSetup(lib_qemu.Setup):
    """A boot by GRUB from a disc, where Setup's is QEMU's -kernel."""

    image: Path = None  # the disc, made anew
    entry: str = "multiboot2"  # or multiboot
    firmware: str = "bios"  # or uefi
    video: str = ""  # a mode for the screen

    def qemu(self, hypervisor: Path, module: str = "") -> list[str]:
        if self.on == "ours":
            hypervisor = Path(f"{hypervisor}.gz")
        what = ["-x", hypervisor, "-g", self.guest, "-a", self.args]
        what += ["-c", f"{lib_qemu.BASE_CMDLINE} {self.cmdline}"]
        what += ["-d", self.entry, "-t", "0"]
        what += ["-v", self.video] if self.video else []
        subprocess.run([MAKE_IMAGE, *what, self.image], check=True)
        argv = super().qemu(hypervisor, module)
        boot = argv.index("-kernel")  # -kernel X -initrd Y -append Z
        argv[boot : boot + 6] = ["-cdrom", str(self.image)]
        if self.firmware == "uefi":
            argv += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={UEFI}"]
        return argv


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Console:
    """A running machine: the test reads its serial line and screen, and types."""

    def __init__(self, setup: lib_qemu.Setup, extra: list[str] = ()):
        """Boot; extra are more of QEMU's arguments."""
        self.work = tempfile.TemporaryDirectory(prefix="xenolith-")
        qmp = f"{self.work.name}/qmp"
        argv = setup.qemu(setup.hypervisor())
        argv += ["-qmp", f"unix:{qmp},server=on,wait=off", *extra]
        self.child = pexpect.spawn(
            argv[0],
            argv[1:],
            timeout=setup.timeout,
            encoding="utf-8",
            codec_errors="replace",
        )
        self.monitor = lib_qemu.Monitor(qmp)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.child.close(force=True)
        self.work.cleanup()

    def expect(self, *patterns: str) -> str:
        """Wait for the patterns, in this order; returns what came before the last."""
        for pattern in patterns:
            self.child.expect(pattern)
        return self.child.before

    def type(self, keys: str) -> None:
        self.child.send(keys)

    def screen(self) -> str:
        """The text on the VGA screen, which has 25 lines of 80."""
        dump = Path(self.work.name) / "screen"
        self.monitor.command(
            "pmemsave", val=0xB8000, size=80 * 25 * 2, filename=str(dump)
        )
        return dump.read_bytes()[::2].decode("latin-1")

    def wait_for_screen(self, text: str) -> None:
        wait_until(lambda: text in self.screen())

    def pending(self) -> str:
        """What the serial line said and no expect() has asked for."""
        try:
            return self.child.read_nonblocking(1 << 20, timeout=0.5)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return ""

    def end(self) -> str:
        """Wait for the machine to end by itself; returns QEMU's reason."""
        self.child.expect(pexpect.EOF)
        self.monitor.drain()
        return [
            e["data"]["reason"] for e in self.monitor.events if e["event"] == "SHUTDOWN"
        ][0]
