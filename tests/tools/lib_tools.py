"""What the tests of the tools share: the programs under test and a fake xend."""

import os
import pathlib
import subprocess

import pytest

from fake_xend import FakeXend

TOP = pathlib.Path(__file__).resolve().parents[2]
# `make test` tests the debug build.
BUILDS = [TOP / "build/tools-debug", TOP / "build/tools"]


def program(name):
    """The program of that name that was built last."""
    found = [build / name for build in BUILDS if (build / name).exists()]
    if not found:
        pytest.fail("there is no build/tools/%s: make -C tools" % name)
    return str(max(found, key=lambda path: path.stat().st_mtime))


@pytest.fixture
def xend(tmp_path):
    server = FakeXend(tmp_path / "xend.sock")
    yield server
    server.stop()


class Xm:
    """Runs xm in a directory of its own, which is also where configurations are."""

    def __init__(self, directory):
        self.directory = directory
        self.environment = dict(
            os.environ,
            XEND_SOCKET=str(directory / "xend.sock"),
            XM_CONFIG_DIR=str(directory / "etc"),
            LC_ALL="C.UTF-8",
        )
        (directory / "etc").mkdir()

    def config(self, text, name="vm"):
        """Write a configuration and return its path."""
        path = self.directory / "etc" / name
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text)
        return str(path)

    def run(self, *args, **more):
        return subprocess.run(
            [program("xm"), *map(str, args)],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            text=True,
            **more,
        )

    def good(self, *args):
        """Run it, see it succeed in silence, and return what it printed."""
        done = self.run(*args)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def bad(self, code, *args):
        """Run it, see it fail with @code, and return its one line."""
        done = self.run(*args)
        assert done.returncode == code, done
        assert done.stdout == "", done
        assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done
        return done.stderr.rstrip("\n")


@pytest.fixture
def xm(tmp_path):
    return Xm(tmp_path)
