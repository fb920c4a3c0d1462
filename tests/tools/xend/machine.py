"""What xend works with, played: xenstored (by its protocol on the wire), the hypervisor
(by the lines of JSON that fake_control.c sends) and domain 0's back ends.

All of it lives in the test, so it stays when xend is killed. Every request of xend is a
step; `kill_at` kills xend right after the step of that number was done, before it is
answered.
"""

import errno
import json
import os
import signal
import socket
import struct
import threading

HEADER = struct.Struct("<IIII")
(DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, START, END, INTRODUCE, RELEASE) = range(
    1, 10
)
(PATH, WRITE, MKDIR, RM, SET_PERMS, EVENT, ERROR, INTRODUCED) = range(10, 18)


class StoreError(Exception):
    pass


class Store:
    """xenstored: a tree of values and permissions, transactions, watches."""

    def __init__(self, machine):
        self.machine = machine
        self.nodes = {"/": "", "/local": "", "/local/domain": "", "/local/domain/0": ""}
        self.perms = {}
        self.transactions = {}
        self.generation = 0
        self.serial = 0
        self.watches = []  # (connection, path, token)
        self.introduced = set()

    # The tree; `t` is a transaction's (nodes, perms, changed paths), or None.

    def view(self, t):
        return (self.nodes, self.perms) if t is None else (t["nodes"], t["perms"])

    def read(self, path, t=None):
        nodes, _ = self.view(t)
        if path not in nodes:
            raise StoreError("ENOENT")
        return nodes[path]

    def list(self, path, t=None):
        nodes, _ = self.view(t)
        if path not in nodes:
            raise StoreError("ENOENT")
        start = path.rstrip("/") + "/"
        return sorted(
            p[len(start) :]
            for p in nodes
            if p.startswith(start) and "/" not in p[len(start) :] and p != "/"
        )

    def write(self, path, value, t=None, only_make=False):
        nodes, perms = self.view(t)
        parent = path.rsplit("/", 1)[0] or "/"
        if parent not in nodes:
            self.write(parent, "", t)
        if path not in nodes:
            perms[path] = perms.get(parent, ["n0"])
        elif only_make:
            return
        nodes[path] = value
        self.changed(path, t)

    def remove(self, path, t=None):
        nodes, perms = self.view(t)
        if path not in nodes:
            raise StoreError("ENOENT")
        for p in [p for p in nodes if p == path or p.startswith(path + "/")]:
            del nodes[p]
            perms.pop(p, None)
        self.changed(path, t)

    def changed(self, path, t):
        if t is not None:
            t["changed"].append(path)
            return
        self.generation += 1
        self.fire(path)
        self.machine.store_changed(path)

    def fire(self, path):
        for connection, watched, token in list(self.watches):
            if (
                watched == path
                or path.startswith(watched.rstrip("/") + "/")
                or watched.startswith(path + "/")
            ):
                connection.event(
                    path if not watched.startswith(path + "/") else watched, token
                )

    def start(self, connection):
        self.serial += 1
        self.transactions[self.serial] = {
            "connection": connection,
            "nodes": dict(self.nodes),
            "perms": dict(self.perms),
            "changed": [],
            "generation": self.generation,
        }
        return self.serial

    def end(self, number, commit):
        t = self.transactions.pop(number, None)
        if t is None:
            raise StoreError("ENOENT")
        if not commit:
            return
        if t["generation"] != self.generation:
            raise StoreError("EAGAIN")
        self.nodes, self.perms = t["nodes"], t["perms"]
        for path in t["changed"]:
            self.changed(path, None)


