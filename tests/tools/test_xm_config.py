"""xm's configuration files: every variable, every form, every refusal."""

import itertools
import json
import os
import re

import pytest

from lib_tools import TOP

MINIMAL = 'name = "vm1"\nkernel = "/boot/k"\n'

# What xend gets for MINIMAL.
DEFAULTS = {
    "name": "vm1",
    "kernel": "/boot/k",
    "ramdisk": None,
    "cmdline": "",
    "memory": 128,
    "maxmem": 128,
    "vcpus": 1,
    "cpus": None,
    "disks": [],
    "vifs": [],
    "on_poweroff": "destroy",
    "on_reboot": "restart",
    "on_crash": "destroy",
}


def posted(xm, xend, text, *overrides):
    """What xend is asked for by this configuration."""
    xm.good("create", xm.config(text), *overrides)
    [(method, path, body)] = [
        request for request in xend.requests if request[0] != "GET"
    ]
    assert (method, path) == ("POST", "/domains")
    xend.requests.clear()
    return body


def differs(xm, xend, text, *overrides):
    """What of it is not as in DEFAULTS."""
    body = posted(xm, xend, MINIMAL + text, *overrides)
    assert set(DEFAULTS) <= set(body)
    return {name: body[name] for name in body if body[name] != DEFAULTS.get(name)}


def refused(xm, xend, text, *overrides):
    """The message, without the command's and the file's name."""
    path = xm.config(text)
    says = xm.bad(1, "create", path, *overrides)
    assert not xend.requests
    assert says.startswith("xm create: ")
    return says[len("xm create: ") :].replace(path, "FILE")


def test_minimal(xm, xend):
    assert posted(xm, xend, MINIMAL) == DEFAULTS


def test_everything(xm, xend):
    text = """
# A guest with all there is
import os.path
from random import randint
def _helper(n): return "phy:vg/lv%d,xvd%s,w" % (n, chr(ord("a") + n))
def helper(): return 3
class Helper: pass
_own = 5
name = "web-1.example_2"
kernel = os.path.join("/boot", "vmlinuz")
ramdisk = "/boot/initrd"
memory = 64 * 2
maxmem = "512"
vcpus = 2
cpus = "0-3,^1"
disk = [_helper(n) for n in range(2)] + ["file:/srv/disk,sda1,r", "phy:/dev/sdb,hdc,w!"]
bridge = "xen-br0"
vif = ["", "mac=00:16:3E:0A:0b:0c, bridge=br1, ip=10.0.0.2 10.1.0.0/16, script=vif-x, vifname=web0"]
ip = "10.0.0.2"
netmask = "255.255.255.0"
gateway = "10.0.0.1"
hostname = "web"
nfs_server = "10.0.0.3"
nfs_root = "/srv/root"
root = "/dev/nfs rw"
extra = "console=hvc0 quiet"
on_poweroff = "preserve"
on_reboot = "destroy"
on_crash = "rename-restart"
console_port = 9700
uuid = "6f0c1b1e-4d0e-4f5c-9c55-1d1a2b3c4d5e"
vmid = 1
"""
    assert posted(xm, xend, text) == {
        "name": "web-1.example_2",
        "kernel": "/boot/vmlinuz",
        "ramdisk": "/boot/initrd",
        "memory": 128,
        "maxmem": 512,
        "vcpus": 2,
        "cpus": [0, 2, 3],
        "cmdline": "root=/dev/nfs rw ip=10.0.0.2:10.0.0.3:10.0.0.1:255.255.255.0:web:eth0:off"
        " nfsroot=10.0.0.3:/srv/root console=hvc0 quiet",
        "disks": [
            {"backend": "phy", "target": "/dev/vg/lv0", "vdev": "xvda", "mode": "w"},
            {"backend": "phy", "target": "/dev/vg/lv1", "vdev": "xvdb", "mode": "w"},
            {"backend": "file", "target": "/srv/disk", "vdev": "sda1", "mode": "r"},
            {"backend": "phy", "target": "/dev/sdb", "vdev": "hdc", "mode": "w!"},
        ],
        "vifs": [
            {"bridge": "xen-br0"},
            {
                "mac": "00:16:3e:0a:0b:0c",
                "bridge": "br1",
                "ip": ["10.0.0.2", "10.1.0.0/16"],
                "script": "/etc/xen/scripts/vif-x",
                "vifname": "web0",
            },
        ],
        "on_poweroff": "preserve",
        "on_reboot": "destroy",
        "on_crash": "rename-restart",
        "console_port": 9700,
        "uuid": "6f0c1b1e-4d0e-4f5c-9c55-1d1a2b3c4d5e",
    }


