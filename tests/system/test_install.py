"""The packages on a machine with Debian: installed, started from GRUB's menu, and purged.

tests/debian/machine makes the machine. It takes some minutes for each firmware, so by hand:

    INSTALL=1 pytest-3 tests/system/test_install.py

What the packages consist of is tested in test_build.py.
"""

import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from lib_qemu import TOP
from lib_system import UEFI, Console

pytestmark = pytest.mark.skipif(
    "INSTALL" not in os.environ, reason="takes minutes: INSTALL=1"
)

# What is there that a purge could leave. Caches and logs of others change by themselves.
FILES = (
    "find / -xdev '(' -type f -o -type l ')' | grep -v -E"
    " -e '^/(tmp|run|var/(log|cache|tmp))/' -e '^/var/lib/(dpkg|apt|systemd|ucf|xen)/'"
    " -e '^/boot/grub/grubenv' -e '^/root/'"
    " | sort"
)
PROMPT = r"root@debian:~# "
CONSOLE = "/var/log/xenolith/console/tiny.log"


@dataclass
class Debian:
    """A machine with Debian on its disk; the second is a tar file."""

    disk: Path
    packages: Path
    firmware: str
    timeout: float = 600

    def hypervisor(self):
        return None

    def qemu(self, _):
        argv = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max"]
        argv += ["-smp", "2", "-m", "2048", "-display", "none", "-nic", "none"]
        argv += ["-serial", "stdio", "-monitor", "none", "-no-reboot"]
        for disk, kind in (self.disk, "qcow2"), (self.packages, "raw"):
            argv += ["-drive", f"file={disk},format={kind},if=virtio,cache=unsafe"]
        if self.firmware == "uefi":
            argv += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={UEFI}"]
        return argv


class Machine(Console):
    """A boot of it, to a shell of root's."""

    def __init__(self, setup, *expected):
        super().__init__(setup)
        self.child.logfile_read = open(f"{setup.disk}.log", "a", encoding="utf-8")
        self.expect(*expected, "Debian GNU/Linux 12", PROMPT)
        # What is read is what programs print, and no line is broken.
        self.type("bind 'set enable-bracketed-paste off'; stty cols 500\r")
        self.expect(PROMPT)

    def run(self, command):
        """What it prints; it has to succeed."""
        self.type(f"{command}; echo @$?@\r")
        self.expect(r"echo @\$\?@\r+\n")
        output = self.expect(r"@\d+@\r+\n").replace("\r", "")
        assert self.child.match[0].startswith("@0@"), f"{command}\n{output}"
        self.expect(PROMPT)
        return output

    def power_off(self):
        self.type("poweroff\r")
        assert self.end() == "guest-shutdown"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The four, in a tar file."""
    path = tmp_path_factory.mktemp("packages") / "packages.tar"
    subprocess.run(["make", "packages"], cwd=TOP, check=True)
    with tarfile.open(path, "w") as tar:
        for deb in (TOP / "dist" / "packages").glob("*.deb"):
            tar.add(deb, deb.name)
    return path


def install(setup):
    with Machine(setup, "GNU GRUB") as debian:
        debian.run(f"{FILES} > /root/before; cp /boot/grub/grub.cfg /root/")
        debian.run("tar xf /dev/vdb -C /root && ls /root/*.deb")
        debian.run("apt-get install -y /root/*.deb")
        debian.run("mkdir -p /etc/xen/auto && ln -s /etc/xen/tiny /etc/xen/auto/")
        debian.run("systemctl is-enabled xend xendomains")
        debian.power_off()


def use(setup):
    """The default entry: the hypervisor, with our kernel, and what is to start with it."""
    with Machine(setup, "GNU GRUB", r"\(XL\) Xenolith") as dom0:
        assert re.search(r"^6\.1\.\d+-xen0$", dom0.run("uname -r"), re.M)
        state = dom0.run("systemctl is-system-running --wait; systemctl --failed --no-legend")
        assert state.strip() == "running", state
        dom0.run("systemctl is-active xend xendomains")
        assert re.search(r"^tiny +\d+ +64 ", dom0.run("xm list"), re.M)
        dom0.run(f"until grep 'tiny guest: busybox' {CONSOLE}; do sleep 1; done")
        dom0.power_off()


def purge(setup):
    """Its domains were shut down in order; then the hypervisor and its kernels go."""
    with Machine(setup, "GNU GRUB", r"\(XL\) Xenolith") as dom0:
        log = dom0.run(f"cat {CONSOLE}")
        assert "The system is going down" in log, log
        dom0.run("rm /etc/xen/auto/tiny && xm shutdown -aw")
        dom0.run("apt-get purge -y $(cd /root && for d in *.deb; do echo ${d%%_*}; done)")
        dom0.run(f"{FILES} > /root/after")
        assert dom0.run("diff /root/before /root/after; true") == ""
        assert dom0.run("diff /root/grub.cfg /boot/grub/grub.cfg; true") == ""
        dom0.power_off()
    with Machine(setup, "GNU GRUB") as debian:
        assert "cloud-amd64" in debian.run("uname -r")
        debian.power_off()


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_install(tmp_path, packages, firmware):
    made = subprocess.check_output(["tests/debian/machine"], cwd=TOP, text=True).strip()
    disk = tmp_path / "disk"
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", made, disk]
    subprocess.run(create, check=True)
    setup = Debian(disk, packages, firmware)
    install(setup)
    use(setup)
    purge(setup)
