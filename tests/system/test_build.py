"""`make` in a clean copy of the tree: quiet, complete, quick the second time, every option.
"""

import gzip
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import lib_qemu
import pytest
from lib_qemu import TOP

pytestmark = pytest.mark.xdist_group("build")  # one tree for all

NOT_SOURCE = [".git", "build", "dist"]  # at the top
OPTIONS = ["debug=y", "perfc=y", "trace=y", "debugger=y"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = tmp_path_factory.mktemp("clean") / "xenolith"
    shutil.copytree(
        TOP,
        copy,
        ignore=lambda folder, _: (
            NOT_SOURCE if Path(folder) == TOP else ["__pycache__"]
        ),
    )
    return copy


def make(tree, *words):
    """Run make; returns all that it printed."""
    done = subprocess.run(
        ["make", *words],
        cwd=tree,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},  # no MAKEFLAGS of an outer make
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "warning" not in done.stdout.lower(), done.stdout
    return done.stdout


def test_clean_build(tree):
    assert "  CC  " in make(tree)
    boot = tree / "dist" / "install" / "boot"
    image = (boot / "xenolith").read_bytes()
    assert gzip.decompress((boot / "xenolith.gz").read_bytes()) == image
    assert "  CC  " not in make(tree), "the second make compiled again"


def test_touched_header_is_noticed(tree):
    make(tree)
    (tree / "hypervisor" / "domain" / "domain.h").touch()
    assert "  CC  " in make(tree)


@pytest.mark.parametrize("option", OPTIONS)
def test_option_builds(tree, option):
    """Each option builds without a warning, and the image says that it has it."""
    image = tree / "dist" / "install" / "boot" / "xenolith"
    make(tree, option)
    assert option.encode() in image.read_bytes()
    make(tree)
    assert option.encode() not in image.read_bytes()


def test_all_options_at_once(tree):
    make(tree, *OPTIONS)
    image = tree / "dist" / "install" / "boot" / "xenolith"
    assert " ".join(OPTIONS).encode() in image.read_bytes()


def test_verbose(tree):
    (tree / "hypervisor" / "domain" / "domain.h").touch()
    assert "gcc " in make(tree, "verbose=y")


def test_help_names_every_target_and_option(tree):
    text = make(tree, "help")
    targets = ["deps", "run", "test", "bench", "install", "uninstall", "clean", "help"]
    for word in [f"make {t}" for t in targets] + [*OPTIONS, "verbose=y"]:
        assert word in text


def test_install_and_uninstall(tree, tmp_path):
    make(tree, "install", f"DESTDIR={tmp_path}")
    files = {tmp_path / "boot" / "xenolith", tmp_path / "boot" / "xenolith.gz"}
    assert set((tmp_path / "boot").iterdir()) == files
    assert {"xend", "xm"} == {p.name for p in (tmp_path / "usr" / "sbin").iterdir()}
    assert (tmp_path / "etc" / "xen" / "xmexample1").exists()
    make(tree, "uninstall", f"DESTDIR={tmp_path}")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_clean(tree):
    make(tree)
    make(tree, "clean")
    assert not (tree / "build").exists() and not (tree / "dist").exists()


@dataclass
class Instrumented(lib_qemu.Setup):
    """A boot of the hypervisor that was built in the copy of the tree."""

    tree: Path = None

    def hypervisor(self) -> Path:
        return self.tree / "dist" / "install" / "boot" / "xenolith"


@pytest.mark.parametrize(
    "name", ["perfc", "trace", "sysctl", "exceptions", "multicall"]
)
def test_guest_on_instrumented(tree, name):
    """Guests see counters and trace buffers where they are built in, and no harm."""
    make(tree, "debug=y", "perfc=y", "trace=y")
    setup = Instrumented(
        on="ours",
        guest=lib_qemu.GUESTS / name,
        tree=tree,
        **lib_qemu.NEEDS.get(name, {}),
    )
    outcome = lib_qemu.run(setup)
    wrong = outcome.judge(name, demand_audit=True)
    assert not wrong, f"{wrong}\n{outcome.log[-4000:]}"
    assert "skipped" not in outcome.log