@pytest.mark.parametrize(
    "text, difference",
    [
        ('memory = "64"', {"memory": 64, "maxmem": 64}),
        ("memory = 64\nmaxmem = 96", {"memory": 64, "maxmem": 96}),
        ('vcpus = "3"', {"vcpus": 3}),
        ("cpu = 2", {"cpus": [2]}),
        ("cpu = -1", {}),
        ('cpu = "-1"', {}),
        ("cpu = 0", {"cpus": [0]}),
        ("cpus = 1", {"cpus": [1]}),
        ("cpus = [3, 1]", {"cpus": [3, 1]}),
        ('cpus = "2"', {"cpus": [2]}),
        ("ramdisk = None\nmaxmem = None\ndisk = None\nvif = None", {}),
        (
            'ramdisk = ""\nroot = ""\nextra = ""\nip = ""\nhostname = ""\nbridge = ""',
            {},
        ),
        ("disk = ()\nvif = []", {}),
        ('vif = ("",)', {"vifs": [{}]}),
        (
            'vif = ["  mac = 02:00:00:00:00:01 "]',
            {"vifs": [{"mac": "02:00:00:00:00:01"}]},
        ),
        ('vif = ["script=/opt/vif"]', {"vifs": [{"script": "/opt/vif"}]}),
        (
            'disk = [" file:/a b:c , xvda , w "]',
            {
                "disks": [
                    {"backend": "file", "target": "/a b:c", "vdev": "xvda", "mode": "w"}
                ]
            },
        ),
        ('restart = "always"', {"on_poweroff": "restart", "on_crash": "restart"}),
        ('restart = "never"', {"on_reboot": "destroy"}),
        ('restart = "onreboot"', {}),
        (
            'restart = "never"\non_crash = "preserve"',
            {"on_reboot": "destroy", "on_crash": "preserve"},
        ),
        ('root = "/dev/xvda1"', {"cmdline": "root=/dev/xvda1"}),
        ('extra = "a b"', {"cmdline": "a b"}),
        ('hostname = "web"', {"cmdline": "hostname=web"}),
        ('dhcp = "dhcp"', {"cmdline": "ip=::::: eth0:dhcp".replace(" ", "")}),
        ('dhcp = True\nhostname = "web"', {"cmdline": "ip=::::web:eth0:dhcp"}),
        ('dhcp = "off"\nip = "10.0.0.2"', {"cmdline": "ip=10.0.0.2:::::eth0:off"}),
        ("dhcp = False", {}),
        (
            'dhcp = "any"\nnfs_server = "10.0.0.3"\nnfs_root = "/r"',
            {"cmdline": "ip=:10.0.0.3::::eth0:any nfsroot=10.0.0.3:/r"},
        ),
        ('dhcp = True\nnfs_root = "/r"', {"cmdline": "ip=:::::eth0:dhcp nfsroot=/r"}),
        ('extra = "%s"' % ("x" * 1023), {"cmdline": "x" * 1023}),
    ],
)
def test_forms(xm, xend, text, difference):
    assert differs(xm, xend, text) == difference


def test_paths_are_made_absolute(xm, xend, tmp_path):
    text = 'name = "vm1"\nkernel = "k"\nramdisk = "../i"\ndisk = ["file:d,xvda,r"]'
    body = posted(xm, xend, text)
    assert body["kernel"] == "%s/k" % tmp_path
    assert body["ramdisk"] == "%s/../i" % tmp_path
    assert body["disks"][0]["target"] == "%s/d" % tmp_path


