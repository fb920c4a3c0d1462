"""xend on this machine, with everything that is Xen's played by machine.py."""

import fcntl
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from machine import Machine

HERE = pathlib.Path(__file__).resolve().parent
XEND = HERE.parents[2] / "build/tests/tools/xend/xend"


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Xend:
    """An xend, which can be killed and started again, and its machine."""

    def __init__(self, directory):
        self.directory = directory
        self.machine = Machine(str(directory))
        self.process = None
        for name in ("scripts", "net/xen-br0/bridge"):
            (directory / name).mkdir(parents=True)
        self.kernel = directory / "kernel"
        self.kernel.write_text("a kernel")
        self.disk = directory / "disk.img"
        self.disk.write_bytes(bytes(1 << 20))
        self.script(
            "vif-bridge",
            'echo "$1" "$vif" >> $LOG; [ $1 = offline ] || status connected',
        )

    def script(self, name, body):
        """A vif script; `status WORD` in it writes hotplug-status."""
        path = self.directory / "scripts" / name
        path.write_text(
            "#!/bin/sh\n"
            f"LOG={self.directory}/vif.log\n"
            "status() { /usr/bin/python3 "
            + str(HERE / "write")
            + f' {self.directory}/store "$XENBUS_PATH/hotplug-status" "$1"; }}\n'
            + body
            + "\n"
        )
        path.chmod(0o755)
        return path

    def environment(self, **more):
        return dict(os.environ, **self.machine.environment(), **more)

    def start(self):
        path = str(self.directory / "run/xend.sock")
        if os.path.exists(path):
            os.unlink(path)  # a killed one's
        self.process = subprocess.Popen(
            [XEND, "run"],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.machine.pid = self.process.pid
        while self.process.poll() is None:
            try:
                Connection(path).connect()
                break
            except OSError:
                time.sleep(0.005)
        return self

    def stop(self):
        """Stop it in order; what it said on its way out, the sanitisers included."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=90)
        assert self.process.returncode == 0 and not output, output
        return output

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def log(self):
        return (self.directory / "log/xend.log").read_text()

    def request(self, method, path, body=None, raw=None):
        connection = Connection(str(self.directory / "run/xend.sock"))
        data = (
            raw if raw is not None else json.dumps(body) if body is not None else None
        )
        connection.request(method, path, data)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return (
            response.status,
            json.loads(text)
            if response.headers["Content-Type"] == "application/json"
            else text,
        )

    def good(self, method, path, body=None):
        status, answer = self.request(method, path, body)
        assert status in (200, 201), answer
        return answer

    def refused(self, status, text, method, path, body=None, raw=None):
        """Answered with this status, and one line that has the text."""
        got, answer = self.request(method, path, body, raw)
        assert got == status and text in answer["error"], (got, answer)
        assert "\n" not in answer["error"]

    def config(self, **more):
        return {"name": "u1", "kernel": str(self.kernel), "memory": 64, **more}

    def full(self, **more):
        """A domain with one of everything."""
        return self.config(
            vcpus=2,
            disks=[
                {
                    "backend": "file",
                    "target": str(self.disk),
                    "vdev": "xvda",
                    "mode": "w",
                }
            ],
            vifs=[{}],
            **more,
        )

    def loops(self):
        """Loop devices of this test's files."""
        output = subprocess.run(
            ["losetup", "-n", "-O", "NAME,BACK-FILE"], capture_output=True, text=True
        ).stdout
        return [line for line in output.splitlines() if str(self.directory) in line]

    def records(self):
        return sorted(os.listdir(self.directory / "lib/domains"))

    def state(self):
        """All that a domain could leave behind."""
        machine = self.machine
        with machine.lock:
            return (
                {
                    k: v
                    for k, v in machine.store.nodes.items()
                    if "memory/target" not in k
                },
                {i: d["uuid"] for i, d in machine.domains.items()},
                machine.free_kib,
                self.loops(),
                self.records(),
                len(machine.store.transactions),
            )

    def wait(self, condition):
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, self.log()
            time.sleep(0.01)


@pytest.fixture(scope="session", autouse=True)
def build():
    # Tests run in several processes; one of them builds.
    with open(HERE / "Makefile") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "-C", HERE], check=True)


@pytest.fixture
def xend():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="xend", dir="/tmp"))
    x = Xend(directory).start()
    yield x
    if x.process.poll() is None:
        x.kill()
    for line in x.loops():
        subprocess.run(["losetup", "-d", line.split()[0]])
    shutil.rmtree(directory)
