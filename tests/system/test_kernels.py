"""Our kernels as guests: tests/lib_domains.py's machine, domUs of dist/kernels.

`make test` has them built, ten minutes the first time; where they were not, what needs
them is skipped. On Xen 4.17: --on=oracle. KERNELS_NAME=linux-6.1-xenU-stock is the same
kernel with Linux's own Xen code: what passes with ours has to pass with that. So has it
with linux-6.1-xenU-lockdep and -kasan, which check themselves.

By hand, for it takes long: STRESS_SECONDS=600, stress-ng in a Debian of our kernel;
SELFTESTS=1, Linux's own self-tests, which are run with stock's kernel, too
(STRESS_VCPUS, 4: how many VCPUs either test gives it).
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from lib_domains import Dom0, Machine
from lib_qemu import TOP

kernels = pytest.mark.xdist_group("kernels")  # those on one machine

NAME = os.environ.get("KERNELS_NAME", "linux-6.1-xenU")
STOCK = "linux-6.1-xenU-stock"
VCPUS = int(os.environ.get("STRESS_VCPUS", "4"))
# What no kernel may say.
BAD = (
    "dmesg | grep -E 'WARNING|BUG|Call Trace|KASAN|INFO: (task|possible|suspicious)"
    "|xen: call|blocked for|lockup|stall' || true"
)


def overlay(image, beside):
    """A disk over the image that tests/debian/IMAGE makes, which stays as it is."""
    raw = subprocess.check_output([f"tests/debian/{image}"], cwd=TOP, text=True).strip()
    disk = beside.with_name(f"{image}.qcow2")
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", raw]
    subprocess.run([*create, disk], check=True)
    return disk


@pytest.fixture(scope="module")
def dom0(request, tmp_path_factory):
    """The machine; /dev/vda of domain 0 is for a domU's disk, /dev/vdb has Debian."""
    if not (TOP / "dist" / "kernels" / NAME).exists():
        pytest.skip(f"{NAME} is not built here: make kernels KERNELS={NAME}")
    subprocess.run(["scripts/kernel", NAME], cwd=TOP, check=True)
    disk = tmp_path_factory.mktemp("disk") / "disk"
    disk.touch()
    os.truncate(disk, 64 << 20)
    disks, kernels = [disk, overlay("image", disk)], [NAME]
    if "SELFTESTS" in os.environ:
        disks.append(overlay("selftests", disk))
        kernels.append(STOCK)
    on = request.config.getoption("--on")
    machine = Machine(on=on, disks=disks, kernels=kernels, mem=4096)
    with Dom0(machine, sys.stdout) as dom0:
        dom0.bridge()
        yield dom0
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


@pytest.fixture
def domain(dom0, request):
    """A running domU of our kernel, with a disk and a network; its log is clean after."""
    variables = {"memory": 256, "vcpus": 1} | getattr(request, "param", {})
    if variables["memory"] < 256 and NAME.endswith("kasan"):
        pytest.skip("an eighth of memory is KASAN's, and its kernel is twice as large")
    tool = variables.pop("tool", "xl")
    if tool == "xm":
        dom0.check("xend start")
    dom0.create(
        "u1",
        tool,
        linux=NAME,
        disk=["phy:/dev/vda,xvda,w"],
        address="10.0.0.2",
        **variables,
    )
    yield "u1"
    bad = "" if "on_crash" in variables else dom0.guest("u1", BAD).output
    dom0.check(f"{tool} destroy u1")
    if tool == "xm":
        dom0.check("xend stop")
    assert bad == ""


def wait_until(condition, what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.5)


