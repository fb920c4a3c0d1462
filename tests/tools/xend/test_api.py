"""What xend answers: each bad input is refused with one line that names it, and leaves
nothing behind."""

import http.client
import subprocess

import pytest

from conftest import XEND

# Changes to a good configuration, and what the refusal says.
BAD = [
    ({"nmae": "x"}, 400, "nmae: unknown; allowed are name, uuid"),
    ({"name": None}, 400, "name: missing"),
    ({"name": 7}, 400, "name: a string is wanted"),
    ({"name": ""}, 400, "name: 0 bytes long"),
    ({"name": "a b"}, 400, 'name: "a b" is not allowed'),
    ({"name": "17"}, 400, 'name: "17" is not allowed'),
    ({"name": "Domain-0"}, 400, 'name: "Domain-0" is not allowed'),
    ({"name": ".."}, 400, 'name: ".." is not allowed'),
    ({"name": "../../etc/x"}, 400, "is not allowed"),
    ({"name": "x" * 65}, 400, "is not allowed"),
    ({"name": "a\nb"}, 400, 'name: "a?b" has a control character'),
    ({"uuid": "1234"}, 400, 'uuid: "1234" is not of the form'),
    ({"kernel": None}, 400, "kernel: missing"),
    ({"kernel": "vmlinuz"}, 400, 'kernel: "vmlinuz" is not an absolute path'),
    ({"kernel": "/no/such/file"}, 400, "kernel: /no/such/file: No such file"),
    ({"kernel": "/tmp"}, 400, "kernel: /tmp is not a regular file"),
    ({"ramdisk": "/no/such/file"}, 400, "ramdisk: /no/such/file: No such file"),
    ({"cmdline": "x" * 1024}, 400, "cmdline: 1024 bytes long; allowed are 1 to 1023"),
    ({"cmdline": ["a"]}, 400, "cmdline: a string is wanted"),
    ({"memory": None}, 400, "memory: missing"),
    ({"memory": "64"}, 400, "memory: a whole number is wanted"),
    ({"memory": 64.5}, 400, "memory: a whole number is wanted"),
    ({"memory": 0}, 400, "memory: 0 is not within 1 to"),
    ({"memory": -5}, 400, "memory: -5 is not within"),
    ({"memory": 1 << 40}, 400, "is not within"),
    ({"memory": 1 << 20}, 507, "memory: the domain needs 1048579 MiB; there are"),
    ({"maxmem": 32}, 400, "maxmem: 32 MiB is less than memory, 64 MiB"),
    ({"vcpus": 0}, 400, "vcpus: 0 is not within 1 to 128"),
    ({"vcpus": 129}, 400, "vcpus: 129 is not within"),
    ({"cpus": 1}, 400, "cpus: a list is wanted"),
    ({"cpus": []}, 400, "cpus: the list is empty"),
    ({"cpus": ["1"]}, 400, "cpus[0]: allowed are numbers of CPUs, 0 to"),
    ({"cpus": [0, 4]}, 400, "cpu 4 is not there; allowed are the host's, 0 to 3"),
    ({"console_port": 65536}, 400, "console_port: 65536 is not within 1 to 65535"),
    (
        {"on_crash": "explode"},
        400,
        'on_crash: "explode" is unknown; allowed are destroy, restart',
    ),
    ({"disks": {}}, 400, "disks: a list is wanted"),
    ({"disks": [1]}, 400, "disk[0]: an object is wanted"),
    (
        {"vifs": [{"mac": "00:16:3e:00:00"}]},
        400,
        'vif[0]: mac: "00:16:3e:00:00" is not a MAC',
    ),
    ({"vifs": [{"mac": "00:16:3e:00:00:0g"}]}, 400, "is not a MAC address"),
    (
        {"vifs": [{"mac": "01:16:3e:00:00:01"}]},
        400,
        "vif[0]: mac: 01:16:3e:00:00:01 is a group's",
    ),
    ({"vifs": [{"mac": "00:00:00:00:00:00"}]}, 400, "is nobody's address"),
    (
        {"vifs": [{"mac": "00:16:3E:00:00:01"}, {"mac": "00:16:3e:00:00:01"}]},
        400,
        "vif[1]: mac: 00:16:3e:00:00:01 is vif[0] already",
    ),
    (
        {"vifs": [{"bridge": "no-br"}]},
        400,
        'vif[0]: bridge: domain 0 has no bridge "no-br"; there is xen-br0',
    ),
    ({"vifs": [{"bridge": "../x"}]}, 400, "is not a name of an interface"),
    ({"vifs": [{"bridge": "b" * 16}]}, 400, "vif[0]: bridge: 16 bytes long"),
    ({"vifs": [{"script": "../../bin/sh"}]}, 400, "vif[0]: script:"),
    (
        {"vifs": [{"script": "/no/script"}]},
        400,
        "vif[0]: script: /no/script: No such file",
    ),
    (
        {"vifs": [{"ip": ["10.0.0.256"]}]},
        400,
        'vif[0]: ip[0]: "10.0.0.256" is not an IPv4',
    ),
    ({"vifs": [{"ip": ["10.0.0.1/33"]}]}, 400, "is not an IPv4 address"),
    ({"vifs": [{"rate": "1"}]}, 400, "vif[0]: rate: unknown; allowed are mac, bridge"),
    ({"vifs": [{"vifname": "x" * 16}]}, 400, "vif[0]: vifname: 16 bytes long"),
]

