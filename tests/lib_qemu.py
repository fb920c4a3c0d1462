"""Boot a test guest as dom0 of a hypervisor under QEMU and say what happened.

Shared by tests/run-guest and the pytest files. The machine is watched from
outside through QMP, never believed from its own console:

    poweroff  the machine switched itself off (ACPI)
    reset     the machine was reset
    halt      every CPU halts with interrupts off: nothing can ever happen again
    timeout   none of these in time

What Xen 4.17 does to the machine when dom0 (here: the guest) shuts down, as
seen on the oracle, and what is demanded of ours:

    SHUTDOWN_poweroff   halt   (powering off is dom0's work, through ACPI); ours
                        switches the machine off
    SHUTDOWN_reboot     reset, at once
    SHUTDOWN_watchdog   reset, at once
    SHUTDOWN_crash      reset, after five seconds
    SHUTDOWN_suspend    reset, after five seconds, as for any unknown reason
    "noreboot" given    halt instead of reset
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
GUESTS = TOP / "build" / "tests" / "guests"
OURS = TOP / "dist" / "install" / "boot" / "xenolith"
FETCH = TOP / "tests" / "oracle" / "fetch"

# The hypervisor's command line; the same words for both.
BASE_CMDLINE = "console=com1 com1=115200,8n1 dom0_mem=64M loglvl=all guest_loglvl=all"

# Change this when _watch() finds other outcomes than before: it ages what was
# remembered of the oracle.
WATCH_VERSION = 1

# The guest's command line unless another is asked for; start_of_day checks it.
GUEST_ARGS = "root=/dev/none quiet"

RESULT = re.compile(r"RESULT (\S+) (PASS|FAIL: .*|EXPECT-\w+)$", re.MULTILINE)

# Guests that need another machine than the default one (fields of Setup).
NEEDS = {
    "start_module": {"module": 5000},
    "start_module_pfn": {"module": 5000},
    "failsafe": {"cmdline": "dom0_max_vcpus=2"},
    "mca": {"smp": 2},
    "iomem": {"devices": ["e1000e,romfile="]},
    "fpu_switch": {"cmdline": "dom0_max_vcpus=2 spec-ctrl=eager-fpu"},
    "pirq": {"devices": ["edu", "e1000e,romfile="]},
    "shares": {"icount": True, "timeout": 600},
    "sysctl": {"smp": 2},
    "sysenter": {"cpu": "max,vendor=GenuineIntel", "smp": 2},
    "vcpu_op": {"smp": 2},
}


def oracle_path() -> Path:
    """Where the real Xen is; fetched if it is not there yet."""
    out = subprocess.run([FETCH], stdout=subprocess.PIPE, text=True, check=True)
    return Path(out.stdout.strip())


@dataclass
class Setup:
    """One boot: what is run on what machine."""

    on: str  # "ours" or "oracle"
    guest: Path
    args: str = GUEST_ARGS
    smp: int = 1
    mem: int = 256  # MiB
    cpu: str = "max"
    machine: str = "q35"
    icount: bool = False
    cmdline: str = ""  # appended to BASE_CMDLINE
    module: int = 0  # bytes of a second module (an initrd), byte n being 7 * n
    gdb: bool = False
    devices: list[str] = field(default_factory=list)  # more of QEMU's, PCI
    timeout: float = 120

    def hypervisor(self) -> Path:
        return OURS if self.on == "ours" else oracle_path()

    def qemu(self, hypervisor: Path, module: str = "module") -> list[str]:
        """QEMU's command line, without the part that watches it."""
        cpu = self.cpu
        # With SMAP the oracle's dom0 dies in its first bounce frame under TCG.
        if self.on == "oracle" and cpu.startswith("max") and "smap" not in cpu:
            cpu += ",-smap"
        # QEMU takes a comma for the end of a module; a double one is a comma.
        modules = f"{self.guest} {self.args}".strip().replace(",", ",,")
        if self.module:
            modules += f",{module}"
        argv = ["qemu-system-x86_64", "-machine", f"{self.machine},accel=tcg"]
        argv += ["-cpu", cpu, "-smp", str(self.smp), "-m", str(self.mem)]
        argv += ["-display", "none", "-nic", "none", "-no-reboot", "-no-user-config"]
        argv += ["-serial", "stdio", "-monitor", "none"]
        argv += ["-kernel", str(hypervisor), "-initrd", modules]
        argv += ["-append", f"{BASE_CMDLINE} {self.cmdline}".strip()]
        for device in self.devices:
            argv += ["-device", device]
        if self.icount:
            argv += ["-icount", "shift=0,sleep=off"]
        if self.gdb:
            argv += ["-s", "-S"]
        return argv


@dataclass
class Outcome:
    """What a boot came to."""

    action: str  # poweroff, reset, halt, timeout, error
    log: str
    seconds: float = 0.0
    results: list[str] = field(default_factory=list)

    def judge(self, name: str, demand_audit: bool = False) -> str:
        """'' if this is the right end for the guest, else what is wrong."""
        if len(self.results) != 1:
            return f"{len(self.results)} result lines, not one; machine: {self.action}"
        who, what = self.results[0].split(" ", 1)
        if who != name:
            return f"the result line is of '{who}'"
        if what.startswith("FAIL"):
            return what
        # An ordinary guest only has to end; how is the shutdown_* guests' business.
        # Off: Xen halts, ours switches the power off. Ours never just halts.
        off = {"poweroff"} if "(XL) " in self.log else {"halt", "poweroff"}
        right = {"PASS": off, "EXPECT-OFF": off, "EXPECT-RESET": {"reset"}}[what]
        if self.action not in right:
            return f"{what}, but the machine did: {self.action}"
        if demand_audit and "debug=y" in self.log and "audit: clean" not in self.log:
            return "a debug hypervisor, and no 'audit: clean' in its log"
        return ""


