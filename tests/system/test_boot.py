"""Every way to boot, and every kind of machine: each must reach the first guest.

The guest's own result line is what counts: it comes out only when memory map,
modules, command line, CPUs, timers and the console all did their part.
"""

import os
import re
import subprocess
from pathlib import Path

import lib_qemu
import pexpect
import pytest
from lib_system import GrubSetup

GUEST = lib_qemu.GUESTS / "start_of_day"


def boot(setup):
    """Boot, demand the right end, and return the console's text."""
    outcome = lib_qemu.run(setup)
    wrong = outcome.judge("start_of_day", demand_audit=True)
    assert not wrong, f"{wrong}\n{outcome.log}"
    return outcome.log


def cpus_online(log):
    found = re.search(r"(?:Brought up )?(\d+) CPUs(?: online)?$", log, re.MULTILINE)
    assert found, f"no count of CPUs on the console\n{log}"
    return int(found.group(1))


MACHINES = {
    "default": {},
    "smp-4": {"smp": 4},
    "smp-32": {"smp": 32},
    "512M": {"mem": 512},
    "6G": {"mem": 6144},
    "pc": {"machine": "pc"},
    "pc-smp-4-6G": {"machine": "pc", "smp": 4, "mem": 6144},
    "qemu64": {"cpu": "qemu64"},
    "qemu64-smp-4": {"cpu": "qemu64", "smp": 4},
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_kernel(on, machine):
    """QEMU's -kernel: multiboot, with no firmware's disc and no boot loader."""
    log = boot(lib_qemu.Setup(on=on, guest=GUEST, **machine))
    assert cpus_online(log) == machine.get("smp", 1)


DISCS = {
    "bios-multiboot2": {},
    "bios-multiboot": {"entry": "multiboot"},
    "bios-multiboot2-pc-6G": {"machine": "pc", "mem": 6144},
    "bios-multiboot-pc-6G": {"machine": "pc", "mem": 6144, "entry": "multiboot"},
    "uefi": {"firmware": "uefi"},
    "uefi-pc": {"firmware": "uefi", "machine": "pc"},
    "uefi-6G": {"firmware": "uefi", "mem": 6144},
    "uefi-qemu64": {"firmware": "uefi", "cpu": "qemu64"},
}


@pytest.mark.parametrize("disc", DISCS.values(), ids=DISCS)
def test_grub(on, tmp_path, disc):
    """A disc with GRUB; 512 MiB and four CPUs unless it says otherwise."""
    setup = {"smp": 4, "mem": 512} | disc
    log = boot(GrubSetup(on=on, guest=GUEST, image=tmp_path / "disc.iso", **setup))
    assert cpus_online(log) == 4


def test_grub_mkconfig_words(on, tmp_path):
    """What grub-mkconfig writes into menus beside one's own words does no harm."""
    if on == "oracle":
        pytest.skip("Xen 4.17 leaves the word in domain 0's command line")
    setup = GrubSetup(on=on, guest=GUEST, image=tmp_path / "disc.iso")
    setup.args = f"placeholder {setup.args}"
    setup.cmdline = "no-real-mode edd=off"
    log = boot(setup)
    assert not re.search(r"option .*(unknown|malformed)", log), log


def test_grub_multiboot1_on_uefi(on, tmp_path):
    """Multiboot 1 cannot say where a UEFI machine's ACPI tables are: one CPU, but it boots."""
    if on != "ours":
        pytest.skip("Xen stops without a word")
    setup = {"firmware": "uefi", "entry": "multiboot", "smp": 4, "mem": 512}
    image = tmp_path / "disc.iso"
    outcome = lib_qemu.run(GrubSetup(on=on, guest=GUEST, image=image, **setup))
    # Nor does it know how to switch the machine off, so judge() would object.
    assert outcome.results == ["start_of_day PASS"], outcome.log
    assert outcome.action == "halt"
    assert "acpi: this machine has none" in outcome.log
    assert cpus_online(outcome.log) == 1


@pytest.mark.parametrize("kernel", ["stock", "ours"])
def test_linux_on_uefi(on, tmp_path, kernel):
    """Domain 0 finds UEFI's tables, and by them ACPI's."""
    directory = lib_qemu.TOP / "dist" / "kernels" / "linux-6.1-xen0"
    if kernel == "stock":
        fetch = [lib_qemu.TOP / "tests" / "linux" / "fetch", "6.1"]
        directory = Path(subprocess.check_output(fetch, text=True).strip())
    setup = GrubSetup(
        on=on,
        guest=directory / "vmlinuz",
        image=tmp_path / "disc.iso",
        firmware="uefi",
        cmdline="dom0_mem=512M",
        cpu="max,-smap",
        mem=1024,
        args="console=hvc0 panic=-1",
    )
    log = lib_qemu.run(setup).log
    assert re.search(r"efi: EFI v[0-9.]* by EDK II", log), log
    assert re.search(r"ACPI: RSDP 0x0*[1-9A-F]", log), log
    assert "Unable to mount root fs" in log  # there is none


SCREENS = {
    "bios": ({}, "text"),
    "uefi": ({"firmware": "uefi"}, "EFI framebuffer"),
    # Which does not say that it was UEFI.
    "uefi-multiboot": ({"firmware": "uefi", "entry": "multiboot"}, "VESA framebuffer"),
}


@pytest.mark.parametrize("disc, screen", SCREENS.values(), ids=SCREENS)
def test_screen(on, tmp_path, disc, screen):
    """What the boot loader leaves the screen like, the first guest is told."""
    if on != "ours" and "entry" in disc:
        pytest.skip("Xen stops without a word")
    guest = lib_qemu.GUESTS / "screen"
    setup = GrubSetup(on=on, guest=guest, image=tmp_path / "disc.iso", **disc)
    log = lib_qemu.run(setup).log
    assert "RESULT screen PASS" in log, log
    assert f"SCREEN {screen}" in log, log


def make_run(**variables):
    """`make run` as far as it boots, with these variables, up to GRUB's menu."""
    environment = os.environ | {"GUEST": "", "ARGS": ""} | variables
    run = lib_qemu.TOP / "scripts" / "run"
    child = pexpect.spawn(str(run), timeout=300, env=environment, encoding="latin-1")
    for text in ["Ctrl-a x", "by multiboot2", "by multiboot"]:
        child.expect(text)
    return child


def test_make_run(on):
    """The system: domain 0, a domain that it creates, which pings out and writes."""
    if on != "ours":
        pytest.skip("make run boots ours")
    child = make_run()
    for text in [
        "# xend start",
        "Created domain u1, number 1",
        " 0% packet loss",
        "of=/dev/xvda",
        r"8\+0 records out",
        "of=/dev/xvdb",
        r"8\+0 records out",
        r"Domain-0 +0 +10\d\d +2 +r",
        r"u1 +1 +256 +1 ",
        "xm console u1",
        "bash.*#",
    ]:
        child.expect(text)
    child.send("xm destroy u1; poweroff -f\r")
    child.expect(["powering off", "Power down"])
    child.expect(pexpect.EOF)


def test_make_run_own(on, tmp_path):
    """A user's own kernel, disk and configuration; what is not there is named."""
    if on != "ours":
        pytest.skip("make run boots ours")
    disk, config = tmp_path / "disk", tmp_path / "config"
    disk.touch()
    os.truncate(disk, 1 << 20)
    config.write_text(
        'name = "mine"\nkernel = "/guest/kernel"\nmemory = 128\n'
        'ramdisk = "/guest/linux-6.1-xenU/initramfs"\n'
        'disk = ["phy:/dev/vdb,xvda,w"]\nextra = "console=hvc0 rdinit=/init"\n'
    )
    kernel = lib_qemu.TOP / "dist" / "kernels" / "linux-6.1-xen0" / "vmlinuz"
    child = make_run(KERNEL=str(kernel), DISK=str(disk), CONFIG=str(config))
    child.expect("Created domain mine, number 1")
    child.expect("bash.*#")
    child.send("guest mine 'uname -r; cat /sys/block/xvda/size'\r")
    child.expect(r"6\.1\.\S*-xen0[\r\n]+2048[\r\n]")
    child.send("\x01x")
    child.expect(pexpect.EOF)


@pytest.mark.parametrize("option", ["KERNEL", "DISK", "CONFIG"])
def test_make_run_names_what_is_not_there(option):
    words = [lib_qemu.TOP / "scripts" / "run"]
    environment = os.environ | {"GUEST": "", option: "/nowhere"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 2 and done.stderr == "run: there is no file /nowhere\n"


def test_make_run_demo(on):
    """A small guest instead, the way to type to it, and the way out."""
    if on != "ours":
        pytest.skip("make run boots ours")
    child = make_run(GUEST="demo", ARGS="stay")
    child.expect("demo: ready")
    child.send("!")
    child.expect("demo: typed !")
    child.send("\x01x")
    child.expect(pexpect.EOF)
