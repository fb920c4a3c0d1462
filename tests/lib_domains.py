"""A machine with domain 0 and further domains: boot it, and run commands in them.

Domain 0 is Debian's 6.1 kernel with the image that tests/domains makes: Debian's Xen
tools, ours if they are built, and what tests need. With LINUX=6.12 in the environment all
domains run Debian's kernel of that series. Of dist/kernels are domain 0's kernel with
DOM0=linux-6.1-xen0, domUs' with KERNEL=linux-6.1-xenU, which has our front ends built in.
The hypervisor is ours or Xen 4.17:

    with Dom0(Machine(on="oracle", disks=[path])) as dom0:
        dom0.bridge()
        dom0.create("u1", disks=["phy:/dev/vda,xvda,w"], address="10.0.0.2")
        print(dom0.guest("u1", "fio --version"))

Commands go in by a port of their own, not by the console, so that their output is
theirs to the byte. tests/run-dom0 is this for the command line.
"""

import base64
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import lib_qemu

DOMAINS = lib_qemu.TOP / "tests" / "domains"
FETCH_LINUX = lib_qemu.TOP / "tests" / "linux" / "fetch"
LINUX = os.environ.get("LINUX", "6.1")
KERNEL = os.environ.get("KERNEL", "")
DOM0 = os.environ.get("DOM0", "")
DRIVERS = lib_qemu.TOP / "dist" / "drivers" / LINUX  # our split drivers
HOSTILE = lib_qemu.TOP / "tests" / "hostile"
INSTALLED = lib_qemu.TOP / "dist" / "install"  # our tools, below usr


class Result(NamedTuple):
    """What a command came to."""

    status: int
    output: str


class Died(Exception):
    """The machine ended, or did not answer in time; the text has its log."""


def printed(*command) -> str:
    """What a command prints on its standard output."""
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return out.stdout.strip()


@dataclass
class Machine(lib_qemu.Setup):
    """What is booted: Setup's fields, and those of domain 0."""

    on: str = "ours"
    guest: Path = None  # the kernel; made by __post_init__
    args: str = "console=hvc0 quiet rdinit=/init"
    smp: int = 2
    mem: int = 2048  # MiB
    dom0_mem: int = 768  # MiB
    disks: list[Path] = field(default_factory=list)  # /dev/vda on: raw, or .qcow2
    linux: str = DOM0  # domain 0's kernel, of dist/kernels; Debian's without
    tools: Path = None  # a tree to install over domain 0's; None: dist/install
    kernels: list[str] = field(default_factory=list)  # for domUs, of dist/kernels
    back: str = ""  # our back ends to use, not Debian's: "blkback,netback"
    hostile: bool = False  # with the modules of tests/hostile, beside ours
    files: dict[str, str] = field(default_factory=dict)  # more of them: path to text
    timeout: float = 600  # of the boot, and of each command unless it says otherwise

    def __post_init__(self):
        self.guest = Path(printed(FETCH_LINUX, LINUX)) / "vmlinux"
        if self.linux:
            self.guest = lib_qemu.TOP / "dist" / "kernels" / self.linux / "vmlinuz"
        if KERNEL:
            self.kernels = sorted({KERNEL, *self.kernels})
        self.dom0_mem += 320 * len(self.kernels)  # they are in its initramfs
        if self.back:
            self.args += f" back={self.back}"

    def initramfs(self, path: Path) -> None:
        """Put domain 0's together: what never changes, tools, single files."""
        tools = self.tools or INSTALLED
        with open(path, "wb") as out, tempfile.TemporaryDirectory() as extra:
            out.write(Path(printed(DOMAINS / "image", "dom0")).read_bytes())
            for name, text in self.files.items():
                to = Path(f"{extra}/{name}")
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_text(text)
                to.chmod(0o755)
            out.flush()
            for tree in (tools, extra):
                if Path(tree).is_dir():
                    command = [DOMAINS / "image", "tools", tree]
                    subprocess.run(command, stdout=out, check=True)
            if self.linux:
                command = [DOMAINS / "image", "modules", self.linux]
                subprocess.run(command, stdout=out, check=True)
            for kernel in self.kernels:
                command = [DOMAINS / "image", "kernel", kernel]
                subprocess.run(command, stdout=out, check=True)
            modules = list(DRIVERS.glob("*.ko"))
            if self.hostile:
                modules += Path(printed(HOSTILE / "build")).glob("*.ko")
            if modules:
                all_modules = Path(extra) / "modules"
                all_modules.mkdir()
                for module in modules:
                    (all_modules / module.name).symlink_to(module)
                command = [DOMAINS / "image", "drivers", all_modules]
                subprocess.run(command, stdout=out, check=True)

    def qemu(self, hypervisor: Path, module: str = "") -> list[str]:
        """QEMU's command line; module is domain 0's initramfs."""
        argv = super().qemu(hypervisor)
        argv[argv.index("-initrd") + 1] += f",{module}"
        line = argv.index("-append") + 1
        memory = f"dom0_mem={self.dom0_mem}M,max:{self.dom0_mem}M"
        argv[line] = argv[line].replace("dom0_mem=64M", memory)
        # QEMU's XSAVE does not look at CR0.TS: with Xen's lazy switching a VCPU
        # would save the FPU registers of another.
        if self.on == "oracle":
            argv[line] += " spec-ctrl=eager-fpu"
        argv[argv.index("-nic") + 1] = "user,model=virtio-net-pci,restrict=on"
        for n, disk in enumerate(self.disks):
            kind = "qcow2" if disk.suffix == ".qcow2" else "raw"
            argv += ["-drive", f"file={disk},format={kind},if=virtio,index={n}"]
        return argv