class Monitor:
    """A QMP connection: commands, and events collected as they come."""

    def __init__(self, path: str):
        self.sock = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 120
        while True:
            try:
                self.sock.connect(path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        # A host may be busy for long, and a reader that timed out reads no more.
        self.sock.settimeout(120)
        self.file = self.sock.makefile("r")
        self.events: list[dict] = []
        self.file.readline()  # the greeting
        self.command("qmp_capabilities")

    def command(self, name: str, **args):
        """Run a command; None once QEMU has gone."""
        try:
            self.sock.sendall(json.dumps({"execute": name, "arguments": args}).encode())
            while line := self.file.readline():
                reply = json.loads(line)
                if "event" in reply:
                    self.events.append(reply)
                else:
                    return reply.get("return")
        except OSError:
            pass
        return None

    def drain(self) -> None:
        """Collect the events up to the end of the connection."""
        try:
            while line := self.file.readline():
                self.events.append(json.loads(line))
        except (OSError, ValueError):
            pass

    def all_halted(self) -> bool:
        """Is every CPU halted with interrupts off?"""
        text = self.command(
            "human-monitor-command", **{"command-line": "info registers -a"}
        )
        if not text:
            return False
        flags = re.findall(r"RFL=([0-9a-f]+)", text)
        halted = re.findall(r"HLT=(\d)", text)
        return bool(flags) and all(
            h == "1" and not int(f, 16) & 0x200 for f, h in zip(flags, halted)
        )


def run(setup: Setup, stream=None) -> Outcome:
    """Boot and watch until the machine ends. stream: also copy the console there."""
    hypervisor = setup.hypervisor()
    for path in (hypervisor, setup.guest):
        if not Path(path).exists():
            return Outcome("error", f"{path} is not there\n")
    work = tempfile.mkdtemp(prefix="xenolith-")
    qmp = f"{work}/qmp"
    module = Path(work) / "module"
    module.write_bytes(bytes(7 * n % 256 for n in range(setup.module)))
    argv = setup.qemu(hypervisor, str(module)) + [
        "-qmp",
        f"unix:{qmp},server=on,wait=off",
    ]
    start = time.monotonic()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    chunks: list[str] = []

    def read_console():
        while data := process.stdout.read1(4096):
            text = data.decode("utf-8", "replace").replace("\r", "")
            chunks.append(text)
            if stream:
                stream.write(text)
                stream.flush()

    reader = threading.Thread(target=read_console, daemon=True)
    reader.start()
    try:
        action = _watch(setup, process, qmp, chunks)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(5)
        process.stdout.close()
        shutil.rmtree(work, ignore_errors=True)
    log = "".join(chunks)
    results = [f"{m.group(1)} {m.group(2)}" for m in RESULT.finditer(log)]
    return Outcome(action, log, time.monotonic() - start, results)


def _watch(setup: Setup, process, qmp: str, chunks: list[str]) -> str:
    """Wait for the end of the machine; returns the action."""
    try:
        monitor = Monitor(qmp)
    except OSError:
        return "error"
    deadline = time.monotonic() + setup.timeout
    last_output, quiet_since = 0, time.monotonic()
    while process.poll() is None:
        now = time.monotonic()
        if now > deadline and not setup.gdb:
            return "timeout"
        if len(chunks) != last_output:
            last_output, quiet_since = len(chunks), now
        # Asking stops the machine for a moment: only when it has gone quiet.
        # Twice: a machine that is being switched off halts just before it is gone.
        elif now - quiet_since > 0.15 and monitor.all_halted() and monitor.all_halted():
            return "halt"
        time.sleep(0.05)
    monitor.drain()
    for event in monitor.events:
        if event["event"] == "SHUTDOWN":
            reason = event["data"]["reason"]
            return {"guest-reset": "reset", "guest-shutdown": "poweroff"}.get(
                reason, reason
            )
    return "error"


def run_cached(setup: Setup) -> Outcome:
    """As run(); on the oracle the outcome is remembered outside the checkout.

    The key holds everything the outcome depends on: the guest, the oracle, the
    machine, and how it was watched. It is judged anew each time. A timeout may
    be the host's fault and is not kept.
    """
    if setup.on != "oracle":
        return run(setup)
    hypervisor = setup.hypervisor()
    argv = setup.qemu(hypervisor)
    argv = [a.replace(str(setup.guest), setup.guest.name) for a in argv]
    key = hashlib.sha256(setup.guest.read_bytes())
    key.update(
        json.dumps([WATCH_VERSION, hypervisor.parent.name, setup.module, argv]).encode()
    )
    cache = (
        hypervisor.parent
        / "verdicts"
        / f"{setup.guest.name}-{key.hexdigest()[:24]}.json"
    )
    if cache.exists():
        return Outcome(**json.loads(cache.read_text()))
    outcome = run(setup)
    if outcome.action not in ("timeout", "error"):
        cache.parent.mkdir(exist_ok=True)
        for old in cache.parent.glob(f"{setup.guest.name}-*.json"):
            old.unlink()
        part = cache.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(outcome.__dict__))
        part.rename(cache)
    return outcome