# NAME=VALUE


@pytest.mark.parametrize(
    "text, overrides, difference",
    [
        ("memory = 64", ["memory=96"], {"memory": 96, "maxmem": 96}),
        ("", ["name=other"], {"name": "other"}),
        ("", ["extra=a=b c"], {"cmdline": "a=b c"}),
        ("", ["extra=5"], {"cmdline": "5"}),
        ("", ["cpu=-1", "dhcp=True"], {"cmdline": "ip=:::::eth0:dhcp"}),
        ("", ["cpus=1,3"], {"cpus": [1, 3]}),
        ("memory = 32 * vmid", ["vmid=3"], {"memory": 96, "maxmem": 96}),
        ("vmid = 1\nmemory = 32 * vmid", ["vmid=3"], {"memory": 32, "maxmem": 32}),
        ('vif = ["bridge=a"]', ["vif="], {"vifs": [{}]}),
        ('vif = ["bridge=a"]', ["vif=[]"], {}),
        (
            "",
            ["vif=bridge=a", "vif=bridge=b"],
            {"vifs": [{"bridge": "a"}, {"bridge": "b"}]},
        ),
        ("", ["vif=['bridge=a', '']"], {"vifs": [{"bridge": "a"}, {}]}),
        # The file may change the list that it finds, but the command line wins.
        ('vif.append("bridge=b")', ["vif=bridge=a"], {"vifs": [{"bridge": "a"}]}),
        ("", ["memory=1", "memory=2"], {"memory": 2, "maxmem": 2}),
    ],
)
def test_overrides(xm, xend, text, overrides, difference):
    assert differs(xm, xend, text, *overrides) == difference


def test_everything_by_overrides(xm, xend):
    xm.good("create", "/dev/null", "name=vm1", "kernel=/boot/k")
    assert xend.requests[0][2] == DEFAULTS


@pytest.mark.parametrize(
    "override, says",
    [
        ("memroy=64", 'memroy=64: unknown variable "memroy": did you mean memory?'),
        ("xyzzy=64", 'xyzzy=64: unknown variable "xyzzy"'),
        ("_own=64", '_own=64: unknown variable "_own"'),
        ("vif=[1", "vif=[1 is not a list as Python writes it"),
        ("vif=[print(1)]", "vif=[print(1)] is not a list as Python writes it"),
        (
            "memory=lots",
            "FILE: memory is 'lots': allowed are whole numbers from 1 to 1073741824",
        ),
        ("x" * 100 + "=1", "x" * 60 + ': unknown variable "' + "x" * 63 + '"'),
    ],
)
def test_bad_overrides(xm, xend, override, says):
    assert refused(xm, xend, MINIMAL, override) == says


def test_an_override_that_is_not_utf8(xm, xend):
    path = xm.config(MINIMAL)
    says = xm.bad(1, "create", path, b"extra=\xff".decode("utf-8", "surrogateescape"))
    assert says == "xm create: the value given for extra is not UTF-8"


# Refused


def u(name, nearest=None):
    return 'FILE: unknown variable "%s"%s (a name of your own begins with "_")' % (
        name,
        ": did you mean %s?" % nearest if nearest else "",
    )


