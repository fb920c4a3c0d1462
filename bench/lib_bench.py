"""What bench/run and bench/profile share: the operations, building, booting.

The hypervisor is built without debugging, whatever else the tree is built as,
and into a directory of its own, so that another build does not get in the way.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
OUT = TOP / "build" / "bench"
GUEST = OUT / "guest"
SYMBOLS = OUT / "dist" / "xenolith-syms"

sys.path.insert(0, str(TOP / "tests"))
import lib_qemu

lib_qemu.OURS = OUT / "dist" / "xenolith"

# The guest's name of the operation, what people call it, and how many
# instructions it may take: the cost table of the design.
OPERATIONS = [
    ("null", "null hypercall", 90),
    ("multicall_32", "multicall of 32", 1500),
    ("exception", "exception bounced to the guest and back", 400),
    ("page_fault", "page fault bounced and back", 430),
    ("update_va_mapping", "update_va_mapping", 300),
    ("mmu_update_1", "mmu_update, 1 entry", 350),
    ("mmu_update_32", "mmu_update, 32 entries", 6500),
    ("trapped_write", "trapped page-table write", 800),
    ("pin_unpin", "pin and unpin an L1 table of 512 entries", 40000),
    ("tlb_flush", "mmuext: TLB flush", 180),
    ("invlpg", "mmuext: invlpg", 180),
    ("new_baseptr", "mmuext: new baseptr", 250),
    ("stack_switch", "stack_switch", 100),
    ("set_segment_base", "set_segment_base", 100),
    ("fpu_taskswitch", "fpu_taskswitch", 100),
    ("cpuid", "CPUID emulated (prefix)", 250),
    ("rdmsr", "RDMSR emulated", 500),
    ("yield", "sched_op yield, nothing else to run", 600),
    ("event_send", "event send to self", 180),
    ("grant_map_unmap", "grant map and unmap", 900),
]


def build() -> None:
    """Bring hypervisor and guest up to date, both without make's outer options."""
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    make = ["make", "-s", f"-j{os.cpu_count()}"]
    for what in (["hypervisor", f"DIST={OUT / 'dist'}"], ["bench"]):
        command = [*make, "-C", *what]
        if subprocess.run(command, cwd=TOP, env=env, stdout=sys.stderr).returncode:
            sys.exit(f"bench: {what[0]} does not build")


def setup(on: str, args: str = "") -> lib_qemu.Setup:
    """The machine: the same for both hypervisors, and one tick an instruction."""
    # SMAP is off on both, because under it Xen's dom0 does not start in QEMU.
    return lib_qemu.Setup(
        on=on, guest=GUEST, args=args, smp=1, cpu="max,-smap", icount=True, timeout=240
    )


def measure(on: str) -> dict[str, int | None]:
    """Instructions by operation on one hypervisor; None: not built there."""
    outcome = lib_qemu.run(setup(on))
    wrong = outcome.judge(GUEST.name)
    costs = {
        name: None if cost == "not-built" else int(cost)
        for name, cost in re.findall(
            r"^BENCH (\S+) (\d+|not-built)$", outcome.log, re.MULTILINE
        )
    }
    missing = [name for name, _, _ in OPERATIONS if name not in costs]
    if wrong or missing:
        print(outcome.log, file=sys.stderr)
        sys.exit(f"bench: on {on}: {wrong or 'no number for ' + ', '.join(missing)}")
    return costs
