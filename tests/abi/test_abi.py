# SPDX-License-Identifier: MIT
"""The public ABI: include/xen is equal to Xen's headers, and the check can fail."""

import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent


def test_equal_to_xen():
    result = subprocess.run(
        ["make", "-C", str(HERE), "check"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"abi: \d+ headers, \d{4,} entries .*, 0 problems", result.stdout)


# What could go wrong in a header, and how the check must complain.
BREAKS = {
    "a constant": (
        "sched.h",
        "#define SCHEDOP_poll\t\t\t3",
        "#define SCHEDOP_poll\t\t\t9",
        "SCHEDOP_poll: ours 0x9, Xen's 0x3",
    ),
    "a field's size": (
        "grant_table.h",
        "uint32_t flags;\t\t\t/* [in] GNTMAP_* */",
        "uint16_t flags;",
        "size struct gnttab_map_grant_ref.flags: ours 0x2, Xen's 0x4",
    ),
    "a field's place": (
        "arch-x86/xen.h",
        "\tunsigned long p2m_cr3;\n\tunsigned long p2m_vaddr;\n",
        "\tunsigned long p2m_vaddr;\n\tunsigned long p2m_cr3;\n",
        "offset struct arch_shared_info.p2m_cr3: ours 0x20, Xen's 0x18",
    ),
    "a field's sign": (
        "xen.h",
        "int8_t tsc_shift;",
        "uint8_t tsc_shift;",
        "signed struct vcpu_time_info.tsc_shift: ours 0, Xen's 0x1",
    ),
    "a field more": (
        "vcpu.h",
        "uint32_t rsvd;",
        "uint32_t rsvd, extra;",
        "ours have, and Xen's headers lack: offset struct vcpu_register_vcpu_info.extra",
    ),
    "a name less": (
        "event_channel.h",
        "#define EVTCHNOP_unmask\t\t\t9\n",
        "",
        "Xen's headers have, and ours lack: EVTCHNOP_unmask",
    ),
    "a name more": (
        "features.h",
        "#define XENFEAT_NR_SUBMAPS\t\t\t1",
        "#define XENFEAT_NR_SUBMAPS\t1\n#define XENFEAT_invented\t31",
        "ours have, and Xen's headers lack: XENFEAT_invented",
    ),
    "C in assembly": (
        "arch-x86/xen.h",
        "#define XEN_X86_EMU_PM\t\t(xen_mk_uint(1) <<",
        "#define XEN_X86_EMU_PM\t\t((uint32_t)1 <<",
        "not usable from assembly",
    ),
    "a text": (
        "io/protocols.h",
        '"x86_64-abi"',
        '"x86-64-abi"',
        "XEN_IO_PROTO_ABI_X86_64: ours",
    ),
    "a bit field": (
        "trace.h",
        "extra_u32 : 3;",
        "extra_u32 : 2;",
        "bits struct t_rec.extra_u32: ours",
    ),
    "a ring macro": (
        "io/ring.h",
        "(_r)->sring->req_event = (_r)->req_cons + 1;",
        "(_r)->sring->req_event = (_r)->req_cons;",
        "behaviour.c: output differs",
    ),
}


def test_breaks_are_noticed(tmp_path):
    """All breaks in one copy of the headers: every complaint must be there."""
    root = tmp_path / "include" / "xen"
    shutil.copytree(TOP / "include" / "xen", root)
    for header, old, new, _ in BREAKS.values():
        text = (root / header).read_text()
        assert text.count(old) == 1, "the break no longer fits %s: %s" % (header, old)
        (root / header).write_text(text.replace(old, new))

    command = [sys.executable, str(HERE / "abi.py"), "--include", str(root.parent)]
    command += ["--xen-include", "/usr/include", "--build", str(tmp_path / "build")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1, result.stderr
    missed = [name for name, b in BREAKS.items() if b[3] not in result.stderr]
    assert not missed, result.stderr
