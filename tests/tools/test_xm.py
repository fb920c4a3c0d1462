"""xm against a fake xend: each command's requests and output, and each error."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from lib_tools import program
from fake_xend import NODE

MINIMAL = 'name = "vm1"\nkernel = "/boot/k"\n'


def changes(xend):
    """What was asked for that changes something."""
    return [request for request in xend.requests if request[0] != "GET"]


# The command line


def commands(xm):
    return [
        line.split()[0]
        for line in xm.good("help").splitlines()
        if line.startswith("  ")
    ]


def test_help_lists_every_command_and_each_has_help(xm):
    names = commands(xm)
    wanted = """create list destroy shutdown reboot pause unpause console dmesg info
        set-mem maxmem pincpu vcpu-list help bvt bvt_ctxallow atropos rrobin"""
    assert sorted(names) == sorted(wanted.split())
    for name in names:
        text = xm.good("help", name)
        assert text.startswith("Use: xm %s " % name)
        assert xm.good(name, "--help") == text
        assert xm.good(name, "-h") == text
    assert xm.good("--help") == xm.good("help")


@pytest.mark.parametrize(
    "args, says",
    [
        ([], 'xm: no command given; "xm help" lists them'),
        (
            ["lst"],
            'xm: unknown command "lst": did you mean list?; "xm help" lists them',
        ),
        (
            ["shut"],
            'xm: unknown command "shut": did you mean shutdown?; "xm help" lists them',
        ),
        (["frobnicate"], 'xm: unknown command "frobnicate"; "xm help" lists them'),
        (["l\x1b[2J\n"], 'xm: unknown command "l?[2J?"; "xm help" lists them'),
        (["help", "lst"], 'xm help: unknown command "lst"; "xm help" lists them'),
        (
            ["list", "--jsno"],
            'xm list: unknown option --jsno: did you mean --json?; "xm help list" lists them',
        ),
        (["list", "-x"], 'xm list: unknown option -x; "xm help list" lists them'),
        (
            ["list", "--json", "-xl"],
            'xm list: unknown option -x; "xm help list" lists them',
        ),
        (["list", "--long=1"], "xm list: option --long takes no value"),
        (["create", "-f"], "xm create: option -f needs a value"),
        (["create", "--file"], "xm create: option --file needs a value"),
        (["destroy"], "xm destroy: an argument is missing; use: xm destroy DOMAIN"),
        (["pause", "a", "b"], 'xm pause: "b" is too much; use: xm pause DOMAIN'),
        (["shutdown"], "xm shutdown: give a domain, or -a for all, and not both"),
        (
            ["shutdown", "-a", "vm"],
            "xm shutdown: give a domain, or -a for all, and not both",
        ),
        (["set-mem", "vm", "lots"], 'xm set-mem: "lots" is no number of MiB'),
        (["set-mem", "vm", "0"], 'xm set-mem: "0" is no number of MiB'),
        (["maxmem", "vm", "64k"], 'xm maxmem: "64k" is no number of MiB'),
        (
            ["maxmem", "vm", "9" * 30],
            'xm maxmem: "%s" is no number of MiB' % ("9" * 30),
        ),
        (
            ["pincpu", "vm", "x", "0"],
            'xm pincpu: "x" is no virtual CPU: give its number, or "all"',
        ),
        (["bvt", "vm", "4x"], 'xm bvt: "4x" is no number'),
        (["rrobin", "-1"], 'xm rrobin: unknown option -1; "xm help rrobin" lists them'),
    ],
)
def test_wrong_command_lines(xm, xend, args, says):
    assert xm.bad(2, *args) == says
    assert not xend.requests


# Reaching xend


def test_no_socket(xm):
    says = xm.bad(3, "list")
    assert says.startswith("xm list: xend does not run (")
    assert says.endswith('No such file or directory); "xend start" starts it')


def test_nobody_listens(xm, tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "xend.sock"))
    listener.close()
    assert "xend does not run (" in xm.bad(3, "list")


def test_only_root(xm, xend, tmp_path):
    if os.getuid():
        pytest.skip("needs root, to become somebody else")
    (tmp_path / "xend.sock").chmod(0o600)
    for directory in [tmp_path, *tmp_path.parents][:3]:
        directory.chmod(0o755)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", program("xm"), "list"],
        env=xm.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert "only root may talk to xend" in done.stderr


def test_xend_ends_in_the_middle(xm, tmp_path):
    """A connection that closes without an answer."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "xend.sock"))
    listener.listen()

    def hang_up():
        peer, _ = listener.accept()
        peer.recv(4096)
        peer.close()

    threading.Thread(target=hang_up, daemon=True).start()
    assert xm.bad(1, "destroy", "vm").startswith("xm destroy: no answer from xend: ")