DISK = {"backend": "file", "vdev": "xvda", "mode": "w"}
BAD_DISKS = [
    ({"backend": "tap"}, 'disk[0]: backend: "tap" is unknown; allowed are phy, file'),
    ({"mode": "rw"}, 'disk[0]: mode: "rw" is unknown; allowed are r, w, w!'),
    ({"vdev": "xvd"}, 'disk[0]: vdev: "xvd" is unknown'),
    ({"vdev": "hde"}, 'disk[0]: vdev: "hde" is unknown'),
    ({"vdev": "sda16"}, 'disk[0]: vdev: "sda16" is unknown'),
    ({"target": "disk.img"}, 'disk[0]: target: "disk.img" is not an absolute path'),
    ({"target": "/no/disk"}, "disk[0]: /no/disk: No such file"),
    ({"target": "/tmp"}, "disk[0]: /tmp is not a regular file"),
    ({"backend": "phy"}, "is not a block device; backend phy wants one"),
    ({"bus": 1}, "disk[0]: bus: unknown; allowed are backend, target, vdev, mode"),
]


@pytest.mark.parametrize("change,status,text", BAD)
def test_bad_configuration(xend, change, status, text):
    before = xend.state()
    xend.refused(status, text, "POST", "/domains", xend.config(**change))
    assert xend.state() == before
    xend.stop()


@pytest.mark.parametrize("change,text", BAD_DISKS)
def test_bad_disk(xend, change, text):
    before = xend.state()
    disk = {**DISK, "target": str(xend.disk), **change}
    xend.refused(400, text, "POST", "/domains", xend.config(disks=[disk]))
    assert xend.state() == before


def test_not_json(xend):
    for raw, text in (
        (b"{", "the request's body is not JSON: line 1"),
        (b"[]", "the request body: an object is wanted"),
        (b'{"name":"a","name":"b"}', "not JSON"),
        (b'"\xff"', "not JSON"),
        (b"{" + b" " * (300 << 10) + b"}", "too long; allowed are 262144 bytes"),
    ):
        status, answer = xend.request("POST", "/domains", raw=raw)
        assert status in (400, 413) and text in answer["error"], answer
    xend.refused(400, "no body", "POST", "/domains")
    xend.stop()


def test_unknown_resources(xend):
    xend.refused(404, "no such resource", "GET", "/nothing")
    xend.refused(404, "no such resource", "GET", "/domains/a/b/c/d/e/f")
    xend.refused(404, "no such resource", "GET", "/domains/")
    xend.refused(405, "allowed is GET, POST", "DELETE", "/domains")
    xend.refused(400, "?force: unknown", "GET", "/domains?force=1")
    xend.refused(
        400,
        '?paused: "yes" is not allowed',
        "POST",
        "/domains?paused=yes",
        xend.config(),
    )
    for method, rest, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/pause", None),
        ("POST", "/shutdown", {"reason": "poweroff"}),
        ("PUT", "/memory", {"target_kib": 65536}),
        ("GET", "/vcpus", None),
    ):
        for name in ("nobody", "77", "99999999999999999999"):
            xend.refused(
                404, "there is no such domain", method, f"/domains/{name}{rest}", body
            )


