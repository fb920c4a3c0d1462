"""What user programs see: Debian's kernel natively, on Xen 4.17 and on ours; or ours.

Also two things that are measured the same way: how long a machine takes to
its first program, and how much memory is left for domains.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import lib_bench
from lib_bench import OUT, TOP, lib_qemu

PROGRAM = OUT / "programs"
MEMORY = OUT / "memory"
FETCH = TOP / "tests" / "linux" / "fetch"

# The program's name of the operation, what people call it, and what it may cost with our
# kernel on our hypervisor, in multiples of Debian's kernel natively.
PROGRAMS = [
    ("getpid", "getpid", 1.6),
    ("page_faults_256", "256 anonymous page faults", 1.2),
    ("fork_cow_256", "fork, 256 touched pages copied on write", 1.25),
    ("mmap_touch_64", "mmap, touch 64 pages, munmap", 1.2),
    ("fork_exit", "fork + exit", 1.5),
    ("fork_exec", "fork + exec", 1.5),
    ("signal", "signal to self", 1.2),
    ("pipe", "pipe ping-pong", 1.4),
    ("unix_socket", "Unix socket round trip", 1.4),
    ("sched_yield", "sched_yield", 1.4),
]
# Instructions since the machine was switched on, at the program's first one.
BOOT = "tsc_at_init"

KERNEL_ARGS = "quiet nokaslr panic=-1"
DOM0_MIB = 512


def kernel(name: str = "") -> Path:
    """Debian's kernel, as it is packaged, or that of buildconfigs; made if not there yet."""
    if name:
        subprocess.run([TOP / "scripts" / "kernel", name], check=True)
        return TOP / "dist" / "kernels" / name / "vmlinuz"
    out = subprocess.run([FETCH, "6.1"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(out.stdout.strip()) / "vmlinuz"


def link(name: str, to: Path) -> Path:
    """A file by a name relative to OUT, the current directory of these machines.

    Loaders tell hypervisors the paths of what they loaded, and where their
    length moved anything, numbers would depend on it.
    """
    path = Path(name)
    path.unlink(missing_ok=True)
    path.symlink_to(to)
    return path


def cpio_entry(name: str, mode: int, content: bytes) -> bytes:
    """A file of an archive as kernels take it ("newc")."""
    fields = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields)
    head += name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def initramfs() -> Path:
    """The whole system: the program. What else there is, is in the kernel."""
    path = Path("initramfs")
    path.write_bytes(
        cpio_entry("init", 0o100755, PROGRAM.read_bytes())
        + cpio_entry("TRAILER!!!", 0, b"")
    )
    return path


@dataclass
class Linux(lib_qemu.Setup):
    """A boot of the kernel, natively or as dom0, with a real ram disk."""

    initrd: Path | None = None

    def hypervisor(self) -> Path:
        if self.on == "native":
            return self.guest
        return link(f"hypervisor-{self.on}", super().hypervisor())

    def qemu(self, hypervisor: Path, module: str = "module") -> list[str]:
        argv = super().qemu(hypervisor, module)
        at = {o: argv.index(o) + 1 for o in ("-initrd", "-append", "-m")}
        if self.on == "native":
            argv[at["-initrd"]] = str(self.initrd)
            argv[at["-append"]] = f"console=ttyS0 {self.args}"
            argv[at["-m"]] = str(DOM0_MIB)
        else:
            line = self.args.replace(",", ",,")  # QEMU's own
            argv[at["-initrd"]] = f"{self.guest} console=hvc0 {line},{self.initrd}"
        # The same time and the same random numbers in every run.
        return argv + ["-rtc", "base=2026-01-01,clock=vm", "-seed", "1"]


def setup(on: str, args: str = "", name: str = "") -> Linux:
    """The machine: one CPU of the same kind everywhere, one tick an instruction."""
    os.chdir(OUT)
    if name.endswith("-stock"):  # has no console as domain 0, but an early one
        args += " earlyprintk=xen,keep printk.devkmsg=on log=y"
    return Linux(
        on=on,
        guest=link("vmlinuz", kernel(name)),
        args=f"{KERNEL_ARGS} {args}".strip(),
        smp=1,
        mem=1024,
        cpu="max,-smap",
        icount=True,
        cmdline=f"dom0_mem={DOM0_MIB}M",
        initrd=initramfs(),
        timeout=300,
    )


def run(setup: lib_qemu.Setup, name: str, wanted: list[str]) -> dict[str, int]:
    """Boot; the numbers that the guest printed."""
    outcome = lib_qemu.run(setup)
    wrong = outcome.judge(name)
    found = re.findall(r"\bBENCH (\S+) (\d+)$", outcome.log, re.MULTILINE)
    numbers = {name: int(n) for name, n in found}
    missing = [name for name in wanted if name not in numbers]
    if wrong or missing:
        print(outcome.log, file=sys.stderr)
        sys.exit(
            f"bench: on {setup.on}: {wrong or 'no number for ' + ', '.join(missing)}"
        )
    return numbers


def measure(on: str, name: str = "") -> dict[str, int]:
    """Instructions by operation, and BOOT; natively: on "native"."""
    wanted = [operation for operation, _, _ in PROGRAMS] + [BOOT]
    return run(setup(on, name=name), "programs", wanted)


def memory_taken(on: str) -> int:
    """KiB of a machine of 4 GiB that no domain can have."""
    machine = lib_bench.setup(on)
    machine.guest, machine.mem, machine.icount = MEMORY, 4096, False
    machine.cmdline = "dom0_mem=64M,max:8G"
    numbers = run(machine, MEMORY.name, ["ram", "domains"])
    return (numbers["ram"] - numbers["domains"]) * 4
