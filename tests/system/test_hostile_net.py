"""Network drivers and another half that breaks the protocol (tests/hostile/net).

A front end that does what it must not, against our back end, and a back end like that,
against our front end: malformed packets are dropped and counted, malformed rings
disconnect the device, nothing else happens to anybody, and nothing is left behind.

On Xen 4.17: pytest-3 tests/system/test_hostile_net.py --on=oracle. By hand, all of what
there is, and then so many seconds at random, from a seed:

    HOSTILE_SECONDS=600 HOSTILE_SEED=7 pytest-3 tests/system/test_hostile_net.py
"""

import os
import re
import sys
import time

import pytest
from lib_domains import Dom0, Machine

pytestmark = pytest.mark.xdist_group("network")  # one machine at a time

SECONDS = int(os.environ.get("HOSTILE_SECONDS", "0"))
SEED = os.environ.get("HOSTILE_SEED", "1")
RUNS = (
    ["cases", f"random {SECONDS} {SEED}"] if SECONDS else ["quick", f"random 3 {SEED}"]
)

# What no kernel may say, but for grants that the hostile back end keeps for a while.
BAD = "grep -E 'WARNING|BUG|Oops|Call Trace|general protection|blocked for' | grep -v 'still in use'"

HOSTILE = "/sys/module/hostile_{}/parameters"


@pytest.fixture(scope="module")
def dom0(request):
    """The machine, with u2 at 10.0.0.2 and fd00::2, which is honest."""
    on = request.config.getoption("--on")
    with Dom0(Machine(on=on, back="netback", smp=1, hostile=True), sys.stdout) as dom0:
        dom0.bridge()
        dom0.check("ip address add fd00::1/64 dev xen-br0 nodad")
        dom0.create("u2", address="10.0.0.2", front="netfront", vcpus=2)
        dom0.guest_check("u2", "true")
        yield dom0
        dom0.check("xl destroy u2")
        gone(dom0, 0)
        assert not dom0.run(f"dmesg | {BAD}").output
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        assert not re.search(r"\(XL\) audit: (?!clean)", dom0.log()), dom0.log()


def wait_until(condition, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.2)


def gone(dom0, domains: int) -> None:
    """So many domains are left beside domain 0, and nobody works at their ends."""
    lines = lambda: len(dom0.check("xl list").splitlines())
    wait_until(lambda: lines() == domains + 2, "domains are gone")
    wait_until(lambda: dom0.run("pgrep -f 'xl (create|destroy)'").status, "xl is done")


def left(dom0) -> dict[str, str]:
    """What a domain that is gone could leave."""
    return {
        "interfaces": dom0.check("ls /sys/class/net"),
        "free memory": dom0.check("free-memory"),
        "event channels": dom0.check("lsevtchn 0 | wc -l"),
    }


def front_end(dom0, what: str) -> int:
    """u1, with two interfaces, does that to our back end; how many packets were malformed."""
    dom0.create("u1", vif=["bridge=xen-br0", "bridge=xen-br0"], front="netfront")
    number = dom0.check("xl domid u1").strip()
    dom0.guest_check(
        "u1",
        "for d in /sys/bus/xen/drivers/netfront/vif-*; do echo ${d##*/} > ${d%/*}/unbind; done\n"
        "rmmod netfront && insmod /drivers/hostile_netfront.ko",
    )
    at = HOSTILE.format("netfront")
    run = f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile: ; dmesg | {BAD}"
    said = dom0.guest("u1", run, timeout=600 + SECONDS).output
    assert (
        " 0 failures" in said and "FAILED" not in said and "Call Trace" not in said
    ), said
    errors = int(dom0.check(f"cat /sys/class/net/vif{number}.0/statistics/rx_errors"))
    malformed = int(said.split(" malformed")[0].split()[-1])
    assert errors >= malformed, said
    dom0.check("xl destroy u1")
    gone(dom0, 1)
    return malformed


def test_front_end(dom0):
    """Others go on meanwhile, and the second time nothing more is left than the first."""
    dom0.guest_check("u2", "(ping -i 0.5 10.0.0.1 > /tmp/ping 2>&1) & sleep 1")
    assert front_end(dom0, RUNS[0]) > 30
    before = left(dom0)
    front_end(dom0, RUNS[1])
    assert left(dom0) == before
    lost = dom0.guest_check("u2", "killall -INT ping; sleep 1; grep loss /tmp/ping")
    assert " 0% packet loss" in lost, lost


def test_back_end(dom0):
    """In netback's place; then netback is back, and u2 goes on with it."""
    name = dom0.check("cd /sys/class/net && ls -d vif*").split()[0]
    dom0.check(
        "cd /sys/bus/xen-backend/drivers/vif && for d in vif-*; do echo $d > unbind; done\n"
        "rmmod netback && insmod /drivers/hostile_netback.ko"
    )
    at = HOSTILE.format("netback")
    for what in RUNS:
        run = f"echo {what} > {at}/run; cat {at}/result; dmesg | grep hostile: "
        said = dom0.run(run, timeout=600 + SECONDS).output
        assert " 0 failures" in said and "FAILED" not in said, said
    malformed = dom0.guest_check(
        "u2", "ethtool -S eth0 | awk '/rx_malformed/ { n += $2 } END { print n }'"
    )
    assert int(malformed) > 30
    complaints = dom0.guest("u2", f"dmesg | {BAD}").output
    assert not complaints.strip(), complaints
    dom0.check(
        "cd /sys/bus/xen-backend/drivers/hostile_netback\n"
        "for d in vif-*; do echo $d > unbind; done\n"
        "rmmod hostile_netback && insmod /drivers/netback.ko"
    )
    wait_until(
        lambda: not dom0.run(f"ls /sys/class/net/{name}").status, "the vif is back"
    )
    dom0.check(f"ip link set {name} master xen-br0 up")
    works = lambda: not dom0.guest("u2", "ping -c 1 -W 2 10.0.0.1").status
    wait_until(works, "the network is back")