@pytest.mark.parametrize(
    "text, says",
    [
        ("memroy = 64", u("memroy", "memory")),
        ("Memory = 64", u("Memory", "memory")),
        ("disks = []", u("disks", "disk")),
        ("xyzzy = 64", u("xyzzy")),
        ("for i in range(3): pass", u("i")),
        ('globals()["\\x1b[2J"] = 1', u("?[2J")),
        ('globals()["\\ud800"] = 1', "FILE: a variable has no proper name"),
        ("globals()[5] = 1", "FILE: a variable has no proper name"),
        # Types
        ("memory = 64.0", "memory must be a number, not float"),
        ("memory = True", "memory must be a number, not bool"),
        ("memory = [64]", "memory must be a number, not list"),
        ("memory = 0", "memory is 0: allowed are whole numbers from 1 to 1073741824"),
        ("memory = -1", "memory is -1: allowed are whole numbers from 1 to 1073741824"),
        (
            "memory = '64M'",
            "memory is '64M': allowed are whole numbers from 1 to 1073741824",
        ),
        ("memory = ''", "memory is '': allowed are whole numbers from 1 to 1073741824"),
        ("memory = 2**64", "memory is 18446744073709551616: allowed are whole numbers"),
        ("memory = 10**5000", "memory is too large: allowed are whole numbers"),
        ("memory = ' 64'", "memory is ' 64': allowed are whole numbers"),
        ("maxmem = 64", "maxmem is 64: less than memory, which is 128"),
        ("vcpus = 0", "vcpus is 0: allowed are whole numbers from 1 to 4096"),
        ("cpu = -2", "cpu is -2: allowed are whole numbers from -1 to 4095"),
        ("cpu = 1\ncpus = 1", "cpu and cpus are both set: one of them is enough"),
        ("cpus = {}", "cpus must be a list, not dict"),
        ("cpus = ['1']", None),
        ("cpus = [1.5]", "cpus[0] must be a number, not float"),
        (
            "cpus = '5-1'",
            'cpus: "5-1" is no set of CPUs: allowed are numbers from 0 to 4095',
        ),
        ("cpus = '1,^1'", 'cpus: "1,^1" names no CPU'),
        ("cpus = ''", 'cpus: "" is no set of CPUs'),
        ("kernel = 5", "kernel must be a string, not int"),
        ("kernel = b'/k'", "kernel must be a string, not bytes"),
        ("def kernel(): pass", "kernel must be a string, not function"),
        ("extra = 'a\\nb'", "extra has a control character in it (code 10)"),
        ("extra = 'a\\0b'", "extra has a control character in it (code 0)"),
        ("extra = '\\ud800'", "extra has characters that UTF-8 cannot hold"),
        ("extra = 'x' * 4097", "extra is longer than 4096 bytes"),
        (
            "extra = 'x' * 1024",
            "the kernel's command line has 1024 bytes: allowed are 1023",
        ),
        ("disk = 'phy:a,xvda,w'", "disk must be a list, not str"),
        ("disk = [1]", "disk[0] must be a string, not int"),
        ("vif = [''] * 257", "vif has 257 entries: allowed are 256"),
        ("vif = 1", "vif must be a list, not int"),
        ("dhcp = 1", "dhcp must be a string, not int"),
        # Names
        ("name = None", "name is missing"),
        (
            "name = ''",
            'name is "": allowed are 1 to 64 letters, digits, ".", "_" and "-"',
        ),
        ("name = 'a b'", 'name is "a b": allowed are'),
        ("name = 'a/b'", 'name is "a/b": allowed are'),
        ("name = 'x' * 65", 'name is "%s": allowed are' % ("x" * 65)),
        ("name = 'é'", 'name is "é": allowed are'),
        ("name = '12'", 'name is "12": a number alone would be a domain\'s number'),
        ("name = 'Domain-0'", 'name is "Domain-0", which the first domain has'),
        ("kernel = None", "kernel is missing: the path of the kernel to start"),
        ("kernel = ''", "kernel is missing: the path of the kernel to start"),
        # Words
        (
            "restart = 'maybe'",
            'restart is "maybe": allowed are always, onreboot, never',
        ),
        ("on_crash = 'x'", 'on_crash is "x": allowed are destroy, restart, preserve,'),
        ("dhcp = 'maybe'", 'dhcp is "maybe": allowed are True, False, dhcp, off,'),
        # The network of the command line
        ("ip = '10.0.0'", 'ip is "10.0.0": no IPv4 address, like 10.0.0.2'),
        ("ip = '10.0.0.2 quiet'", 'ip is "10.0.0.2 quiet": no IPv4 address'),
        ("netmask = '24'", 'netmask is "24": no IPv4 address'),
        ("gateway = 'fe80::1'", 'gateway is "fe80::1": no IPv4 address'),
        ("nfs_server = 'srv'", 'nfs_server is "srv": no IPv4 address'),
        ("gateway = '10.0.0.1'", "gateway is set, but neither ip nor dhcp"),
        ("netmask = '255.0.0.0'", "netmask is set, but neither ip nor dhcp"),
        ("hostname = 'a b'", 'hostname is "a b": it cannot have spaces or quotes'),
        ("hostname = 'a:b'", 'hostname cannot have a ":" in it'),
        ("nfs_root = '/a b'", 'nfs_root is "/a b": it cannot have spaces or quotes'),
        # Disks
        (
            "disk = ['']",
            'disk[0] is "": must be phy:DEVICE,VDEV,MODE or file:PATH,VDEV,MODE',
        ),
        ("disk = ['phy:a,xvda']", 'disk[0] is "phy:a,xvda": must be'),
        ("disk = ['phy:a,xvda,w,x,y']", 'disk[0] is "phy:a,xvda,w,x,y": must be'),
        ("disk = ['phy:,xvda,w']", 'disk[0] is "phy:,xvda,w": must be'),
        ("disk = ['a,xvda,w']", 'disk[0] is "a,xvda,w": must be'),
        (
            "disk = ['nbd:a,xvda,w']",
            'disk[0] is of kind "nbd": allowed are phy and file',
        ),
        ("disk = ['phy:a,vda,w']", 'disk[0] is for "vda": allowed are names like xvda'),
        ("disk = ['phy:a,xvd,w']", 'disk[0] is for "xvd": allowed'),
        ("disk = ['phy:a,xvda01,w']", 'disk[0] is for "xvda01": allowed'),
        ("disk = ['phy:a,xvda1/,w']", 'disk[0] is for "xvda1/": allowed'),
        ("disk = ['phy:a,,w']", 'disk[0] is for "": allowed'),
        ("disk = ['phy:a,xvda,rw']", 'disk[0] has mode "rw": allowed are r, w and w!'),
        ("disk = ['phy:a,xvda,r', 'phy:b,xvda,r']", "disk has xvda twice"),
        # Network interfaces
        ("vif = ['mac']", 'vif[0]: "mac" is not KEY=VALUE'),
        ("vif = ['mac=00:16:3e:00:00:01,']", 'vif[0]: "" is not KEY=VALUE'),
        (
            "vif = ['', 'rate=1']",
            'vif[1]: unknown key "rate": allowed are mac, bridge, ip,',
        ),
        (
            "vif = ['mac=1']",
            'vif[0]: mac is "1": allowed are addresses of one interface',
        ),
        (
            "vif = ['mac=00:16:3e:00:00:0g']",
            'vif[0]: mac is "00:16:3e:00:00:0g": allowed',
        ),
        (
            "vif = ['mac=00:16:3e:00:00:01:']",
            'vif[0]: mac is "00:16:3e:00:00:01:": allowed',
        ),
        (
            "vif = ['mac=01:00:5e:00:00:01']",
            'vif[0]: mac is "01:00:5e:00:00:01": allowed',
        ),
        (
            "vif = ['mac=ff:ff:ff:ff:ff:ff']",
            'vif[0]: mac is "ff:ff:ff:ff:ff:ff": allowed',
        ),
        (
            "vif = ['mac=00:00:00:00:00:00']",
            'vif[0]: mac is "00:00:00:00:00:00": allowed',
        ),
        (
            "vif = ['mac=0:0016:3e:00:00:01']",
            'vif[0]: mac is "0:0016:3e:00:00:01": allowed',
        ),
        ("vif = ['bridge=']", 'vif[0]: bridge is "": allowed are names of up to 15'),
        ("vif = ['bridge=a/b']", 'vif[0]: bridge is "a/b": allowed are names'),
        (
            "vif = ['vifname=0123456789abcdef']",
            'vif[0]: vifname is "0123456789abcdef":',
        ),
        ("vif = ['ip=10.0.0.300']", 'vif[0]: ip is "10.0.0.300": allowed are IPv4'),
        ("vif = ['ip=10.0.0.0/33']", 'vif[0]: ip is "10.0.0.0/33": allowed are IPv4'),
        ("vif = ['ip=10.0.0.0/']", 'vif[0]: ip is "10.0.0.0/": allowed are IPv4'),
        ("vif = ['ip=']", 'vif[0]: ip is "": allowed are IPv4'),
        ("vif = ['script=']", 'vif[0]: script is "": allowed are paths'),
        ("vif = ['bridge=a,bridge=b']", "vif[0]: bridge is there twice"),
        ("vif = ['mac=00:16:3e:00:00:01'] * 2", "vif has 00:16:3e:00:00:01 twice"),
        ("vif = ['vifname=a'] * 2", "vif has a twice"),
        (
            "bridge = 'a/b'\nvif = ['']",
            'bridge is "a/b": no interface can have that name',
        ),
    ],
)
def test_refused(xm, xend, text, says):
    if says is None:
        # Strings with numbers are numbers.
        assert differs(xm, xend, text) == {"cpus": [1]}
        return
    if not says.startswith("FILE"):
        says = "FILE: " + says
    assert refused(xm, xend, MINIMAL + text).startswith(says)


