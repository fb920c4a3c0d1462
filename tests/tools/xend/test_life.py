"""Domains from their creation to their end, and what guests do by themselves."""

import threading
import time

import pytest

POWEROFF, REBOOT, SUSPEND, CRASH = 0, 1, 2, 3


def ids(xend):
    return {d["name"]: d["id"] for d in xend.good("GET", "/domains")}


def test_create_and_destroy(xend):
    before = xend.state()
    assert xend.good("POST", "/domains", xend.full()) == {"name": "u1", "id": 1}
    assert xend.machine.domains[1][
        "paused"
    ] is False and xend.machine.store.introduced == {1}
    assert len(xend.loops()) == 1 and len(xend.records()) == 1
    detail = xend.good("GET", "/domains/1")
    assert detail["devices"]["disks"][0]["loop"] == xend.loops()[0].split()[0]
    assert detail["console"]["tcp_port"] == 9601 and detail["on_reboot"] == "restart"
    assert xend.good("DELETE", "/domains/u1") == {}
    assert xend.state() == before and not xend.machine.store.introduced
    assert (xend.directory / "vif.log").read_text() == "online vif1.0\noffline vif1.0\n"
    xend.stop()


def test_store_permissions(xend):
    """A guest writes where it must, reads the rest of its own, and sees nothing else."""
    xend.good("POST", "/domains", xend.full())
    perms = xend.machine.store.perms
    for path in ("control/shutdown", "data", "device/suspend/event-channel", "error"):
        assert perms[f"/local/domain/1/{path}"] == ["n1"]
    for path in (
        "",
        "/name",
        "/vm",
        "/console/tty",
        "/memory/target",
        "/cpu/0/availability",
        "/device",
    ):
        assert perms[f"/local/domain/1{path}"] == ["n0", "r1"]
    for path in ("", "/state", "/backend"):
        assert perms[f"/local/domain/1/device/vbd/51712{path}"] == ["n1", "r0"]
        back = "/local/domain/0/backend/vbd/1/51712" + path.replace(
            "/backend", "/frontend"
        )
        assert perms[back] == ["n0", "r1"]
    uuid = xend.good("GET", "/domains/u1")["uuid"]
    assert perms[f"/vm/{uuid}/name"] == ["n0", "r1"]
    assert perms["/vm"] == ["n0"] and perms["/local/domain/0/backend/vbd/1"] == ["n0"]


def test_paused(xend):
    xend.good("POST", "/domains?paused=1", xend.config())
    assert xend.machine.domains[1]["paused"]
    xend.refused(409, "domain u1 is paused already", "POST", "/domains/u1/pause")
    xend.good("POST", "/domains/u1/unpause")
    xend.refused(409, "domain u1 is not paused", "POST", "/domains/u1/unpause")
    xend.good("POST", "/domains/u1/pause")
    assert xend.good("GET", "/domains/u1")["state"] == "--p---"
    xend.refused(400, "Domain-0 cannot be paused", "POST", "/domains/Domain-0/pause")
    xend.refused(400, "Domain-0 cannot be destroyed", "DELETE", "/domains/0")


def test_shutdown_is_asked_for(xend):
    xend.good("POST", "/domains", xend.config())
    for reason in ("poweroff", "reboot", "halt"):
        xend.good("POST", "/domains/u1/shutdown", {"reason": reason})
        assert xend.machine.store.read("/local/domain/1/control/shutdown") == reason
    xend.refused(
        400,
        'reason: "die" is unknown',
        "POST",
        "/domains/u1/shutdown",
        {"reason": "die"},
    )
    xend.refused(
        400,
        "Domain-0 is shut down from inside",
        "POST",
        "/domains/0/shutdown",
        {"reason": "poweroff"},
    )


# What fails while a domain with everything is created; nothing of it may stay.


def failing_script(xend):
    xend.script("vif-bridge", "echo first; echo the last line >&2; exit 3")
    return (
        500,
        "vif 0: "
        + str(xend.directory)
        + "/scripts/vif-bridge failed with status 3: the last line",
    )


def silent_script(xend):
    xend.script("vif-bridge", ":")
    return 500, "ended without writing hotplug-status"


def script_that_says_error(xend):
    xend.script("vif-bridge", "status error")
    return 500, "vif-bridge failed: it does not say why"


def no_builder(xend):
    xend.machine.refuse["build"] = (22, "kernel: not a PV kernel")
    return 400, "kernel: not a PV kernel"


def no_unpause(xend):
    xend.machine.refuse["unpause"] = (5, "unpausing: Input/output error")
    return 500, "unpausing: Input/output error"