@kernels
@pytest.mark.parametrize(
    "domain",
    [
        {"vcpus": 1, "memory": 64, "ramdisk": f"/guest/{NAME}/small"},
        {"vcpus": 2},
        {"vcpus": 4, "memory": 2048, "tool": "xm"},
    ],
    indirect=True,
    ids=["1-64M", "2-256M", "4-2G-xm"],
)
def test_runs(dom0, domain):
    """Comes up, with a disk and a network that carry what they are given."""
    series = NAME.split("-")[1]
    assert dom0.guest_check(domain, "uname -r").startswith(f"{series}.")
    dom0.check("ping -c 2 -W 10 10.0.0.2")
    dom0.guest_check(
        domain,
        "head -c 8M /dev/urandom > /tmp/a && dd if=/tmp/a of=/dev/xvda bs=64k conv=fsync\n"
        "echo 3 > /proc/sys/vm/drop_caches && head -c 8M /dev/xvda | cmp - /tmp/a",
    )


@contextlib.contextmanager
def load(dom0, domain):
    """Programs start, use memory, read it back, and end, all the time."""
    dom0.guest_check(
        domain,
        "cat > /tmp/work <<'END'\n"
        "while [ -e /tmp/load ]; do\n"
        "    head -c 3M /dev/urandom > /tmp/data.$1\n"
        "    a=$(cat /tmp/data.$1 | md5sum) b=$(md5sum < /tmp/data.$1)\n"
        '    [ "$a" = "$b" ] && echo good >> /tmp/result.$1 || echo bad >> /tmp/result.$1\n'
        "done; echo end >> /tmp/result.$1\nEND\n"
        "touch /tmp/load; for i in 1 2 3 4; do\n"
        "    sh /tmp/work $i > /dev/null 2>&1 &\n"
        "done",
    )
    yield
    dom0.guest_check(domain, "rm /tmp/load")
    results = []

    def ended():
        results[:] = dom0.guest_check(domain, "cat /tmp/result.*").split()
        return results.count("end") == 4

    wait_until(ended, "the load has ended")
    assert "bad" not in results and results.count("good") >= 4, results
    dom0.guest_check(domain, "rm /tmp/result.* /tmp/data.*")


@kernels
@pytest.mark.parametrize("domain", [{"vcpus": 2}], indirect=True, ids=["2"])
def test_cpus_off_and_on(dom0, domain):
    # Who brings a CPU up that came by xenstore is udev, or a person.
    up = "echo 1 > /sys/devices/system/cpu/cpu1/online; nproc"
    with load(dom0, domain):
        for _ in range(3):
            dom0.check("xl vcpu-set u1 1")
            wait_until(lambda: dom0.guest_check(domain, "nproc") == "1\n", "one CPU")
            dom0.check("xl vcpu-set u1 2")
            wait_until(lambda: dom0.guest_check(domain, up) == "2\n", "two CPUs")


@kernels
@pytest.mark.parametrize(
    "domain",
    [{"extra": "xencons=tty rdinit=/init"}, {"extra": "xencons=ttyS rdinit=/init"}],
    indirect=True,
    ids=["tty1", "ttyS0"],
)
def test_console_names(dom0, domain, request):
    """The console is what old images expect; the kernel and programs use it."""
    name = request.node.callspec.id
    assert dom0.guest_check(domain, "cat /sys/class/tty/console/active") == f"{name}\n"
    assert f"[{name}] enabled" in dom0.guest_check(domain, "dmesg")
    dom0.guest_check(domain, f"echo 'by that name' > /dev/{name}")
    assert "by that name" in dom0.console(domain)
    assert "Linux version" in dom0.console(domain)


@kernels
def test_console_off(dom0):
    """Nothing is said at all."""
    extra = "xencons=off rdinit=/usr/bin/busybox -- sleep 1000000"
    dom0.create("u1", linux=NAME, extra=extra, vif=["bridge=xen-br0"])
    state = "xenstore-read /local/domain/$(xl domid u1)/device/vif/0/state"
    wait_until(lambda: dom0.run(state).output == "4\n", "its drivers run")
    assert dom0.console("u1") == ""
    dom0.check("xl destroy u1")