class StoreConnection(threading.Thread):
    def __init__(self, store, sock):
        super().__init__(daemon=True)
        self.store, self.sock, self.send_lock = store, sock, threading.Lock()

    def send(self, kind, request, transaction, payload):
        data = HEADER.pack(kind, request, transaction, len(payload)) + payload
        try:
            with self.send_lock:
                self.sock.sendall(data)
        except OSError:
            pass

    def event(self, path, token):
        self.send(EVENT, 0, 0, f"{path}\0{token}\0".encode())

    def exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.sock.recv(n - len(data))
            if not piece:
                raise OSError("closed")
            data += piece
        return data

    def run(self):
        try:
            while True:
                kind, request, transaction, length = HEADER.unpack(self.exactly(16))
                payload = self.exactly(length)
                with self.store.machine.lock:
                    try:
                        answer = self.handle(kind, transaction, payload)
                    except StoreError as e:
                        kind, answer = ERROR, str(e).encode() + b"\0"
                    self.store.machine.step(
                        ("store", kind, payload.split(b"\0")[0].decode())
                    )
                self.send(kind, request, transaction, answer)
        except OSError:
            pass
        with self.store.machine.lock:
            self.store.watches = [w for w in self.store.watches if w[0] is not self]
            for number, t in list(self.store.transactions.items()):
                if t["connection"] is self:
                    del self.store.transactions[number]

    def handle(self, kind, transaction, payload):
        store = self.store
        t = store.transactions.get(transaction) if transaction else None
        if transaction and t is None and kind != END:
            raise StoreError("ENOENT")
        words = [w.decode() for w in payload.split(b"\0")]
        path = words[0]
        if kind in (
            DIRECTORY,
            READ,
            GET_PERMS,
            WRITE,
            MKDIR,
            RM,
            SET_PERMS,
        ) and not path.startswith("/"):
            path = "/local/domain/0/" + path
        if kind == READ:
            return store.read(path, t).encode()
        if kind == DIRECTORY:
            return "".join(name + "\0" for name in store.list(path, t)).encode()
        if kind == WRITE:
            store.write(path, words[1], t)
        elif kind == MKDIR:
            store.write(path, "", t, only_make=True)
        elif kind == RM:
            store.remove(path, t)
        elif kind == SET_PERMS:
            store.read(path, t)
            store.view(t)[1][path] = [w for w in words[1:] if w]
        elif kind == GET_PERMS:
            return "".join(
                p + "\0" for p in store.view(t)[1].get(path, ["n0"])
            ).encode()
        elif kind == START:
            return f"{store.start(self)}\0".encode()
        elif kind == END:
            store.end(transaction, path == "T")
        elif kind == WATCH:
            store.watches.append((self, words[0], words[1]))
            self.send(EVENT, 0, 0, payload)
        elif kind == UNWATCH:
            store.watches = [
                w for w in store.watches if w != (self, words[0], words[1])
            ]
        elif kind == INTRODUCE:
            store.introduced.add(int(words[0]))
        elif kind == RELEASE:
            if int(words[0]) not in store.introduced:
                raise StoreError("ENOENT")
            store.introduced.discard(int(words[0]))
        else:
            raise StoreError("ENOSYS")
        return b"OK\0"