def refusing_back_end(xend):
    xend.machine.backends = False
    store, changed = xend.machine.store, xend.machine.store_changed

    def refuse(path):
        changed(path)
        if (
            path == "/local/domain/0/backend/vbd/1/51712/state"
            and store.nodes.get(path) == "1"
        ):
            store.write(
                "/local/domain/0/error/backend/vbd/1/51712/error", "19 no such device"
            )
            store.write(path, "5")

    xend.machine.store_changed = refuse
    return 500, "disk xvda: the back end refuses it: 19 no such device"


@pytest.mark.parametrize(
    "fault",
    [
        failing_script,
        silent_script,
        script_that_says_error,
        no_builder,
        no_unpause,
        refusing_back_end,
    ],
)
def test_failed_creation_leaves_nothing(xend, fault):
    before = xend.state()
    status, text = fault(xend)
    xend.refused(status, text, "POST", "/domains", xend.full())
    assert xend.state() == before and "u1: not created: " in xend.log()
    xend.stop()


def test_no_back_ends(xend):
    xend.machine.backends = False
    before = xend.state()
    xend.refused(
        500,
        "vif 0: domain 0 has no back end for network interfaces: is xen-netback loaded?",
        "POST",
        "/domains",
        xend.config(vifs=[{}]),
    )
    assert xend.state() == before


def test_script_that_hangs(xend):
    """It is killed with what it started; others go on meanwhile."""
    xend.script("vif-bridge", "echo waiting >&2; sleep 1000 & sleep 1000")
    before, answers = xend.state(), []
    thread = threading.Thread(
        target=lambda: answers.append(xend.request("POST", "/domains", xend.full()))
    )
    thread.start()
    xend.wait(lambda: "waiting" in xend.log())
    xend.good("POST", "/domains", xend.config(name="u2"))
    xend.refused(
        409,
        'name: "u1" is the name of domain 1 already',
        "POST",
        "/domains",
        xend.config(),
    )
    xend.refused(409, "domain u1 (1) is being created", "DELETE", "/domains/u1")
    xend.good("DELETE", "/domains/u2")
    thread.join()
    assert (
        answers[0][0] == 504
        and "did not end within 10 s; last it said: waiting" in answers[0][1]["error"]
    )
    assert xend.state() == before
    xend.stop()


def test_others_go_on_while_one_is_built(xend):
    xend.machine.hold["build"] = threading.Event()
    thread = threading.Thread(target=lambda: xend.good("POST", "/domains", xend.full()))
    thread.start()
    xend.wait(lambda: "u1: creating" in xend.log())
    listed = xend.good("GET", "/domains")
    assert (
        listed[1]["name"] == "u1"
        and listed[1]["id"] is None
        and listed[1]["state"] == "------"
    )
    xend.refused(409, 'name: "u1" is taken', "POST", "/domains", xend.config())
    xend.refused(
        409, "domain u1 is being created or restarted", "POST", "/domains/u1/pause"
    )
    xend.machine.hold["build"].set()
    thread.join()
    assert ids(xend)["u1"] == 1
    xend.stop()