@kernels
@pytest.mark.parametrize("domain", [{"vcpus": 2}], indirect=True, ids=["2"])
def test_nmi(dom0, domain):
    """One CPU has the others say what they do, by NMI; so have the tools, and by sysrq."""
    dom0.guest_check(domain, "echo l > /proc/sysrq-trigger")
    other = "dmesg | grep 'NMI backtrace for cpu'"
    wait_until(
        lambda: len(dom0.guest_check(domain, other).split("\n")) > 2, "both CPUs"
    )
    dom0.check("xl trigger u1 nmi 1")
    wait_until(
        lambda: dom0.guest(domain, "dmesg | grep 'NMI received'").output, "the tools'"
    )
    dom0.check("xl sysrq u1 m")
    wait_until(lambda: dom0.guest(domain, "dmesg | grep Mem-Info").output, "sysrq")
    dom0.guest_check(domain, "dmesg -c > /dev/null")


@kernels
@pytest.mark.parametrize("domain", [{"on_crash": "preserve"}], indirect=True, ids=["1"])
def test_crash(dom0, domain):
    """A kernel that panics says why, and the tools see that it crashed."""
    dom0.guest_check(
        domain, "(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &"
    )
    state = "xl list u1 | awk 'END { print $5 }'"
    wait_until(lambda: "c" in dom0.check(state), "it has crashed")
    assert "Kernel panic - not syncing: sysrq triggered crash" in dom0.console("u1")


@kernels
def test_balloon(dom0, domain):
    """Half of the memory goes, and comes back, while programs use theirs."""
    total = "awk '$1 == \"MemTotal:\" { print $2 }' /proc/meminfo"
    before = int(dom0.guest_check(domain, total))
    with load(dom0, domain):
        dom0.check("xl mem-set u1 128")
        wait_until(
            lambda: int(dom0.guest_check(domain, total)) <= before - (127 << 10),
            "the balloon has 128 MiB",
        )
        dom0.check("xl mem-set u1 256")
        wait_until(
            lambda: int(dom0.guest_check(domain, total)) == before, "all is back"
        )
    # By itself, as the first Linux for Xen had it.
    dom0.guest_check(
        domain, "mount -t xenfs xenfs /proc/xen; echo 192M > /proc/xen/balloon"
    )
    shrunk = f"{192 << 10} kB"
    wait_until(
        lambda: dom0.guest_check(domain, "cat /proc/xen/balloon").count(shrunk) == 2,
        "the balloon has 64 MiB",
    )
    assert dom0.guest(domain, "echo 10x > /proc/xen/balloon").status


@kernels
def test_more_memory(dom0, domain):
    """More than it was started for, once that is allowed."""
    total = "awk '$1 == \"MemTotal:\" { print $2 }' /proc/meminfo"
    before = int(dom0.guest_check(domain, total))
    target = "/sys/devices/system/xen_memory/xen_memory0/target_kb"
    dom0.guest_check(domain, f"echo {400 << 10} > {target}")
    dom0.check("xl mem-max u1 400")
    dom0.guest_check(domain, f"echo {400 << 10} > {target}")
    # What Linux knows of memory costs memory: 1/64.
    wait_until(
        lambda: int(dom0.guest_check(domain, total)) > before + (144 << 10) * 62 // 64,
        "there is more",
    )
    dom0.guest_check(
        domain,
        "mount -o remount,size=330M /tmp; head -c 320M /dev/zero | tee /tmp/a | md5sum;"
        " md5sum < /tmp/a; rm /tmp/a",
    )
    dom0.guest_check(domain, f"echo {256 << 10} > {target}")
    wait_until(
        lambda: int(dom0.guest_check(domain, total)) <= before, "it is as it was"
    )


def debian(dom0, linux=NAME, disks=(), vcpus=VCPUS, memory=1536) -> None:
    """Start Debian as d1."""
    disk = ["phy:/dev/vdb,xvda,w", *disks]
    dom0.debian("d1", linux=linux, disk=disk, vcpus=vcpus, memory=memory)


def debian_ends(dom0) -> None:
    """No complaint in its log; it shuts down."""
    assert dom0.guest_check("d1", BAD) == ""
    dom0.check("xl shutdown -w d1")
    wait_until(lambda: dom0.run("xl domid d1").status != 0, "it is gone")