@pytest.mark.parametrize(
    "answer, says",
    [
        ((409, {"error": "vm1 is there already"}), "xm create: vm1 is there already"),
        ((400, {"error": "two\nlines\x1b[2J"}), "xm create: two?lines?[2J"),
        ((500, b"oops"), "xm create: xend answered with status 500 and no reason"),
        ((500, None), "xm create: xend answered with status 500 and no reason"),
        ((201, b"{"), "xm create: xend's answer is not JSON: "),
        ((201, b"[" * 100000), "xm create: xend's answer is not JSON: "),
    ],
)
def test_what_xend_refuses(xm, xend, answer, says):
    xend.fail[("POST", "/domains")] = answer
    assert xm.bad(1, "create", xm.config(MINIMAL)).startswith(says)


def test_a_list_that_is_none(xm, xend):
    xend.fail[("GET", "/domains")] = (200, {"not": "a list"})
    assert xm.bad(1, "list") == "xm list: xend's answer is no list of domains"
    xend.fail[("GET", "/domains")] = (200, [1, None, {"name": 3, "state": []}, []])
    assert len(xm.good("list").splitlines()) == 5


@pytest.mark.parametrize("name", ["a/b", "", "a b", "x" * 65, "é", "a%2fb", "a?b"])
def test_no_domain_can_have_that_name(xm, xend, name):
    for args in (
        ["destroy", name],
        ["set-mem", name, 64],
        ["console", name],
        ["list", name],
    ):
        says = xm.bad(1, *args)
        assert says == 'xm %s: there is no domain "%s"' % (args[0], name)
    assert not xend.requests


@pytest.mark.parametrize("name", [".", "..", "vm9", "77"])
def test_no_such_domain(xm, xend, name):
    assert xm.bad(1, "destroy", name) == 'xm destroy: there is no domain "%s"' % name
    assert xend.requests == [("DELETE", "/domains/" + name, None)]


# Listing


def test_list(xm, xend):
    port = xend.add("vm1", cpu_time_ns=59876543210, memory_kib=65536)["console_port"]
    xend.add("a-much-longer-name", state="r-----", console=False, cpu_time_ns=0)
    assert xm.good("list").splitlines() == [
        "Name                ID  Mem  VCPUs   State  Time(s)  Console",
        "Domain-0             0  256      2  -b----      1.2        -",
        "vm1                  1   64      1  -b----     59.8    %5d" % port,
        "a-much-longer-name   2   64      1  r-----      0.0        -",
    ]
    by_name = xm.good("list", "vm1").splitlines()
    assert len(by_name) == 2 and by_name[1].startswith("vm1 ")
    assert xm.good("list", "1").splitlines() == by_name
    assert len(xm.good("list", "1", "Domain-0").splitlines()) == 3


def test_a_domain_that_waits_to_be_started(xm, xend):
    """It has no number, only a name."""
    xend.add_waiting("vm1")
    assert (
        xm.good("list").splitlines()[2]
        == "vm1        -   64      1  ------      1.2        -"
    )
    assert "(name vm1)\n    (id)\n" in xm.good("list", "-l")
    assert len(xm.good("vcpu-list").splitlines()) == 3
    xend.requests.clear()
    xm.good("shutdown", "-a")
    assert changes(xend) == [("POST", "/domains/vm1/shutdown", {"reason": "poweroff"})]


def test_list_json(xm, xend):
    xend.add("vm1")
    listed = json.loads(xm.good("list", "--json"))
    assert listed == list(xend.domains.values())
    assert json.loads(xm.good("list", "-lj")) == [
        xend.everything(domain) for domain in xend.domains.values()
    ]


def test_list_long(xm, xend):
    xend.add("vm1")
    lines = xm.good("list", "-l", "vm1").splitlines()
    assert lines[:4] == [
        "(domain",
        "    (name vm1)",
        "    (id 1)",
        "    (memory_kib 65536)",
    ]
    text = " ".join(" ".join(lines).split())
    assert '(devices (disk (vdev xvda) (target "/dev/a b"))' in text
    assert "(vif (mac 00:16:3e:00:00:01)) (vif (mac 00:16:3e:00:00:02))" in text
    assert text.count("(") == text.count(")")
    assert xm.good("list", "-l").count("(domain\n") == 2


def test_what_xend_says_cannot_move_the_cursor(xm, xend):
    xend.add("vm\x1b[2J\x9b1", state="\n\n\r")
    for args in (["list"], ["list", "-l"], ["vcpu-list"]):
        text = xm.good(*args)
        assert "\x1b" not in text and "\x9b" not in text and "\r" not in text