@pytest.mark.parametrize(
    "text, says",
    [
        ("x = 1 +", "FILE:1: SyntaxError: invalid syntax"),
        ("\n\nif 1:\nx", "FILE:4: IndentationError: expected an indented block after"),
        ("\nname = nmae", "FILE:2: NameError: name 'nmae' is not defined"),
        ("def f():\n  1/0\n\nf()", "FILE:2: ZeroDivisionError: division by zero"),
        ("import os\nos.stat('/none')", "FILE:2: FileNotFoundError: [Errno 2]"),
        ("raise ValueError('a\\nb')", "FILE:1: ValueError: a?b"),
        ("raise ValueError", "FILE:1: ValueError"),
        ("import sys\nsys.exit(0)", "FILE:2: SystemExit: 0"),
        ("import nothing_of_that_name", "FILE:1: ModuleNotFoundError: No module named"),
        (
            "def f(): f()\nf()",
            "FILE:1: RecursionError: maximum recursion depth exceeded",
        ),
        (
            "x = " + "(" * 300 + ")" * 300,
            "FILE:1: SyntaxError: too many nested parentheses",
        ),
        ("x = " + "-" * 100000 + "1", "FILE: "),
        ("x = " + "x." * 50000 + "y", "FILE"),
        ("raise type('E', (Exception,), {'__str__': lambda s: 1/0})", "FILE:1: E"),
        (
            "raise type('E', (Exception,), {'__str__': lambda s: '\\ud800'})",
            "FILE:1: E",
        ),
        (
            "class M(type):\n  def __repr__(s): 1/0\nclass memory(metaclass=M): pass",
            "FILE: ",
        ),
        (b"name = '\xff'\n", "FILE:1: SyntaxError: (unicode error)"),
        (b"name = '\0'\n", "FILE has bytes of 0: not a configuration"),
        (b"\x7fELF" + b"\0" * 100, "FILE has bytes of 0: not a configuration"),
        (b"#" * (1 << 20) + b"\n", "FILE is larger than 1 MiB: not a configuration"),
        ("memory = 64\n" * 80000, "FILE: name is missing"),
        ("", "FILE: name is missing"),
        ("_x = [0] * 10**18", "FILE:1: MemoryError"),
    ],
    ids=itertools.count(),
)
def test_bad_files(xm, xend, text, says):
    assert refused(xm, xend, text).startswith(says)