@kernels
def test_debian(dom0):
    """A user space with systemd comes up to its login; its compiler and apt work."""
    debian(dom0, vcpus=2, memory=512)
    assert dom0.guest_check("d1", "systemctl --failed --no-legend") == ""
    hello = '#include <stdio.h>\nint main(void) { return puts("compiled") < 0; }'
    compiled = f"echo '{hello}' > a.c; gcc -O2 -o a a.c && ./a"
    assert dom0.guest_check("d1", compiled) == "compiled\n"
    installed = "apt-get install -qqy ./hello*.deb > apt.log 2>&1 || cat apt.log; hello"
    assert dom0.guest_check("d1", installed) == "Hello, world!\n"
    debian_ends(dom0)


@kernels
@pytest.mark.skipif("STRESS_SECONDS" not in os.environ, reason="STRESS_SECONDS=600")
def test_stress(dom0):
    """Everything that programs do, for a long time: nobody complains."""
    seconds = int(os.environ["STRESS_SECONDS"])
    debian(dom0)
    stress = (
        "cd /tmp && stress-ng --cpu 1 --vm 2 --vm-bytes 30% --fork 2 --mmap 1 --signal 1"
        " --futex 2 --switch 2 --timer 1 --pthread 2 --mremap 1 --mprotect 1 --sockpair 1"
        f" --fp 1 --brk 1 --hdd 1 --hdd-bytes 16m --timeout {seconds} --verify"
    )
    print(dom0.guest_check("d1", stress, timeout=6 * seconds + 600))
    debian_ends(dom0)


@kernels
@pytest.mark.skipif("SELFTESTS" not in os.environ, reason="takes an hour: SELFTESTS=1")
def test_selftests(dom0):
    """What of Linux's self-tests passes with Linux's own Xen code passes with ours."""
    results = {}
    for linux in (STOCK, NAME):
        debian(dom0, linux, ["phy:/dev/vdc,xvdb,w"])
        out = dom0.guest_check(
            "d1",
            "mount /dev/xvdb /mnt && cd /mnt && ./run_kselftest.sh 2>&1; true",
            timeout=7200,
        )
        print(out)
        lines = re.findall(r"^(not )?ok \d+ (selftests: .*)$", out, re.MULTILINE)
        results[linux] = {line[1] for line in lines if not line[0]}
        assert len(lines) > 100, out
        assert dom0.guest_check("d1", BAD) == "" or linux == STOCK
        dom0.check("xl destroy d1")
    print(f"passed: {sorted(results[NAME])}")
    assert results[STOCK] - results[NAME] == set()


def test_refused(tmp_path):
    """What cannot be built is refused by name, before anything is."""

    def kernel(name, **environment):
        return subprocess.run(
            ["scripts/kernel", name],
            cwd=tmp_path / "tree",
            capture_output=True,
            text=True,
            env=os.environ | environment,
        )

    tree = tmp_path / "tree"
    for part in ("scripts", "buildconfigs", "guest", "backend"):
        shutil.copytree(TOP / part, tree / part)
    result = kernel("linux-2.6-xen0")
    assert result.returncode and "no kernel 'linux-2.6-xen0'" in result.stderr
    assert "linux-6.1-xenU" in result.stderr
    (tree / "buildconfigs" / "linux-5.10-xenU").write_text(
        "SOURCE=linux-source-5.10\nCONFIGS=common.config\nOVERLAY=y\n"
    )
    result = kernel("linux-5.10-xenU")
    assert result.returncode and "linux-source-5.10" in result.stderr
    patch = tree / "guest" / "patches" / "zz-stale.patch"
    patch.parent.mkdir(exist_ok=True)
    patch.write_text(
        "--- a/Makefile\n+++ b/Makefile\n@@ -1 +1 @@\n-# no such line\n+# none\n"
    )
    result = kernel("linux-6.1-xenU")
    assert result.returncode and "zz-stale.patch does not apply" in result.stderr