class Dom0:
    """A running machine, seen from its domain 0."""

    def __init__(self, machine: Machine, stream=None):
        """Boot, until domain 0 takes commands. stream: copy the console there.

        And there the commands are told, too, not what they print.
        """
        self.machine = machine
        self.stream = stream
        self.chunks: list[str] = []
        self.work = tempfile.TemporaryDirectory(prefix="xenolith-")
        initramfs = Path(self.work.name) / "initramfs"
        machine.initramfs(initramfs)
        argv = machine.qemu(machine.hypervisor(), str(initramfs))
        argv += ["-qmp", f"unix:{self.work.name}/qmp,server=on,wait=off"]
        argv += control_arguments(f"{self.work.name}/control")
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.reader = threading.Thread(target=self._read_console, daemon=True)
        self.reader.start()
        try:
            self.monitor = lib_qemu.Monitor(f"{self.work.name}/qmp")
            self.control = socket.socket(socket.AF_UNIX)
            self.control.connect(f"{self.work.name}/control")
            self.replies = self.control.makefile("rb")
            self.check("true")
        except BaseException:
            self.close()
            raise

    def _read_console(self):
        while data := self.process.stdout.read1(4096):
            text = data.decode("utf-8", "replace").replace("\r", "")
            self.chunks.append(text)
            if self.stream:
                self.stream.write(text)
                self.stream.flush()

    def log(self) -> str:
        """What the machine's console has said so far."""
        return "".join(self.chunks)

    def close(self) -> None:
        """Switch the machine off as it is."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.work.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def start(self, commands: str) -> None:
        """Begin to run shell commands in domain 0; finish() has what they came to."""
        if self.stream:
            print(f"+ {commands}", file=self.stream, flush=True)
        self.started = commands
        try:
            self.control.sendall(base64.b64encode(commands.encode()) + b"\n")
        except OSError:
            raise Died(f"no answer to: {commands}\n{self.log()}") from None

    def finish(self, timeout: float = None) -> Result:
        """The status of what was started, and all that it printed."""
        self.control.settimeout(timeout or self.machine.timeout)
        try:
            head = self.replies.readline()
            if not head:
                raise Died(f"the machine ended at: {self.started}\n{self.log()}")
            status, size = head.split()
            output = self.replies.read(int(size))
        except OSError:
            raise Died(f"no answer to: {self.started}\n{self.log()}") from None
        return Result(int(status), output.decode("utf-8", "replace"))

    def run(self, commands: str, timeout: float = None) -> Result:
        """Run shell commands in domain 0: their status, and all that they print."""
        self.start(commands)
        return self.finish(timeout)

    def check(self, commands: str, timeout: float = None) -> str:
        """As run(), for what has to succeed; returns the output."""
        result = self.run(commands, timeout)
        assert (
            result.status == 0
        ), f"{commands}: status {result.status}\n{result.output}"
        return result.output

    def put(self, path: str, text: str) -> None:
        """Write a file of domain 0."""
        data = base64.b64encode(text.encode()).decode()
        self.check(f"mkdir -p $(dirname {path}); echo {data} | base64 -d > {path}")

    def bridge(self, address: str = "10.0.0.1") -> None:
        """Make the bridge xen-br0 with an address of domain 0 on it."""
        self.check(
            "ip link add name xen-br0 type bridge\n"
            f"ip address add {address}/24 dev xen-br0 && ip link set xen-br0 up"
        )

    def configure(self, name: str, tool: str, **variables) -> None:
        """Write /run/NAME.cfg, a domU of the kernel and image in /guest.

        tool: xl or xm, whose file it is. variables go into it as they are; address
        is the domU's, and there is one interface if there is an address; front the
        front ends of ours that it uses: "blkfront,netfront"; linux a kernel of the
        machine's, instead of Debian's. What is None is left out.
        """
        address = variables.pop("address", None)
        front = variables.pop("front", None)
        guest = f"/guest/{variables.pop('linux', KERNEL)}".rstrip("/")
        lines = {
            "name": name,
            "kernel": f"{guest}/vmlinux",
            "ramdisk": f"{guest}/initramfs",
            "extra": "console=hvc0 quiet rdinit=/init",
            "memory": 256,
        }
        if tool == "xl":
            lines["type"] = "pv"
        if address:
            lines["extra"] += f" address={address}"
            lines["vif"] = ["bridge=xen-br0"]
        if front and not KERNEL:
            lines["extra"] += f" front={front}"
        lines |= variables
        text = "".join(f"{k} = {v!r}\n" for k, v in lines.items() if v is not None)
        self.put(f"/run/{name}.cfg", text)
        # What an earlier domain of this name said is no news.
        self.check(
            f"rm -f /var/log/xen/console/guest-{name}.log"
            f" /var/log/xenolith/console/{name}.log"
        )

    def create(self, name: str, tool: str = "xl", **variables) -> None:
        """Make a domU and let it run; see configure()."""
        self.configure(name, tool, **variables)
        self.check(f"{tool} create /run/{name}.cfg")

    def debian(self, name: str, **variables) -> None:
        """Make a domU of tests/debian's image, which is domain 0's /dev/vda (or disk);
        a shell of root's takes commands then, as guest()'s."""
        extra = "root=/dev/xvda console=hvc0 quiet"
        disk = ["phy:/dev/vda,xvda,w"]
        self.create(name, **{"ramdisk": None, "extra": extra, "disk": disk} | variables)
        tty = f"tty=$(xenstore-read /local/domain/$(xl domid {name})/console/tty)"
        for prompt, answer in ("login:", "root"), ("root@debian:~#", "guest-shell"):
            deadline = time.monotonic() + self.machine.timeout
            while prompt not in self.console(name):
                if time.monotonic() > deadline:
                    raise Died(f"{name} does not say {prompt}\n{self.console(name)}")
                time.sleep(0.5)
            self.check(f"{tty}; echo {answer} > $tty")

    def guest(self, name: str, commands: str, timeout: float = None) -> Result:
        """Run shell commands in a domU that tests/domains/guest-init drives."""
        return self.run(f"guest {name} {shlex.quote(commands)}", timeout)

    def guest_check(self, name: str, commands: str, timeout: float = None) -> str:
        """As guest(), for what has to succeed; returns the output."""
        result = self.guest(name, commands, timeout)
        assert (
            result.status == 0
        ), f"{name}: {commands}: status {result.status}\n{result.output}"
        return result.output

    def console(self, name: str) -> str:
        """All that a domU's console has said."""
        return self.run(f"guest -l {name}").output

    def power_off(self) -> str:
        """Switch off from within and wait; returns how it ended, as lib_qemu.run()."""
        self.control.sendall(base64.b64encode(b"sync; poweroff -f") + b"\n")
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            # On Xen 4.17 under QEMU the power goes too.
            time.sleep(0.1)
        self.reader.join(5)
        self.monitor.drain()
        reasons = [
            e["data"]["reason"] for e in self.monitor.events if e["event"] == "SHUTDOWN"
        ]
        return reasons[0] if reasons else "none"


def control_arguments(path: str) -> list[str]:
    """QEMU's arguments for the port that commands go in by."""
    return [
        *["-device", "virtio-serial-pci"],
        *["-chardev", f"socket,id=control,path={path},server=on,wait=off"],
        *["-device", "virtserialport,chardev=control,name=control"],
    ]