def test_two_at_once(xend):
    threads = [
        threading.Thread(
            target=lambda i=i: xend.good("POST", "/domains", xend.config(name=f"u{i}"))
        )
        for i in range(8)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(ids(xend)) == 9
    threads = [
        threading.Thread(target=lambda i=i: xend.good("DELETE", f"/domains/u{i}"))
        for i in range(8)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(ids(xend)) == 1
    xend.stop()


def test_balloon(xend):
    """Domain 0 gives what is missing; when it does not, its target is put back."""
    xend.machine.free_kib = 65536
    xend.good("POST", "/domains", xend.config(memory=128))
    assert xend.machine.domains[0]["memory_kib"] < (1 << 20) - 65536
    target = xend.machine.store.read("/local/domain/0/memory/target")
    xend.machine.balloon = False
    xend.refused(
        507,
        "memory: the domain needs",
        "POST",
        "/domains",
        xend.config(name="u2", memory=128),
    )
    assert xend.machine.store.read("/local/domain/0/memory/target") == target
    xend.stop()


def test_foreign_domains(xend):
    """What another tool made is shown, paused, destroyed; its entries are left alone."""
    number = xend.machine.add_foreign("xl1")
    unnamed = xend.machine.add_foreign(uuid="cd" * 16)
    assert ids(xend) == {"Domain-0": 0, "xl1": number, "(unnamed)": unnamed}
    xend.good("POST", "/domains/xl1/pause")
    xend.good("POST", f"/domains/{number}/unpause")
    assert xend.good("GET", "/domains/xl1")["config"] is None
    xend.refused(
        409,
        f'name: "xl1" is the name of domain {number} already',
        "POST",
        "/domains",
        xend.config(name="xl1"),
    )
    xend.kill()
    xend.start()
    assert number in xend.machine.domains
    xend.good("DELETE", "/domains/xl1")
    assert number not in xend.machine.domains
    assert xend.machine.store.read(f"/local/domain/{number}/name") == "xl1"
    xend.stop()


def test_destroyed_by_another_tool(xend):
    before = xend.state()
    xend.good("POST", "/domains", xend.full())
    xend.machine.gone(1)
    xend.wait(lambda: xend.state() == before)
    assert "u1 (1): was destroyed by another tool" in xend.log()
    xend.stop()


def test_lingering_domain(xend):
    """Something maps its frames: said after a while, and cleaned up when it goes."""
    xend.machine.lingering.add(1)
    xend.good("POST", "/domains", xend.full())
    threading.Timer(1, lambda: xend.machine.gone(1)).start()
    xend.good("DELETE", "/domains/u1")
    assert ids(xend) == {"Domain-0": 0}
    xend.stop()


@pytest.mark.parametrize(
    "reason,event",
    [(POWEROFF, "on_poweroff"), (REBOOT, "on_reboot"), (CRASH, "on_crash")],
)
def test_policies(xend, reason, event):
    before = xend.state()
    xend.good("POST", "/domains", xend.full(**{event: "destroy"}))
    xend.machine.shut_down(1, reason)
    xend.wait(lambda: xend.state() == before)

    xend.good("POST", "/domains", xend.full(**{event: "restart"}))
    uuid = xend.good("GET", "/domains/u1")["uuid"]
    xend.machine.shut_down(2, reason)
    xend.wait(lambda: ids(xend).get("u1") == 3)
    xend.wait(lambda: "u1 (3): created" in xend.log())
    assert xend.good("GET", "/domains/u1")["uuid"] == uuid and len(xend.loops()) == 1
    xend.good("DELETE", "/domains/u1")
    assert xend.state() == before

    xend.good("POST", "/domains", xend.full(**{event: "preserve"}))
    xend.machine.shut_down(4, reason)
    xend.wait(lambda: f"{event}=preserve" in xend.log())
    assert ids(xend)["u1"] == 4
    xend.kill()
    xend.start()
    assert ids(xend)["u1"] == 4 and xend.good("GET", "/domains/u1")["state"][3:5] in (
        "s-",
        "-c",
    )
    xend.good("DELETE", "/domains/u1")
    assert xend.state() == before

    xend.good("POST", "/domains", xend.full(**{event: "rename-restart"}))
    mac = xend.good("GET", "/domains/u1")["config"]["vifs"][0]["mac"]
    xend.machine.shut_down(5, reason)
    xend.wait(lambda: "u1 (6): created" in xend.log())
    assert ids(xend) == {"Domain-0": 0, "u1-1": 5, "u1": 6}
    assert xend.good("GET", "/domains/u1")["config"]["vifs"][0]["mac"] == mac
    assert len(xend.loops()) == 1
    xend.kill()
    xend.start()
    assert ids(xend) == {"Domain-0": 0, "u1-1": 5, "u1": 6} and len(xend.loops()) == 1
    xend.good("DELETE", "/domains/u1-1")
    xend.good("DELETE", "/domains/u1")
    assert xend.state() == before
    xend.stop()


def test_suspend_is_not_an_end(xend):
    xend.good("POST", "/domains", xend.full())
    xend.machine.shut_down(1, SUSPEND)
    xend.wait(lambda: "u1 (1): has suspended" in xend.log())
    assert ids(xend)["u1"] == 1
    xend.stop()


def test_restarts_slow_down(xend):
    """A domain that always ends at once is restarted later each time, and can be removed
    while it waits."""
    before = xend.state()
    xend.good("POST", "/domains", xend.config(on_crash="restart"))
    for number in (1, 2, 3):
        xend.wait(lambda: f"u1 ({number}): created" in xend.log())
        xend.machine.shut_down(number, CRASH)
    xend.wait(lambda: "restarted in 2 s" in xend.log())
    listed = xend.good("GET", "/domains")
    assert listed[1]["name"] == "u1" and listed[1]["id"] is None
    assert xend.good("GET", "/domains/u1")["id"] is None
    xend.good("DELETE", "/domains/u1")
    assert xend.state() == before
    time.sleep(2.5)  # when it would have come
    assert xend.state() == before
    xend.stop()


def test_failed_restart(xend):
    before = xend.state()
    xend.good("POST", "/domains", xend.full())
    xend.kernel.unlink()
    xend.machine.shut_down(1, REBOOT)
    xend.wait(lambda: xend.state() == before)
    assert "u1: not created: kernel:" in xend.log()
    xend.stop()


def test_back_end_that_does_not_close(xend):
    """It loses its entries after 10 s, and another domain can be made."""
    before = xend.state()
    for _ in range(2):
        xend.good("POST", "/domains", xend.full())
        xend.machine.backends = False
        xend.good("DELETE", "/domains/u1")
        xend.machine.backends = True
        assert xend.state() == before
    assert "disk xvda did not close within 10 s" in xend.log()
    xend.stop()
