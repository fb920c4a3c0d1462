"""The guests that come with the tools: the tiny one, and the Debian that `debian-guest` makes.

As users have them: by the configurations that are installed or printed, by xm, and at
the console. The image of Debian is made once, and kept in
${XENOLITH_CACHE:-$HOME/.cache/xenolith}/debian by a hash of the script that makes it.
That takes some minutes, so by hand:

    INSTALL=1 pytest-3 tests/system/test_guest_images.py
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lib_domains import Dom0, Machine
from lib_qemu import TOP
from lib_system import wait_until

pytestmark = [
    pytest.mark.xdist_group("guests"),  # one machine for all
    pytest.mark.skipif("INSTALL" not in os.environ, reason="takes minutes: INSTALL=1"),
]

SCRIPT = TOP / "tools" / "scripts" / "debian-guest"
XENU = "linux-6.1-xenU"
DHCP = "interface xen-br0\nstart 10.0.0.100\nend 10.0.0.109\nlease_file /run/leases\n"
DHCP += "opt subnet 255.255.255.0\n"


def debian_guest():
    """What the script made, with its configuration and what it said, in a directory."""
    root = Path(os.environ.get("XENOLITH_CACHE", Path.home() / ".cache" / "xenolith"))
    kept = root / "debian" / f"guest-{hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:16]}"
    if not kept.exists():
        (kernel,) = (TOP / "dist" / "install" / "boot").glob("vmlinuz-*-xenU")
        new = kept.with_suffix(f".{os.getpid()}")
        new.mkdir(parents=True)
        try:
            words = [SCRIPT, "-k", kernel, new / "web.img"]
            made = subprocess.run(words, capture_output=True, text=True)
            assert made.returncode == 0, made.stderr
            (new / "web").write_text(made.stdout)
            (new / "said").write_text(made.stderr)
            new.rename(kept)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return kept


@pytest.fixture(scope="module")
def dom0(request, tmp_path_factory):
    made = debian_guest()
    disk = tmp_path_factory.mktemp("disk") / "web.qcow2"
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw"]
    subprocess.run([*create, "-b", made / "web.img", disk], check=True)
    on = request.config.getoption("--on")
    machine = Machine(on=on, disks=[disk], kernels=[XENU], smp=1)
    with Dom0(machine) as dom0:
        dom0.bridge()
        dom0.put("/etc/udhcpd.conf", DHCP)
        dom0.put("/etc/xen/web", (made / "web").read_text())
        dom0.check(
            "touch /run/leases; udhcpd /etc/udhcpd.conf; xend start\n"
            "mkdir -p /usr/lib/xenolith/boot\n"
            f"ln -s /guest/{XENU}/vmlinuz /usr/lib/xenolith/boot/vmlinuz-6.1-xenU"
        )
        yield dom0


def wait_for(dom0, name, pattern):
    """Until a domain's console, whose text is returned, has said it."""

    def said():
        nonlocal text
        text = dom0.run(f"cat /var/log/xenolith/console/{name}.log").output
        return re.search(pattern, text)

    text = ""
    wait_until(said, seconds=300)
    return text


def type_to(dom0, name, line):
    dom0.check(
        f"echo '{line}' > $(xenstore-read /local/domain/$(xl domid {name})/console/tty)"
    )


def address_of(dom0, name):
    """What it got by DHCP: it answers there."""
    leases = "killall -USR1 udhcpd; dumpleases -f /run/leases"
    mac = dom0.check(
        f"xenstore-read /local/domain/$(xl domid {name})/device/vif/0/mac"
    ).strip()

    def leased():
        nonlocal found
        found = re.search(rf"{mac} .*?(10\.0\.0\.\d+)", dom0.run(leases).output)
        return found

    found = None
    wait_until(leased, seconds=120)
    dom0.check(f"ping -c 2 {found[1]}")
    return found[1]


def test_tiny(dom0):
    """In memory alone, from the configuration that is installed: a shell, and an address."""
    dom0.check("xm create tiny vif=")
    wait_for(dom0, "tiny", r"tiny guest: busybox, Linux 6\.1\..*, 1 CPUs")
    address_of(dom0, "tiny")
    type_to(dom0, "tiny", "echo $((6 * 7)) processes: $(ps | wc -l)")
    wait_for(dom0, "tiny", r"42 processes: \d+")
    dom0.check("xm shutdown -w tiny")


def test_debian(dom0):
    """It is up, with nothing failed; root logs in with the password; ssh is there."""
    password = re.search(r"root's password is (\S+)$", (debian_guest() / "said").read_text())[1]
    dom0.check(f"xm create web kernel=/guest/{XENU}/vmlinuz disk=phy:/dev/vda,xvda,w")
    wait_for(dom0, "web", "web login:")
    type_to(dom0, "web", "root")
    wait_for(dom0, "web", "Password:")
    type_to(dom0, "web", password)
    wait_for(dom0, "web", "root@web:~#")
    type_to(dom0, "web", "systemctl is-system-running --wait; systemctl --failed --no-legend")
    text = wait_for(dom0, "web", r"(?m)^(running|degraded)\r?$")
    assert "degraded" not in text, text
    address = address_of(dom0, "web")
    assert dom0.check(f"nc -w 20 {address} 22 < /dev/null | head -c 8") == "SSH-2.0-"
    dom0.check("xm shutdown -w web")
