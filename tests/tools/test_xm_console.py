"""xm console and create -c, on a terminal of their own (pexpect)."""

import os
import signal
import subprocess
import termios
import time

import pexpect
import pytest

from lib_tools import program

MINIMAL = 'name = "vm1"\nkernel = "/boot/k"\n'


def on_terminal(xm, *args):
    """xm on a new terminal."""
    return pexpect.spawn(
        program("xm"),
        list(args),
        env=xm.environment,
        cwd=str(xm.directory),
        timeout=20,
        echo=True,
    )


def is_raw(child):
    """A new terminal is not: it waits for whole lines."""
    return not termios.tcgetattr(child.child_fd)[3] & termios.ICANON


def ended(child):
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, child.signalstatus


@pytest.fixture(params=["tcp", "pty"])
def domain(request, xend):
    xend.console_kind = request.param
    xend.greeting = b"from the boot on\r\n"
    return xend.add("vm1")


@pytest.mark.parametrize("which", ["vm1", "1"])
def test_attach_talk_leave(xm, xend, domain, which):
    child = on_terminal(xm, "console", which)
    console = xend.consoles[1]
    child.expect("from the boot on\r\n")
    # Every byte reaches the domain, control characters and all, and none twice.
    keys = bytes(set(range(256)) - {0x1D})
    child.send(keys)
    assert console.receive(len(keys)) == keys
    console.send(b"login: \x1b[1m\xff")
    child.expect_exact(b"login: \x1b[1m\xff")
    assert is_raw(child)
    child.send(b"last\x1dnot for the domain")
    assert console.receive(4) == b"last"
    assert ended(child) == (0, None)
    assert xend.requests == [("GET", "/domains/" + which, None)]


def test_the_terminal_is_restored(xm, xend, domain):
    """By a shell that looks at it before and after."""
    script = "stty -g; %s console vm1; echo end $?; stty -g; stty -a" % program("xm")
    child = pexpect.spawn("sh", ["-c", script], env=xm.environment, timeout=20)
    child.expect("([0-9a-f:]+)\r\n")
    saved = child.match.group(1)
    child.expect("from the boot on")
    child.send(b"\x1d")
    child.expect("end 0\r\n")
    child.expect(saved)
    child.expect(pexpect.EOF)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]
)
def test_a_signal_restores_the_terminal(xm, xend, domain, number):
    script = "stty -g; %s console vm1 & echo pid $!; wait; stty -g" % program("xm")
    # A shell without job control gives its background no terminal: give it.
    script = script.replace("vm1 &", "vm1 </dev/tty &")
    child = pexpect.spawn("sh", ["-c", script], env=xm.environment, timeout=20)
    child.expect("([0-9a-f:]{20,})\r\n")
    saved = child.match.group(1)
    child.expect("pid ([0-9]+)\r\n")
    pid = int(child.match.group(1))
    child.expect("from the boot on")
    os.kill(pid, number)
    child.expect(saved)
    child.expect(pexpect.EOF)


def test_a_signal_is_seen_by_who_waits(xm, xend, domain):
    child = on_terminal(xm, "console", "vm1")
    child.expect("from the boot on")
    child.kill(signal.SIGTERM)
    assert ended(child) == (None, signal.SIGTERM)


def test_the_console_closes(xm, xend, domain):
    child = on_terminal(xm, "console", "vm1")
    child.expect("from the boot on")
    xend.consoles[1].send(b"System halted\r\n")
    if domain["console_port"]:
        xend.consoles[1].close()
        child.expect("System halted\r\n")
    else:
        child.expect("System halted\r\n")
        xend.consoles[1].close()
    assert ended(child) == (0, None)


def test_the_terminal_goes_away(xm, xend, domain):
    child = on_terminal(xm, "console", "vm1")
    child.expect("from the boot on")
    child.close(force=False)
    assert not child.isalive()


def test_a_domain_that_reads_nothing_can_be_left(xm, xend):
    """Much is typed, nothing taken: Ctrl-] is still seen."""
    xend.add("vm1")
    child = on_terminal(xm, "console", "vm1")
    assert xend.consoles[1].attached.wait(20)
    xend.consoles[1].send(b"ready")
    child.expect("ready")
    child.delaybeforesend = None
    for _ in range(2000):
        child.send(b"x" * 4000)
    child.send(b"\x1d")
    assert ended(child) == (0, None)


def test_through_pipes(xm, xend):
    """Not on a terminal: all of a large input arrives, all output is printed."""
    xend.add("vm1")
    console = xend.consoles[1]
    xm_process = subprocess.Popen(
        [program("xm"), "console", "vm1"],
        env=xm.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    data = bytes(range(0x20, 0x7F)) * 2000
    xm_process.stdin.write(data)
    xm_process.stdin.close()
    assert console.receive(len(data)) == data
    console.send(b"all of it\n" * 1000)
    console.close()
    assert xm_process.stdout.read() == b"all of it\n" * 1000
    assert xm_process.wait(20) == 0


def test_no_console(xm, xend):
    xend.add("vm1", console=False)
    assert xm.bad(1, "console", "vm1") == "xm console: domain vm1 has no console"
    xend.add("vm2")
    xend.consoles[2].refuse()
    says = xm.bad(1, "console", "vm2")
    assert says.startswith("xm console: cannot connect to the console at TCP port ")
    assert says.endswith("Connection refused")


@pytest.mark.parametrize("kind", ["tcp", "pty"])
def test_create_attaches_before_the_domain_runs(xm, xend, kind):
    xend.console_kind = kind
    xend.greeting = b"first line\r\n"
    xm.config(MINIMAL)
    child = on_terminal(xm, "create", "-c", "vm")
    child.expect("Created domain vm1, number 1\r\n")
    child.expect("first line\r\n")
    child.send(b"hello")
    assert xend.consoles[1].receive(5) == b"hello"
    child.send(b"\x1d")
    assert ended(child) == (0, None)
    assert [request[:2] for request in xend.requests] == [
        ("POST", "/domains?paused=1"),
        ("GET", "/domains/1"),
        ("POST", "/domains/1/unpause"),
    ]


def test_create_with_console_and_paused(xm, xend):
    xend.greeting = b"hello"
    xm.config(MINIMAL)
    child = on_terminal(xm, "create", "-cp", "vm")
    child.expect("hello")
    child.send(b"\x1d")
    assert ended(child) == (0, None)
    assert xend.domains[1]["state"] == "--p---"


def test_create_runs_the_domain_even_without_its_console(xm, xend):
    xm.config(MINIMAL)
    xend.fail[("GET", "/domains/1")] = (500, {"error": "no console today"})
    done = xm.run("create", "-c", "vm")
    assert done.returncode == 1
    assert "xm create: no console today\n" in done.stderr
    assert xend.domains[1]["state"] == "-b----"