def test_duplicates(xend):
    config = xend.full(uuid="12345678-1234-1234-1234-123456789abc")
    xend.good("POST", "/domains", config)
    before = xend.state()
    mac = xend.good("GET", "/domains/u1")["config"]["vifs"][0]["mac"]
    xend.refused(
        409,
        'name: "u1" is the name of domain 1 already',
        "POST",
        "/domains",
        xend.config(),
    )
    xend.refused(
        409,
        "uuid: 12345678-1234-1234-1234-123456789abc is domain u1 (1) already",
        "POST",
        "/domains",
        xend.config(name="u2", uuid=config["uuid"]),
    )
    xend.refused(
        409,
        f"vif[0]: mac: {mac} is vif 0 of domain u1 (1) already",
        "POST",
        "/domains",
        xend.config(name="u2", vifs=[{"mac": mac.upper()}]),
    )
    for mode in ("r", "w"):
        xend.refused(
            409,
            "is a disk of domain u1 (1) already; mode w! takes it",
            "POST",
            "/domains",
            xend.config(
                name="u2", disks=[{**DISK, "target": str(xend.disk), "mode": mode}]
            ),
        )
    assert xend.state() == before
    # Forced, it is allowed; and it all goes again.
    xend.good(
        "POST",
        "/domains",
        xend.config(
            name="u2", disks=[{**DISK, "target": str(xend.disk), "mode": "w!"}]
        ),
    )
    assert len(xend.loops()) == 2
    xend.good("DELETE", "/domains/u2")
    assert xend.state() == before
    xend.stop()


def test_read_only_disks(xend):
    disk = {**DISK, "target": str(xend.disk)}
    xend.disk.chmod(0o444)
    xend.refused(
        400,
        "is read-only; allowed is mode r",
        "POST",
        "/domains",
        xend.config(disks=[disk]),
    )
    xend.refused(
        400,
        "is read-only; allowed is mode r",
        "POST",
        "/domains",
        xend.config(disks=[{**disk, "mode": "w!"}]),
    )
    xend.good("POST", "/domains", xend.config(disks=[{**disk, "mode": "r"}]))
    # Many may read.
    xend.good("POST", "/domains", xend.config(name="u2", disks=[{**disk, "mode": "r"}]))
    xend.disk.chmod(0o644)
    xend.refused(
        409,
        "is a disk of domain u",
        "POST",
        "/domains",
        xend.config(name="u3", disks=[disk]),
    )


def test_disk_mounted_here(xend):
    """What domain 0 has mounted is refused, by the file and by the device."""
    subprocess.run(["mkfs.ext2", "-q", xend.disk], check=True)
    mount = xend.directory / "mount point"
    mount.mkdir()
    subprocess.run(["mount", "-o", "loop", xend.disk, mount], check=True)
    device = xend.loops()[0].split()[0]
    try:
        before = xend.state()
        file = {**DISK, "target": str(xend.disk)}
        block = {"backend": "phy", "target": device, "vdev": "xvda", "mode": "w"}
        xend.refused(
            409,
            f"is in use already, by {device}",
            "POST",
            "/domains",
            xend.config(disks=[file]),
        )
        xend.refused(
            409,
            f"{device} is mounted in domain 0, on {mount}",
            "POST",
            "/domains",
            xend.config(disks=[block]),
        )
        xend.refused(
            409,
            "is mounted in domain 0",
            "POST",
            "/domains",
            xend.config(disks=[{**block, "mode": "r"}]),
        )
        assert xend.state() == before
        subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
        xend.good("POST", "/domains", xend.config(disks=[{**block, "mode": "r"}]))
        xend.good(
            "POST", "/domains", xend.config(name="u2", disks=[{**block, "mode": "w!"}])
        )
        xend.refused(
            409,
            "is disk xvda of domain u2 (",
            "POST",
            "/domains",
            xend.config(name="u3", disks=[{**block, "mode": "r"}]),
        )
    finally:
        xend.good("DELETE", "/domains/u1")
        subprocess.run(["umount", mount], check=True)


