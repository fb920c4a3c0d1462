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
    targets = ["deps", "run", "test", "bench", "world", "install", "uninstall"]
    targets += ["packages", "debian-guest", "clean", "help"]
    for word in [f"make {t}" for t in targets] + [*OPTIONS, "verbose=y"]:
        assert word in text


def test_install_and_uninstall(tree, tmp_path):
    """What is installed goes again; what was there, and what was changed, stays."""
    words = "KERNELS=", f"DESTDIR={tmp_path}"
    other, example = tmp_path / "etc" / "xen" / "web", tmp_path / "etc/xen/xmexample1"
    other.parent.mkdir(parents=True)
    other.write_text("somebody's\n")
    make(tree, "install", *words)
    assert [p.name for p in (tmp_path / "boot").iterdir()] == ["xenolith.gz"]
    assert {"xend", "xm"} == {p.name for p in (tmp_path / "usr" / "sbin").iterdir()}
    tiny = tmp_path / "usr" / "lib" / "xenolith" / "tiny.gz"
    assert 0 < tiny.stat().st_size < 8 << 20
    was = example.read_text()
    # Again, over a file that was changed: it stays, and the new one is beside it.
    example.write_text("changed\n")
    assert "xmexample1 was changed: it stays" in make(tree, "install", *words)
    assert example.read_text() == "changed\n"
    assert example.with_name("xmexample1.new").read_text() == was
    assert "xmexample1 was changed: it stays" in make(tree, "uninstall", *words)
    left = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert set(left) == {other, example}
    assert not (tmp_path / "usr").exists() and not (tmp_path / "boot").exists()


def test_install_over_others(tree, tmp_path):
    """A file that another package has is not replaced, and nothing else is installed."""
    xend = tmp_path / "usr" / "sbin" / "xend"
    xend.parent.mkdir(parents=True)
    xend.write_text("Xen's\n")
    words = ["make", "-C", tree, "install", "KERNELS=", f"DESTDIR={tmp_path}"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode and f"{xend} is there and is not from" in done.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [xend]


def test_packages(tree):
    """Debian packages: what is where, what is a configuration file; twice the same bytes."""

    def made():
        make(tree, "packages", "KERNELS=")
        return {p: p.read_bytes() for p in (tree / "dist" / "packages").iterdir()}

    packages = made()
    assert packages == made()
    tools, hypervisor = sorted(packages, key=str, reverse=True)
    assert hypervisor.name.startswith("xenolith-hypervisor_")
    assert tools.name.startswith("xenolith-tools_")

    def has(package, option, *words):
        command = ["dpkg-deb", option, package, *words]
        return subprocess.check_output(command, text=True)

    assert "./boot/xenolith.gz" in has(hypervisor, "-c")
    listing = has(tools, "-c")
    for path in "usr/sbin/xend", "usr/sbin/xm", "lib/systemd/system/xend.service":
        assert f"./{path}\n" in listing
    assert not [line for line in listing.splitlines() if "root/root" not in line]
    assert "/etc/xen/xmexample1\n" in has(tools, "-I", "conffiles")
    assert "libc6" in has(tools, "-f")


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