def test_a_value_that_misbehaves(xm, xend):
    """Subclasses of Python's types whose methods fail are never called."""
    text = MINIMAL + (
        "class _S(str):\n  def __str__(s): raise ValueError\n  __eq__ = __hash__ = __str__\n"
        "class _L(list):\n  def __len__(s): return 10**9\n  __iter__ = __getitem__ = None\n"
        "extra = _S('a')\nvif = _L([''])\n"
    )
    body = posted(xm, xend, text)
    assert (body["cmdline"], body["vifs"]) == ("a", [{}])
    text = (
        MINIMAL
        + "class _I(int):\n  def __repr__(s): raise ValueError\nmemory = _I(0)\n"
    )
    assert refused(xm, xend, text).startswith(
        "FILE: memory is too large: allowed are whole"
    )


def test_no_environment_reaches_python(xm, xend, tmp_path):
    """Neither modules beside the file, nor $PYTHONPATH, nor xm's arguments."""
    (tmp_path / "etc" / "mine.py").write_text("")
    (tmp_path / "mine.py").write_text("")
    xm.environment["PYTHONPATH"] = xm.environment["PYTHONHOME"] = str(tmp_path)
    xm.environment["PYTHONSTARTUP"] = str(tmp_path / "mine.py")
    assert "No module named 'mine'" in refused(xm, xend, "import mine")
    text = MINIMAL + "import sys\nextra = repr(sys.argv) + repr(sys.flags.isolated)"
    assert posted(xm, xend, text)["cmdline"] == "['']1"
    # Nor another python3 on $PATH.
    (tmp_path / "python3").write_text("#!/bin/sh\n")
    (tmp_path / "python3").chmod(0o755)
    xm.environment["PATH"] = str(tmp_path)
    assert posted(xm, xend, MINIMAL) == DEFAULTS


