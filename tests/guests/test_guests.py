"""Every test guest, on our hypervisor and on the oracle: both must be right.

A guest that fails on the oracle states the ABI wrongly; one that fails on ours
alone found a bug in ours. The oracle's outcome is remembered (lib_qemu.py),
ours always runs. Guests are built by `make -C tests/guests`.
"""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import lib_qemu

# Guests in which ours legitimately differs from Xen 4.17: name -> reason.
# A guest in this table runs on ours only.
DIFFERENT = {
    "acpi_sleep_refused": "Xen enters S1, S2 and S4, and S3 with whatever type",
    "linear_pt": "linear page tables are refused, as Xen does with pv-linear-pt=no",
}

NAMES = sorted(p.stem for p in Path(__file__).parent.glob("*.c"))


def boot(on: str, name: str):
    setup = lib_qemu.Setup(
        on=on, guest=lib_qemu.GUESTS / name, **lib_qemu.NEEDS.get(name, {})
    )
    return lib_qemu.run_cached(setup)


def verdict(on: str, name: str, audit: bool) -> None:
    outcome = boot(on, name)
    wrong = outcome.judge(name, demand_audit=audit)
    if wrong:
        pytest.fail(f"{name} on {on}: {wrong}\n{outcome.log[-6000:]}", pytrace=False)


def test_there_are_guests():
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_on_oracle(name):
    if name in DIFFERENT:
        pytest.skip(f"ours differs from Xen: {DIFFERENT[name]}")
    verdict("oracle", name, audit=False)


@pytest.mark.parametrize("name", NAMES)
def test_on_ours(name):
    if not lib_qemu.OURS.exists():
        pytest.skip(
            "our hypervisor is not built: dist/install/boot/xenolith is missing"
        )
    verdict("ours", name, audit=True)


# Domains that crash, and what must be said of each, as patterns.
CRASHES = {
    "crash_iret": [r"iret: frame at 0+1000 not readable", "in a hypercall"],
    "crash_no_handler": [r"no handler for exception 6", r"vector 6 error 0000"],
    "crash_stack": [r"kernel stack at 0+fc8 is not writable", r"vector 6 error 0000"],
    "crash_user_stack": [
        r"kernel stack at 0+fc8 is not writable",
        "on the way of SYSCALL",
    ],
}


@pytest.mark.parametrize("name", CRASHES)
def test_crash_says_why(name):
    log = boot("ours", name).log
    for pattern in CRASHES[name]:
        assert re.search(rf"\(XL\) .*{pattern}", log), log[-6000:]
    assert "4294967295" not in log, log[-6000:]
