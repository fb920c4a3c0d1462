"""One machine of tests/matrix: the four domains that are made on it."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Iterator

from lib_domains import Died, Dom0, Machine
from lib_qemu import TOP

KERNELS = {"ours": "linux-6.1-xenU", "stock": ""}
DOM0_KERNELS = {"ours": "linux-6.1-xen0", "stock": ""}
FIO = (
    "fio --name=verify --filename=/dev/xvda --ioengine=libaio --iodepth=8 --direct=1"
    " --rw=randwrite --bsrange=4k-64k --verify=crc32c --verify_fatal=1 --eta=never"
    " --output-format=terse --size=32m"
)


def works(dom0, kernel: str, tool: str) -> None:
    """A domain's life; raises AssertionError with what did not work."""
    if tool == "xm":
        dom0.check("xend start")
    before = dom0.check("xenstore-list /local/domain")
    disk = ["phy:/dev/vda,xvda,w"]
    dom0.create("m1", tool, linux=KERNELS[kernel], disk=disk, address="10.0.0.2")
    dom0.guest_check("m1", FIO)
    dom0.check("ping -c 3 -W 10 10.0.0.2")
    for direction in "", "-R":
        sent = dom0.guest_check("m1", f"iperf3 -t 2 -c 10.0.0.1 {direction}")
        assert re.search(r"[1-9]\d*.* receiver", sent), sent
    # guest_check() types at the console and reads there what comes back; and:
    assert "Linux version" in dom0.guest_check("m1", "cat /proc/version")
    dom0.guest_check("m1", "echo 'said by m1' > /dev/console")
    assert "said by m1" in dom0.console("m1"), dom0.console("m1")
    dom0.check(f"{tool} shutdown -w m1")
    deadline = time.monotonic() + 120
    while dom0.check("xenstore-list /local/domain") != before:
        assert time.monotonic() < deadline, "it is still in xenstore after its shutdown"
        time.sleep(0.5)
    if tool == "xm":
        dom0.check("xend stop")


def machine(on: str, dom0_kernel: str, stream=None) -> Iterator[tuple[str, str, str]]:
    """Boot it; yields kernel, tools and what did not work ("": all did) of each domain."""
    cells = [(kernel, tool) for kernel in KERNELS for tool in ("xm", "xl")]
    for name in DOM0_KERNELS[dom0_kernel], KERNELS["ours"]:
        if name:
            subprocess.run(["scripts/kernel", name], cwd=TOP, check=True)
    with tempfile.NamedTemporaryFile(prefix="xenolith-disk-") as disk:
        os.truncate(disk.name, 64 << 20)
        setup = Machine(
            on=on,
            linux=DOM0_KERNELS[dom0_kernel],
            kernels=[KERNELS["ours"]],
            disks=[Path(disk.name)],
        )
        try:
            with Dom0(setup, stream) as dom0:
                dom0.bridge()
                dom0.check("iperf3 -s -D")
                while cells:
                    result = ""
                    try:
                        works(dom0, *cells[0])
                    except AssertionError as e:
                        result = str(e).strip()
                        dom0.run("xl destroy m1; xend stop")
                    yield *cells.pop(0), result
                end = dom0.power_off()
                assert end == "guest-shutdown", f"the machine ended by: {end}"
                assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()
        except (Died, AssertionError) as e:
            # The machine's fault: of those that are left, and of domain 0 itself.
            for cell in cells or [("any", "any")]:
                yield *cell, str(e).strip()