def test_files_are_utf8_in_any_locale(xm, xend, tmp_path):
    xm.environment.update(LC_ALL="C", LANG="C")
    (tmp_path / "words").write_text("é")
    text = MINIMAL + "extra = open(%r).read() + 'ü'" % str(tmp_path / "words")
    assert posted(xm, xend, text)["cmdline"] == "éü"


def test_what_the_file_prints_is_not_output(xm):
    path = xm.config('print("hel", end="")\nprint("lo")\n' + MINIMAL)
    done = xm.run("create", "-nj", path)
    assert json.loads(done.stdout) == DEFAULTS
    assert done.stderr == "hello\n"


def test_a_file_that_cannot_be_read(xm, xend):
    path = xm.config(MINIMAL)
    os.unlink(path)
    os.symlink(path, path)
    assert "Too many levels of symbolic links" in xm.bad(1, "create", "-f", path)


# The examples that are installed


def example(xm, name, *overrides):
    path = TOP / "tools/examples" / name
    return json.loads(xm.good("create", "-nj", str(path), *overrides))


def test_xmexample1(xm):
    domain = example(xm, "xmexample1")
    assert domain["name"] == "example1"
    assert domain["cmdline"] == "root=/dev/xvda ro console=hvc0"
    assert domain["vifs"] == [{}]


def test_xmexample1_with_everything(xm):
    """Each line that is commented out is right, too."""
    text = (TOP / "tools/examples/xmexample1").read_text()
    for line in re.findall(r"^#([a-z_]+ = .*)$", text, re.MULTILINE):
        path = xm.config(text + line + '\nip = "10.0.0.2"\n')
        xm.good("create", "-n", path)


def test_xmexample2(xm):
    one, two = example(xm, "xmexample2", "vmid=1"), example(xm, "xmexample2", "vmid=20")
    assert (one["name"], two["name"]) == ("vm1", "vm20")
    assert two["vifs"] == [{"mac": "00:16:3e:00:00:14"}]
    assert "ip=10.0.0.120::10.0.0.1:255.255.255.0:vm20:eth0:off" in two["cmdline"]
    for args, says in (
        [],
        "ValueError: give the domain's number, from 1 to 99: vmid=1",
    ), (["vmid=100"], "ValueError: vmid=100 is not from 1 to 99"):
        path = str(TOP / "tools/examples/xmexample2")
        assert xm.bad(1, "create", path, *args).endswith(says)