def test_vcpu_list(xm, xend):
    xend.add("vm1", vcpus=2)
    assert xm.good("vcpu-list", "vm1").splitlines() == [
        "Name  ID  VCPU  CPU  State  Time(s)  May run on",
        "vm1    1     0    -    -b-      0.0       0-1,3",
        "vm1    1     1    1    r--      0.5       0-1,3",
    ]
    assert len(xm.good("vcpu-list").splitlines()) == 5
    listed = json.loads(xm.good("vcpu-list", "--json", "vm1"))
    assert listed == [{"name": "vm1", "id": 1, "vcpus": xend.vcpus(xend.domains[1])}]


# A domain's life


@pytest.mark.parametrize("which", ["vm1", "1"])
def test_pause_unpause_destroy(xm, xend, which):
    xend.add("vm1")
    assert xm.good("pause", which) == ""
    assert xm.good("unpause", which) == ""
    assert xm.good("destroy", which) == ""
    assert xend.requests == [
        ("POST", "/domains/%s/pause" % which, None),
        ("POST", "/domains/%s/unpause" % which, None),
        ("DELETE", "/domains/%s" % which, None),
    ]
    assert list(xend.domains) == [0]


@pytest.mark.parametrize(
    "args, reason",
    [
        (["shutdown", "vm1"], "poweroff"),
        (["shutdown", "-R", "1"], "reboot"),
        (["reboot", "vm1"], "reboot"),
    ],
)
def test_shutdown(xm, xend, args, reason):
    xend.add("vm1")
    assert xm.good(*args) == ""
    assert changes(xend) == [("POST", "/domains/1/shutdown", {"reason": reason})]


def test_shutdown_all_spares_domain_0(xm, xend):
    xend.add("vm1")
    xend.add("vm2")
    xend.fail[("POST", "/domains/1/shutdown")] = (409, {"error": "vm1 does not listen"})
    assert xm.bad(1, "shutdown", "-a") == "xm shutdown: vm1 does not listen"
    assert [request[1] for request in changes(xend)] == [
        "/domains/1/shutdown",
        "/domains/2/shutdown",
    ]


@pytest.mark.parametrize(
    "keep, before, end",
    [
        (None, "r-----", "gone"),
        # It is shut down, but xend is still at its devices.
        (None, "--ps--", "gone"),
        (None, "r-----", "----c-"),
        ("on_poweroff", "r-----", "--ps--"),
        ("on_reboot", "-b----", "---s--"),
    ],
)
def test_shutdown_waits(xm, xend, keep, before, end):
    """It waits while the domain runs, and no longer: gone, or kept in state s."""
    if keep:
        xend.ends[keep] = "preserve"
    xend.add("vm1", state=before)
    waiting = subprocess.Popen(
        [program("xm"), "shutdown", "-w", "vm1"],
        env=xm.environment,
        stderr=subprocess.PIPE,
    )
    while xend.requests.count(("GET", "/domains", None)) < 3:
        assert waiting.poll() is None
        time.sleep(0.01)
    with xend.lock:
        if end == "gone":
            del xend.domains[1]
        else:
            xend.domains[1]["state"] = end
    assert waiting.communicate(timeout=30) == (None, b"")
    assert waiting.returncode == 0


# Resources


def test_memory(xm, xend):
    xend.add("vm1")
    assert xm.good("set-mem", "vm1", "96") == ""
    assert xm.good("maxmem", "1", "128") == ""
    assert xend.requests == [
        ("PUT", "/domains/vm1/memory", {"target_kib": 96 * 1024}),
        ("PUT", "/domains/1/maxmem", {"limit_kib": 128 * 1024}),
    ]


@pytest.mark.parametrize(
    "text, cpus",
    [
        ("all", [0, 1, 2, 3]),
        ("2", [2]),
        ("0,2-3", [0, 2, 3]),
        ("3,0", [0, 3]),
        ("0-3,^1", [0, 2, 3]),
    ],
)
def test_pincpu(xm, xend, text, cpus):
    xend.add("vm1", vcpus=2)
    assert xm.good("pincpu", "vm1", "1", text) == ""
    assert xm.good("pincpu", "1", "all", text) == ""
    assert changes(xend) == [
        ("PUT", "/domains/vm1/vcpus/1/affinity", {"cpus": cpus}),
        ("PUT", "/domains/1/vcpus/all/affinity", {"cpus": cpus}),
    ]


@pytest.mark.parametrize(
    "text", ["4", "0-4", "3-1", "", "a", "0,", "^0", "0-", "-1", "1-2-3"]
)
def test_pincpu_bad_sets(xm, xend, text):
    xend.add("vm1")
    says = xm.bad(2, "pincpu", "--", "vm1", "0", text)
    assert says.startswith('xm pincpu: "%s" ' % text)
    assert not changes(xend)