class Machine:
    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.RLock()
        self.store = Store(self)
        self.domains = {0: self.domain(0, "00" * 16, 1 << 20, 2)}
        self.next_id = 1
        self.free_kib = 4 << 20
        self.cpus = 4
        self.scheduler = 101
        self.parameters = {}
        self.balloon = True  # domain 0 follows its target
        self.backends = True  # domain 0 has back ends
        self.refuse = {}  # operation -> (errno, text)
        self.hold = {}  # operation -> threading.Event to wait for
        self.unpacking = []  # kernels that were unpacked ahead
        self.lingering = set()  # domains that stay dying
        self.steps = 0
        self.kill_at = None
        self.pid = None
        self.killed = threading.Event()
        self.log = []
        self.serve("store", lambda sock: StoreConnection(self.store, sock).start())
        self.serve(
            "machine",
            lambda sock: threading.Thread(
                target=self.control, args=(sock,), daemon=True
            ).start(),
        )
        self.store.write("/local/domain/0/name", "Domain-0")
        self.store.write("/local/domain/0/memory/target", str(1 << 20))
        self.store.write("/local/domain/0/memory/static-max", str(1 << 20))

    def path(self, name):
        return os.path.join(self.directory, name)

    def serve(self, name, accepted):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path(name))
        listener.listen(16)

        def loop():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                accepted(sock)

        threading.Thread(target=loop, daemon=True).start()

    def environment(self):
        return {
            "XENSTORED_PATH": self.path("store"),
            "FAKE_MACHINE": self.path("machine"),
            "XEND_TEST_DIR": self.directory,
            "XEND_TEST_TAG": str(os.getpid()),
        }

    def step(self, what):
        self.steps += 1
        self.log.append(what)
        if self.steps == self.kill_at and self.pid:
            os.kill(self.pid, signal.SIGKILL)
            # Its connections end with it, whenever their threads come to see that.
            self.store.transactions.clear()
            self.killed.set()

    # The hypervisor.

    @staticmethod
    def domain(number, uuid, kib, vcpus, max_kib=None):
        return {
            "id": number,
            "uuid": uuid,
            "memory_kib": kib,
            "max_kib": max_kib or kib,
            "vcpus": vcpus,
            "paused": False,
            "shutdown": False,
            "dying": False,
            "reason": 0,
            "affinity": {},
        }

    def add_foreign(self, name=None, uuid="ab" * 16):
        """A domain that another tool made."""
        with self.lock:
            number = self.next_id
            self.next_id += 1
            self.domains[number] = self.domain(number, uuid, 65536, 1)
            if name:
                self.store.write(f"/local/domain/{number}/name", name)
        return number

    def shut_down(self, number, reason):
        """The guest ends by itself: 0 power off, 1 reboot, 3 crash."""
        with self.lock:
            self.domains[number].update(shutdown=True, reason=reason)
            self.store.fire("@releaseDomain")

    def gone(self, number):
        with self.lock:
            self.free_kib += self.domains.pop(number)["memory_kib"]
            self.store.fire("@releaseDomain")

    def control(self, sock):
        try:
            request = json.loads(sock.makefile("r").readline() or "null")
        except OSError:
            return
        if not request:
            return
        held = self.hold.get(request["op"])
        if held:
            held.wait()
        with self.lock:
            answer = self.operate(request)
            self.step(("control", request["op"], request.get("id")))
        try:
            sock.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            pass
        sock.close()

    def operate(self, r):
        if r["op"] in self.refuse:
            number, text = self.refuse[r["op"]]
            return {"errno": number, "text": text}
        if r["op"] == "build":
            return self.build(r)
        if r["op"] == "unpack":
            self.unpacking.append(r["kernel"])
            return {"unpacked": 1}
        if r["op"] == "domains":
            return {"domains": [self.domains[i] for i in sorted(self.domains)]}
        if r["op"] == "node":
            return {
                "cpus": self.cpus,
                "free_kib": self.free_kib,
                "total_kib": 8 << 20,
                "scheduler": {101: 5, 100: 9, 102: 9}.get(self.scheduler, self.scheduler),
            }
        if r["op"] in ("domain_sched", "node_sched"):
            if r["scheduler"] != self.scheduler or r["scheduler"] < 100:
                return {"errno": errno.EINVAL, "text": "another scheduler runs"}
            key = (r["op"], r["id"])
            start = [100000, 0, 0, 1] if self.scheduler == 102 else [10, 0, 0, 0]
            if r["put"] and self.scheduler == 102 and r["words"][1] * 2 > r["words"][0]:
                return {"errno": errno.ENOSPC, "text": "no space"}
            if r["put"]:
                self.parameters[key] = r["words"]
            return {"words": self.parameters.get(key, start)}
        d = self.domains.get(r["id"])
        if d is None:
            return {"errno": errno.ESRCH, "text": f"there is no domain {r['id']}"}
        if r["op"] == "domain":
            return d
        if r["op"] == "destroy":
            d.update(dying=True)
            if r["id"] not in self.lingering:
                self.gone(r["id"])
        elif r["op"] in ("pause", "unpause"):
            d["paused"] = r["op"] == "pause"
        elif r["op"] == "max_mem":
            d["max_kib"] = r["kib"]
        elif r["op"] == "set_affinity":
            d["affinity"][r["vcpu"]] = r["cpus"]
        elif r["op"] == "get_affinity":
            return {"cpus": d["affinity"].get(r["vcpu"], list(range(self.cpus)))}
        return {}

    def build(self, r):
        if r["memory_kib"] > self.free_kib:
            return {"errno": errno.ENOMEM, "text": "the host has no memory for it"}
        number = self.next_id
        self.next_id += 1
        self.domains[number] = self.domain(
            number, r["uuid"], r["memory_kib"], r["vcpus"], r["max_kib"]
        )
        self.domains[number]["paused"] = True
        self.free_kib -= r["memory_kib"]
        return {"id": number}

    # Domain 0: back ends, and the balloon.

    def store_changed(self, path):
        store, part = self.store, path.split("/")
        if path == "/local/domain/0/memory/target" and self.balloon:
            kib = int(store.read(path))
            self.free_kib += self.domains[0]["memory_kib"] - kib
            self.domains[0]["memory_kib"] = kib
        elif (
            len(part) == 9
            and part[4] == "backend"
            and part[-1] == "state"
            and self.backends
        ):
            if store.nodes.get(path) == "1":
                store.write(path, "2")
                if part[3] != "0":  # a driver domain runs its scripts itself
                    store.write(path[: -len("state")] + "hotplug-status", "connected")
        elif (
            len(part) == 8
            and part[4] == "device"
            and part[-1] == "state"
            and store.nodes.get(path) == "6"
        ):
            back = store.nodes.get(path[: -len("state")] + "backend", "") + "/state"
            if back in store.nodes and self.backends:
                store.write(back, "6")