def test_disk_of_another_tool(xend):
    back = f"/local/domain/0/backend/vbd/{xend.machine.add_foreign('xl1')}/51712"
    device = subprocess.run(
        ["losetup", "-f", "--show", xend.disk],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    number = int(device.removeprefix("/dev/loop"))
    with xend.machine.lock:
        xend.machine.store.write(back + "/physical-device", f"7:{number:x}")
        xend.machine.store.write(back + "/mode", "w")
    block = {"backend": "phy", "target": device, "vdev": "xvda", "mode": "r"}
    xend.refused(
        409,
        f"{device} is disk 51712 of domain 1 already",
        "POST",
        "/domains",
        xend.config(disks=[block]),
    )
    with xend.machine.lock:
        xend.machine.store.write(back + "/mode", "r")
    xend.good("POST", "/domains", xend.config(disks=[block]))


def test_memory(xend):
    xend.good("POST", "/domains", xend.config(maxmem=128))
    store = xend.machine.store
    xend.good("PUT", "/domains/u1/memory", {"target_kib": 131072})
    assert store.read("/local/domain/1/memory/target") == "131072"
    xend.refused(
        400,
        "131073 KiB is more than the domain may have, 131072 KiB",
        "PUT",
        "/domains/u1/memory",
        {"target_kib": 131073},
    )
    xend.refused(
        400,
        "target_kib: 1 is not within 4096 to",
        "PUT",
        "/domains/1/memory",
        {"target_kib": 1},
    )
    xend.refused(400, "target_kib: missing", "PUT", "/domains/1/memory")
    xend.refused(
        400,
        "size: unknown; allowed are target_kib",
        "PUT",
        "/domains/1/memory",
        {"size": 1},
    )
    xend.refused(
        400,
        "limit_kib: 65536 KiB is less than the domain's target",
        "PUT",
        "/domains/u1/maxmem",
        {"limit_kib": 65536},
    )
    xend.good("PUT", "/domains/u1/maxmem", {"limit_kib": 262144})
    xend.good("PUT", "/domains/u1/memory", {"target_kib": 262144})
    # Domain 0 too, but not below what it needs.
    xend.good("PUT", "/domains/0/memory", {"target_kib": 524288})
    assert xend.machine.domains[0]["memory_kib"] == 524288
    xend.refused(
        400,
        "target_kib: 1024 is not within 262144 to",
        "PUT",
        "/domains/Domain-0/memory",
        {"target_kib": 1024},
    )


def test_vcpus(xend):
    xend.good("POST", "/domains", xend.config(vcpus=2, cpus=[1, 2]))
    xend.good("PUT", "/domains/u1/vcpus/1/affinity", {"cpus": [3]})
    vcpus = xend.good("GET", "/domains/u1/vcpus")
    assert [v["affinity"] for v in vcpus] == [[0, 1, 2, 3], [3]]
    assert vcpus[1]["cpu"] is None and vcpus[1]["state"] == "--p"
    xend.good("PUT", "/domains/u1/vcpus/all/affinity", {"cpus": [0, 1]})
    assert [v["affinity"] for v in xend.good("GET", "/domains/u1/vcpus")] == [
        [0, 1],
        [0, 1],
    ]
    for vcpu, cpus, status, text in (
        ("2", [0], 404, "VCPU 2: there is no such VCPU; the domain has 0 to 1"),
        ("x", [0], 404, "VCPU x: there is no such VCPU"),
        ("0", [4], 400, "cpus[0]: not the number of a CPU; the host has CPUs 0 to 3"),
        ("0", [], 400, "cpus: a list of CPUs is wanted"),
        ("0", [-1], 400, "cpus[0]: not the number of a CPU"),
        ("0", 1, 400, "cpus: a list is wanted"),
    ):
        xend.refused(
            status, text, "PUT", f"/domains/u1/vcpus/{vcpu}/affinity", {"cpus": cpus}
        )
    xend.stop()


def test_scheduler(xend):
    xend.good("POST", "/domains", xend.config())
    assert xend.good("GET", "/domains/u1/scheduler") == {
        "scheduler": "bvt",
        "mcuadv": 10,
    }
    assert xend.good("PUT", "/domains/u1/scheduler", {"mcuadv": 20})["mcuadv"] == 20
    assert xend.good("GET", "/domains/1/scheduler")["mcuadv"] == 20
    xend.refused(
        400,
        "mcuadv: 0 is not within 1 to 1000",
        "PUT",
        "/domains/u1/scheduler",
        {"mcuadv": 0},
    )
    xend.refused(
        400,
        "weight: unknown; allowed are mcuadv",
        "PUT",
        "/domains/u1/scheduler",
        {"weight": 1},
    )
    assert (
        xend.good("PUT", "/node/scheduler", {"ctx_allow_us": 5000})["ctx_allow_us"]
        == 5000
    )
    xend.refused(
        400,
        "slice_us: unknown; allowed are ctx_allow_us",
        "PUT",
        "/node/scheduler",
        {"slice_us": 5000},
    )
    xend.machine.scheduler = 100
    assert xend.good("PUT", "/node/scheduler", {"slice_us": 5000}) == {
        "scheduler": "rrobin",
        "slice_us": 5000,
    }
    xend.refused(
        501,
        "scheduler rrobin: no such parameters of a domain",
        "GET",
        "/domains/u1/scheduler",
    )
    xend.machine.scheduler = 102
    xend.machine.parameters.clear()
    path = "/domains/u1/scheduler"
    promise = {"period_us": 20000, "slice_us": 5000, "latency_us": 1000, "xtratime": 0}
    free = {"period_us": 100000, "slice_us": 0, "latency_us": 0, "xtratime": 1}
    assert xend.good("GET", path) == free | {"scheduler": "atropos"}
    assert xend.good("PUT", path, promise) == promise | {"scheduler": "atropos"}
    changed = promise | {"scheduler": "atropos", "latency_us": 0}
    assert xend.good("PUT", path, {"latency_us": 0}) == changed
    for status, text, body in (
        (400, "period_us: 499 is not within 500 to 1000000", {"period_us": 499}),
        (400, "slice_us: 99 is not allowed; allowed are 0, and 100 to", {"slice_us": 99}),
        (400, "slice_us: 20001 is more than the period, 20000", {"slice_us": 20001}),
        (400, "latency_us: 20001 is more than the period", {"latency_us": 20001}),
        (400, "xtratime: 0 with a slice of 0", {"slice_us": 0}),
        (400, "mcuadv: unknown; allowed are period_us, slice_us", {"mcuadv": 1}),
        (409, "slice_us: 11000 of 20000 is more than any CPU", {"slice_us": 11000}),
    ):
        xend.refused(status, text, "PUT", path, body)
        assert xend.good("GET", path) == changed
    text = "scheduler atropos: no such parameters; each domain has its own"
    xend.refused(501, text, "GET", "/node/scheduler")
    xend.machine.scheduler = 6
    xend.refused(501, "scheduler credit2: no such parameters", "GET", "/node/scheduler")
    xend.refused(
        501,
        "scheduler credit2: no such parameters",
        "PUT",
        "/domains/u1/scheduler",
        {"mcuadv": 2},
    )


def test_node(xend):
    assert xend.good("GET", "/")["interface"] == 1
    node = xend.good("GET", "/node")
    assert (
        node["nr_cpus"] == 4
        and node["xen_scheduler"] == "bvt"
        and node["xen_extra"] == "-fake"
    )
    assert xend.request("GET", "/node/dmesg") == (200, b"hello\n")
    assert xend.request("GET", "/node/dmesg?clear=1") == (200, b"cleared\n")
    xend.refused(400, '?clear: "2"', "GET", "/node/dmesg?clear=2")


def test_token(xend):
    """On TCP only who has the token is heard."""
    xend.stop()
    process = subprocess.Popen([XEND, "run", "--port", "18005"], env=xend.environment())
    token = xend.directory / "run/token"

    def answers():
        try:
            http.client.HTTPConnection("127.0.0.1", 18005).connect()
            return True
        except OSError:
            return False

    xend.wait(answers)
    for header, status in (
        ({}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"Authorization": "Bearer " + token.read_text().strip()}, 200),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", 18005)
        connection.request("GET", "/domains", headers=header)
        assert connection.getresponse().status == status
        connection.close()
    assert token.stat().st_mode & 0o777 == 0o600
    process.terminate()
    assert process.wait() == 0 and not token.exists()


def test_command_line(xend):
    def run(*words, **environment):
        done = subprocess.run(
            [XEND, *words],
            env=xend.environment(**environment),
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    assert run("status")[:2] == (0, f"xend runs (pid {xend.process.pid})\n")
    assert run("run")[::2] == (1, f"xend: it runs already (pid {xend.process.pid})\n")
    assert run("start")[:2] == (0, f"xend runs already (pid {xend.process.pid})\n")
    assert run("stop")[0] == 0
    assert xend.process.wait() == 0
    assert run("status")[:2] == (3, "xend does not run\n")
    assert run("start", XEND_TEST_MISSING="something is missing")[::2] == (
        1,
        "xend: something is missing\n",
    )
    assert run("start")[::2] == (0, "")
    assert run("restart")[::2] == (0, "")
    assert run("status")[0] == 0
    assert run("stop")[0] == 0
    assert run("go")[0] == 2 and '"go" is unknown' in run("go")[2]
    assert run()[0] == 2
    assert "--port" in run("run", "--port", "0")[2]
    assert run("--help")[0] == 0