def test_scheduler(xm, xend):
    xend.add("vm1")
    assert xm.good("bvt", "vm1") == "mcuadv 2\n"
    assert json.loads(xm.good("bvt", "--json", "vm1")) == {"mcuadv": 2}
    assert xm.good("bvt_ctxallow") == "name bvt\nctx_allow_us 5000\n"
    assert not changes(xend)
    assert xm.good("bvt", "1", "4") == ""
    assert xm.good("bvt_ctxallow", "500") == ""
    assert xm.good("atropos", "1", "20000", "5000", "0", "1") == ""
    says = xm.bad(2, "atropos", "1", "20000", "5000")
    assert says == "xm atropos: give all of PERIOD SLICE LATENCY XTRATIME"
    says = xm.bad(2, "atropos", "1", "20000", "5000", "1ms", "1")
    assert says == 'xm atropos: "1ms" is no number'
    assert xm.good("rrobin", "10000") == ""
    assert changes(xend) == [
        ("PUT", "/domains/1/scheduler", {"mcuadv": 4}),
        ("PUT", "/node/scheduler", {"ctx_allow_us": 500}),
        (
            "PUT",
            "/domains/1/scheduler",
            {"period_us": 20000, "slice_us": 5000, "latency_us": 0, "xtratime": 1},
        ),
        ("PUT", "/node/scheduler", {"slice_us": 10000}),
    ]


# The machine


def test_info(xm, xend):
    lines = xm.good("info").splitlines()
    assert lines[0] == "host                   : somewhere"
    assert "total_memory           : 2048" in lines
    assert "free_memory            : 512" in lines
    assert len(lines) == len(NODE)
    assert json.loads(xm.good("info", "--json")) == NODE


def test_dmesg(xm, xend):
    xend.dmesg = "(XL) one\n(XL) \ttwo\x1b[2J\x00é\n"
    wanted = "(XL) one\n(XL) \ttwo?[2J?é\n"
    assert xm.good("dmesg") == wanted
    assert xm.good("dmesg", "-c") == wanted
    assert xm.good("dmesg") == ""


def test_output_that_cannot_be_written(xm, xend):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [program("xm"), "list"],
            env=xm.environment,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 1
    assert b"cannot write the output" in done.stderr


def test_interrupt_ends_a_wait(xm, xend):
    xend.add("vm1", state="r-----")
    # A shell that starts tests in the background has it ignored.
    waiting = subprocess.Popen(
        [program("xm"), "reboot", "-w", "vm1"],
        env=xm.environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not changes(xend):
        time.sleep(0.01)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(30) == -signal.SIGINT


# Create; test_xm_config.py has the configurations


def test_create(xm, xend):
    xm.config(MINIMAL)
    assert xm.good("create", "vm") == "Created domain vm1, number 1\n"
    assert [request[:2] for request in changes(xend)] == [("POST", "/domains")]
    assert (
        xm.good("create", "-p", "vm", "name=vm2")
        == "Created domain vm2, number 2, paused\n"
    )
    assert changes(xend)[1][:2] == ("POST", "/domains?paused=1")
    assert changes(xend)[1][2]["name"] == "vm2"


def test_dry_run_asks_for_nothing(xm):
    path = xm.config(MINIMAL)
    assert xm.good("create", "-n", path).startswith("(domain\n    (name vm1)\n")
    assert json.loads(xm.good("create", "-nj", path))["kernel"] == "/boot/k"


def test_where_configurations_are(xm, tmp_path):
    path = xm.config(MINIMAL)
    for args in (
        ["vm"],
        [path],
        ["./etc/vm"],
        ["-f", "etc/vm"],
        ["--file=etc/vm", "memory=64"],
    ):
        assert "(name vm1)" in xm.good("create", "-n", *args)
    (tmp_path / "here").write_text(MINIMAL)
    says = xm.bad(1, "create", "-n", "here")
    assert says.endswith("/etc/here; if you mean the file here, say ./here")
    assert "(name vm1)" in xm.good("create", "-n", "-f", "here")
    assert (
        xm.bad(1, "create", "none")
        == "xm create: no configuration %s/etc/none" % tmp_path
    )
    assert (
        xm.bad(1, "create", "./none") == "xm create: ./none: No such file or directory"
    )
    assert xm.bad(1, "create", "./etc") == "xm create: ./etc: Is a directory"


@pytest.mark.parametrize(
    "args, says",
    [
        ([], "no configuration file given; use: xm create "),
        (["name=x"], "no configuration file given; use: xm create "),
        (["vm", "memory"], '"memory" is not NAME=VALUE'),
        (["vm", "=3"], '"=3" is not NAME=VALUE'),
        (["-f", "vm", "other"], '"other" is not NAME=VALUE'),
    ],
)
def test_wrong_create_lines(xm, xend, args, says):
    xm.config(MINIMAL)
    assert xm.bad(2, "create", *args).startswith("xm create: " + says)
    assert not xend.requests
