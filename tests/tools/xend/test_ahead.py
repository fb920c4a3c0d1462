"""Domain 0's kernel is unpacked ahead, and a domain made of it meanwhile waits for it."""

import os
import threading

from test_life import ids

IDLE, OTHER = 5, 0  # SCHED_*


def policies(xend):
    """The scheduling policies of xend's threads."""
    threads = os.listdir(f"/proc/{xend.process.pid}/task")
    return {os.sched_getscheduler(int(thread)) for thread in threads}


def restart(xend):
    """With domain 0's kernel in place, and the builder held where it unpacks."""
    xend.stop()
    boot, cache = xend.directory / "boot", xend.directory / "cache"
    boot.mkdir()
    kernel = boot / f"vmlinuz-{os.uname().release}"
    kernel.write_text("domain 0's kernel")
    xend.machine.hold["unpack"] = threading.Event()
    xend.start()
    return str(kernel)


def create(xend, **more):
    """In a thread, until it has begun."""
    thread = threading.Thread(
        target=lambda: xend.good("POST", "/domains", xend.config(**more))
    )
    thread.start()
    xend.wait(lambda: f"{more['name']}: creating" in xend.log())
    return thread


def test_unpacked(xend):
    kernel = restart(xend)
    xend.wait(lambda: IDLE in policies(xend))
    assert not xend.machine.unpacking
    xend.machine.hold["unpack"].set()
    xend.wait(lambda: f"kernel {kernel} unpacked ahead" in xend.log())
    assert xend.machine.unpacking == [kernel]
    xend.wait(lambda: policies(xend) == {OTHER})
    xend.stop()


def test_who_wants_it_waits(xend):
    kernel = restart(xend)
    xend.wait(lambda: IDLE in policies(xend))
    # Another kernel: no reason to wait.
    create(xend, name="u1").join()
    assert IDLE in policies(xend)
    # The file counts, not its name.
    link = xend.directory / "link"
    link.symlink_to(kernel)
    thread = create(xend, name="u2", kernel=str(link))
    xend.wait(lambda: IDLE not in policies(xend))
    xend.machine.hold["unpack"].set()
    thread.join()
    done = [step[1] for step in xend.machine.log if step[1] in ("build", "unpack")]
    assert done == ["build", "unpack", "build"]
    assert set(ids(xend)) == {"Domain-0", "u1", "u2"}
    xend.stop()


def test_stop_does_not_wait(xend):
    restart(xend)
    xend.wait(lambda: IDLE in policies(xend))
    xend.stop()


def test_a_kernel_that_is_none(xend):
    """Nobody is worse off: the domain is made, or fails, as without."""
    xend.machine.refuse["unpack"] = (22, "kernel 'X': neither an ELF image")
    kernel = restart(xend)
    thread = create(xend, name="u1", kernel=kernel)
    xend.machine.hold["unpack"].set()
    thread.join()
    assert "not unpacked ahead: kernel 'X': neither an ELF image" in xend.log()
    xend.stop()
