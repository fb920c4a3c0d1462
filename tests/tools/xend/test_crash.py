"""xend killed with SIGKILL after each single step of what it does, and started again."""

import threading

import pytest

from test_life import REBOOT, ids


def kills(xend, step=1):
    """1, 2, 3 ...: xend is to be killed after so many steps; ends when it did all before."""
    number = 1
    while True:
        xend.machine.kill_at = xend.machine.steps + number
        yield number
        if not xend.machine.killed.is_set():
            return
        xend.machine.killed.clear()
        number += step


def start_again(xend, done):
    """Once it was killed, or what it was to do is done."""
    xend.wait(lambda: xend.machine.killed.is_set() or done())
    with xend.machine.lock:
        xend.machine.kill_at = None
    if xend.machine.killed.is_set():
        xend.process.communicate()
        xend.start()


def quiet(xend):
    """Nothing is under way any more."""

    def settled():
        return all(
            d["id"] is not None for d in xend.good("GET", "/domains")
        ) and not any(
            '"state": "creating"' in text
            or '"state": "destroying"' in text
            or '"state": "delayed"' in text
            for text in (
                (xend.directory / "lib/domains" / name).read_text()
                for name in xend.records()
            )
        )

    while True:
        try:
            return xend.wait(settled)
        except FileNotFoundError:
            pass  # a record that went while it was looked at


def do_and_be_killed(xend, method, path, body=None):
    answers = []

    def ask():
        try:
            answers.append(xend.request(method, path, body))
        except OSError:
            pass  # it was killed

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    start_again(xend, lambda: not thread.is_alive())
    assert xend.machine.killed.is_set() or answers[0][0] in (200, 201), answers
    quiet(xend)


def test_killed_while_creating(xend):
    """Either all of the domain is there, or nothing."""
    before = xend.state()
    complete = 0
    for step in kills(xend):
        do_and_be_killed(xend, "POST", "/domains", xend.full())
        if "u1" in ids(xend):
            complete += 1
            assert xend.good("GET", "/domains/u1")["console"] and len(xend.loops()) == 1
            assert xend.machine.domains[ids(xend)["u1"]]["paused"] is False
            xend.good("DELETE", "/domains/u1")
        assert xend.state() == before, (step, xend.machine.log[-5:])
    assert step > 50 and 0 < complete < 5
    xend.stop()


def test_killed_while_destroying(xend):
    before = xend.state()
    xend.good("POST", "/domains", xend.full())
    for step in kills(xend):
        do_and_be_killed(xend, "DELETE", "/domains/u1")
        if "u1" in ids(xend):  # killed before it had begun
            xend.good("DELETE", "/domains/u1")
        assert xend.state() == before, (step, xend.machine.log[-5:])
        xend.good("POST", "/domains", xend.full())
    assert step > 20
    xend.stop()


@pytest.mark.parametrize("action", ["restart", "rename-restart"])
def test_killed_while_restarting(xend, action):
    """The domain lives again, whenever xend is killed."""
    before = xend.state()
    config = xend.full(on_reboot=action)

    def clear():
        for name in ids(xend):
            if name != "Domain-0":
                xend.good("DELETE", f"/domains/{name}")
        assert xend.state() == before

    def settled(number):
        return f"u1 ({number + 1}): created" in xend.log()

    number = xend.good("POST", "/domains", config)["id"]
    for step in kills(xend, 3):
        xend.machine.shut_down(number, REBOOT)
        start_again(xend, lambda: settled(number))
        xend.wait(lambda: ids(xend).get("u1", number) not in (number, None))
        quiet(xend)
        assert len(xend.loops()) == 1, step
        clear()
        number = xend.good("POST", "/domains", config)["id"]
    assert step > 50
    xend.stop()


def test_running_domains_are_taken_up(xend):
    xend.good("POST", "/domains", xend.full())
    xend.good("POST", "/domains", xend.config(name="u2"))
    state = xend.state()
    xend.kill()
    xend.start()
    assert xend.state() == state and ids(xend) == {"Domain-0": 0, "u1": 1, "u2": 2}
    assert (
        xend.good("GET", "/domains/u1")["devices"]["disks"][0]["loop"]
        == xend.loops()[0].split()[0]
    )
    xend.refused(
        409,
        "is a disk of domain u1 (1) already",
        "POST",
        "/domains",
        xend.full(name="u3"),
    )
    # One ended meanwhile, another was destroyed, and a number was given again.
    xend.kill()
    xend.machine.shut_down(1, REBOOT)
    xend.machine.gone(2)
    xend.start()
    xend.wait(lambda: ids(xend) == {"Domain-0": 0, "u1": 3})
    xend.stop()
    xend.start()
    assert ids(xend) == {"Domain-0": 0, "u1": 3}
    xend.good("DELETE", "/domains/u1")
    xend.stop()


def test_bad_records(xend):
    """A record that cannot be read is told of, and left."""
    xend.kill()
    bad = xend.directory / "lib/domains/bad.json"
    bad.write_text("{")
    xend.start()
    assert f"{bad}: not read: line 1" in xend.log() and bad.exists()
    xend.stop()
