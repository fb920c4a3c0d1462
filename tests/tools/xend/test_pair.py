"""xm and xend together, on a played hypervisor: each command, as a person gives it."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib_tools import program  # noqa: E402


@pytest.fixture
def xm(xend):
    config = xend.directory / "web"
    config.write_text(
        f"""name = "web"
kernel = "{xend.kernel}"
memory = 64
vcpus = 2
disk = ["file:{xend.disk},xvda,w"]
vif = ["mac=00:16:3e:00:00:07"]
root = "/dev/xvda ro"
extra = "console=hvc0"
"""
    )

    def run(*args, code=0):
        done = subprocess.run(
            [program("xm"), *args],
            cwd=xend.directory,
            env=dict(os.environ, XEND_SOCKET=str(xend.directory / "run/xend.sock")),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, done
        assert done.stderr.count("\n") == (1 if code else 0), done
        return done.stdout or done.stderr

    return run


def test_a_life(xend, xm):
    before = xend.state()
    assert xm("create", "-p", "./web") == "Created domain web, number 1, paused\n"
    lines = xm("list").splitlines()
    assert lines[2].split()[:4] == ["web", "1", "64", "2"]
    assert lines[2].split()[4][2] == "p" and lines[2].split()[6] == "9601"
    [detail] = json.loads(xm("list", "-lj", "web"))
    assert detail["config"]["cmdline"] == "root=/dev/xvda ro console=hvc0"
    assert detail["devices"]["vifs"][0]["mac"] == "00:16:3e:00:00:07"
    assert "(vdev xvda)" in xm("list", "-l", "1")
    xm("unpause", "web")
    xm("pause", "1")
    xm("unpause", "web")
    xm("maxmem", "web", "96")
    xm("set-mem", "web", "32")
    assert xend.machine.store.nodes["/local/domain/1/memory/target"] == "32768"
    xm("pincpu", "web", "1", "0")
    assert xm("vcpu-list", "web").splitlines()[2].split()[-1] == "0"
    xm("pincpu", "web", "all", "all")
    xm("destroy", "web")
    assert xend.state() == before
    xend.stop()


@pytest.mark.parametrize(
    "override, says",
    [
        ("kernel=/none", "/none: No such file"),
        ("disk=file:/none,xvda,w", "disk[0]: /none: No such file"),
        ("memory=900000", "memory: "),
        ("vif=bridge=none", 'vif[0]: bridge: domain 0 has no bridge "none"; there is'),
        ("vif=script=none", "vif[0]: script: "),
        ("name=Domain-0", "Domain-0"),
        ("cpus=4000", "cpus[0]"),
        ("cpu=7", "cpu 7 is not there; allowed are the host's, 0 to 3"),
        ("uuid=x", 'uuid: "x"'),
        ("memroy=1", "did you mean memory?"),
    ],
)
def test_bad_configurations_leave_nothing(xend, xm, override, says):
    before = xend.state()
    message = xm("create", "./web", override, code=1)
    assert message.startswith("xm create: ") and says in message
    assert xend.state() == before


def test_what_is_taken(xend, xm):
    xm("create", "./web")
    before = xend.state()
    assert '"web"' in xm("create", "./web", code=1)
    message = xm("create", "./web", "name=two", code=1)
    assert str(xend.disk) in message or "00:16:3e:00:00:07" in message
    assert xend.state() == before
    for command in "destroy", "pause", "console", "shutdown":
        assert "there is no" in xm(command, "two", code=1)


def test_the_host(xend, xm):
    assert json.loads(xm("info", "--json")) == xend.good("GET", "/node")
    assert xm("dmesg") == xend.request("GET", "/node/dmesg")[1].decode()


def test_xend_is_stopped_and_killed(xend, xm):
    xm("create", "./web")
    xend.stop()
    assert "xend does not run" in xm("list", code=3)
    xend.start()
    assert xm("list").splitlines()[2].startswith("web ")
    xend.kill()
    assert "xend does not run" in xm("list", code=3)
    xend.start()
    xm("destroy", "web")
