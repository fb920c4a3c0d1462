"""Disks and network interfaces that another domain than domain 0 serves."""

DRIVER = {"name": "d1"}
DISK = {"backend": "phy", "target": "/dev/xvdb", "vdev": "xvda", "mode": "w"}


def devices(xend, backend="d1"):
    return xend.config(
        disks=[DISK | {"backend_domain": backend}],
        vifs=[{"backend_domain": backend, "bridge": "only-there"}],
    )


def test_served_by_another(xend):
    """Its entries are in the driver domain's part of the store, and go with the device."""
    xend.good("POST", "/domains", xend.config() | DRIVER)
    before = xend.state()
    xend.good("POST", "/domains", devices(xend))
    store = xend.machine.store
    for kind, number in ("vbd", 51712), ("vif", 0):
        front = f"/local/domain/2/device/{kind}/{number}"
        back = f"/local/domain/1/backend/{kind}/2/{number}"
        assert store.read(f"{front}/backend") == back
        assert store.read(f"{front}/backend-id") == "1"
        assert store.perms[f"{front}/state"] == ["n2", "r1"]
        assert store.perms[f"{back}/state"] == ["n1", "r2"]
    assert store.read("/local/domain/1/backend/vbd/2/51712/params") == "/dev/xvdb"
    # Nothing of domain 0's was used: no script, no bridge, no device.
    assert not (xend.directory / "vif.log").exists()
    xend.stop()
    xend.start()
    xend.good("DELETE", "/domains/u1")
    after = xend.state()
    empty = {"/local/domain/1/backend", *(f"/local/domain/1/backend/{k}" for k in ("vbd", "vif"))}
    left = {k for k in after[0] if k not in before[0]}
    assert {k for k in left if k.rsplit("/", 1)[0] not in empty and k not in empty} == set()
    xend.good("DELETE", "/domains/d1")


def test_followed(xend):
    """A driver domain that comes again is given those whom it served, and no others."""
    xend.good("POST", "/domains", xend.config() | DRIVER)
    xend.good("POST", "/domains", devices(xend))
    store = xend.machine.store
    # What the front end wrote for the one before is for the new one to read.
    store.write("/local/domain/2/device/vbd/51712/ring-ref", "8")
    xend.good("DELETE", "/domains/d1")
    assert store.read("/local/domain/2/device/vbd/51712/backend-id") == "1"
    xend.good("POST", "/domains", xend.config() | {"name": "other"})
    assert store.read("/local/domain/2/device/vbd/51712/backend-id") == "1"
    xend.stop()
    xend.start()
    xend.good("POST", "/domains", xend.config() | DRIVER)
    assert xend.good("GET", "/domains/d1")["id"] == 4
    front, back = "/local/domain/2/device/vbd/51712", "/local/domain/4/backend/vbd/2/51712"
    xend.wait(lambda: store.read(f"{front}/backend") == back)
    assert store.read(f"{front}/backend-id") == "4" and store.read(f"{front}/state") == "1"
    assert store.perms[f"{front}/ring-ref"] == ["n2", "r4"]
    assert store.read(f"{back}/frontend") == front
    xend.good("DELETE", "/domains/u1")
    xend.good("DELETE", "/domains/d1")


def test_refused(xend):
    before = xend.state()
    text = "disk[0]: backend: there is no domain d1 that runs"
    xend.refused(400, text, "POST", "/domains", devices(xend))
    text = "disk[0]: backend: u1 cannot serve itself"
    xend.refused(400, text, "POST", "/domains", devices(xend, "u1"))
    text = 'disk[0]: backend: "a b" is not the name of a domain'
    xend.refused(400, text, "POST", "/domains", devices(xend, "a b"))
    assert xend.state() == before
    # Domain 0 by its name is as none.
    config = xend.full()
    config["disks"][0]["backend_domain"] = "Domain-0"
    xend.good("POST", "/domains", config)
    assert xend.machine.store.read("/local/domain/1/device/vbd/51712/backend-id") == "0"
    xend.good("DELETE", "/domains/u1")
