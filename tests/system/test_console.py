"""The console as an operator meets it: options, serial lines, the screen, keys."""

import re

import lib_qemu
import pytest
from lib_system import Console, wait_until

DEMO = lib_qemu.GUESTS / "demo"

PREFIX = {"ours": "(XL) ", "oracle": "(XEN) "}  # of each line that the hypervisor says
SWITCH = "\x01" * 3  # Ctrl-a three times


def boot(on, cmdline, **machine):
    """Boot with these options; the guest must pass. Returns the console's text."""
    outcome = lib_qemu.run(
        lib_qemu.Setup(on=on, guest=DEMO, cmdline=cmdline, **machine)
    )
    wrong = outcome.judge("demo")
    assert not wrong, f"{wrong}\n{outcome.log}"
    return outcome.log


def demo(on, cmdline="", extra=()):
    """The demo guest, staying up until q is typed to it."""
    setup = lib_qemu.Setup(on=on, guest=DEMO, args="stay", cmdline=cmdline, timeout=30)
    return Console(setup, extra)


def ours_only(on, why):
    if on != "ours":
        pytest.skip(why)


# Options


@pytest.mark.parametrize("word", ["bogus", "bogus=1", "no-bogus", "x" * 300])
def test_unknown_option_is_named(on, word):
    ours_only(on, "the wording is ours")
    log = boot(on, f"{word} sync_console")
    assert re.search(rf"option '?{re.escape(word.split('=')[0])}", log), log


@pytest.mark.parametrize(
    "word",
    [
        "mem=lots",
        "mem=",
        "loglvl=loud",
        "com1=fast",
        "noreboot=perhaps",
        "apic_verbosity=x",
    ],
)
def test_malformed_option_is_named(on, word):
    ours_only(on, "the wording is ours")
    name, value = word.split("=")
    assert f"option {name}: malformed value '{value}'" in boot(on, word)


LATER = "watchdog badpage=5 nmi=dom0 dom0_mem=64M sched=rrobin tbuf_size=4 noirqbalance"
NOW = "lapic apic_verbosity=debug acpi=on sync_console conswitch=b noreboot"


def test_every_documented_option_is_known(on):
    log = boot(on, f"{LATER} {NOW}")
    assert "unknown" not in log.lower().split("dom0")[0], log


def ram(log):
    found = re.search(r"RAM: (\d+) ?M", log)
    assert found, log
    return int(found.group(1))


def test_mem(on):
    assert ram(boot(on, "mem=128M", mem=256)) <= 128 < ram(boot(on, "", mem=256)) <= 256


def test_dom0_has_the_memory_of_its_ram_disk(on):
    """The loader's copy of it is free memory once the domain has its own."""
    ours_only(on, "says it in another way")
    amounts = []
    for module in (0, 16 << 20):
        log = boot(on, "dom0_mem=-0", mem=512, module=module)
        amounts.append(int(re.search(r"Domain 0: (\d+) MiB", log).group(1)))
    assert amounts[0] - amounts[1] <= 1, amounts


def test_nosmp(on):
    log = boot(on, "nosmp", smp=4)
    assert re.search(r"One CPU|Brought up 1 CPU", log), log


def test_nolapic_and_noapic_still_boot(on):
    ours_only(on, "Xen panics here without one")
    boot(on, "noapic")
    boot(on, "nolapic")


def test_acpi_off_still_boots(on):
    """To the end: without ACPI, nobody knows how to switch the machine off."""
    ours_only(on, "Xen panics here without ACPI")
    outcome = lib_qemu.run(lib_qemu.Setup(on=on, guest=DEMO, cmdline="acpi=off"))
    assert outcome.results == ["demo PASS"], outcome.log
    assert outcome.action == "halt"


def test_loglvl(on):
    """Less of the hypervisor's talk; what the guest prints stays."""
    everything = boot(on, "loglvl=all")
    errors = boot(on, "loglvl=error")
    assert errors.count(PREFIX[on]) < everything.count(PREFIX[on]) / 2


def test_noreboot(on):
    """A crash of dom0 reboots the machine, and with noreboot halts it."""
    setup = {"on": on, "guest": lib_qemu.GUESTS / "shutdown_crash"}
    assert lib_qemu.run(lib_qemu.Setup(**setup)).action == "reset"
    assert lib_qemu.run(lib_qemu.Setup(cmdline="noreboot", **setup)).action == "halt"


# Where the text goes


@pytest.mark.parametrize(
    "line",
    ["com1=115200,8n1", "com1=115200/1843200,8n1,0x3f8,4", "com1=9600", "com1=auto"],
)
def test_com1_forms(on, line):
    boot(on, line)


def test_com2(on, tmp_path):
    """The console on the second line, and nothing more on the first."""
    second = tmp_path / "com2"
    with demo(
        on, "com2=115200,8n1 console=com2", ["-serial", f"file:{second}"]
    ) as machine:
        wait_until(lambda: second.exists() and "demo: ready" in second.read_text())
        assert machine.pending() == ""


def test_screen(on):
    ours_only(on, "Xen clears the screen when dom0 starts")
    with demo(on, "console=vga") as machine:
        machine.wait_for_screen(PREFIX[on])


def test_serial_and_screen(on):
    ours_only(on, "Xen clears the screen when dom0 starts")
    with demo(on, "console=vga,com1") as machine:
        machine.expect("demo: ready")
        machine.wait_for_screen(PREFIX[on])


# Keys


def test_guest_reads_what_is_typed(on):
    with demo(on) as machine:
        machine.expect("demo: ready")
        machine.type("a")
        machine.expect("demo: typed a")
        machine.type("q")
        machine.expect("RESULT demo PASS")


def test_switch_and_help(on):
    """Ctrl-a three times: keys are the hypervisor's; again: the guest's."""
    with demo(on) as machine:
        machine.expect("demo: ready")
        machine.type(SWITCH)
        machine.expect("input")
        machine.type("h")
        machine.expect("keys, when|installed handlers", "[Rr]e(start|boot)")
        machine.type(SWITCH)
        machine.expect("input")
        machine.type("b")
        assert "demo: typed h" not in machine.expect("demo: typed b")


def test_conswitch_names_the_key(on):
    with demo(on, "conswitch=b") as machine:
        machine.expect("demo: ready")
        machine.type("\x02" * 3)
        machine.expect("input")


def test_conswitch_x_keeps_input(on):
    """conswitch=ax: the hypervisor keeps the input when dom0 starts."""
    with demo(on, "conswitch=ax") as machine:
        machine.expect("demo: ready")
        machine.type("h")
        machine.expect("keys, when|installed handlers")


def test_key_reboots(on):
    with demo(on, "conswitch=ax") as machine:
        machine.expect("demo: ready")
        machine.type("R")
        assert machine.end() == "guest-reset"
