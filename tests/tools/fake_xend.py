"""A peer for xm: what docs/xend-http.md promises, without a hypervisor.

It keeps a few domains in memory, records every request, and gives each domain a
console: a TCP port, or a pty, that a test reads and writes.
"""

import json
import os
import pty
import socket
import socketserver
import threading
import tty
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

NODE = {
    "host": "somewhere",
    "release": "6.1.0",
    "machine": "x86_64",
    "nr_cpus": 4,
    "total_memory_kib": 2097152,
    "free_memory_kib": 524288,
    "xen_major": 4,
    "xen_minor": 17,
    "xen_scheduler": "bvt",
}


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body):
        if isinstance(body, str):
            data, kind = body.encode(), "text/plain"
        elif isinstance(body, bytes):
            data, kind = body, "application/json"
        elif body is None:
            data, kind = b"", "application/json"
        else:
            data, kind = json.dumps(body).encode(), "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length).decode()
        body = json.loads(text) if text else None
        xend = self.server.xend
        xend.requests.append((self.command, self.path, body))
        url = urlsplit(self.path)
        parts = [part for part in url.path.split("/") if part]
        with xend.lock:
            self.answer(*xend.serve(self.command, parts, parse_qs(url.query), body))

    do_GET = do_POST = do_PUT = do_DELETE = handle_one


class Console:
    """One domain's console: `port` or `pty`, and `peer` to talk to what attached."""

    def __init__(self, kind, greeting=b""):
        self.greeting = greeting
        self.port = self.pty = None
        self.peer = None
        self.attached = threading.Event()
        if kind == "pty":
            self.master, slave = pty.openpty()
            self.slave = slave
            tty.setraw(slave)
            self.pty = os.ttyname(slave)
            os.write(self.master, greeting)
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
            threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            self.peer, _ = self.listener.accept()
        except OSError:  # the test closed it
            return
        self.peer.settimeout(20)
        self.peer.sendall(self.greeting)
        self.attached.set()

    def send(self, data):
        if self.pty:
            os.write(self.master, data)
        else:
            assert self.attached.wait(20)
            self.peer.sendall(data)

    def receive(self, n):
        data = b""
        if not self.pty:
            assert self.attached.wait(20)
        while len(data) < n:
            part = os.read(self.master, n) if self.pty else self.peer.recv(n)
            if not part:
                break
            data += part
        return data

    def refuse(self):
        """Nobody listens any more; close() alone would leave accept() waiting."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def close(self):
        if self.pty:
            os.close(self.slave)
            os.close(self.master)
        elif self.attached.wait(20):
            self.peer.close()


class FakeXend:
    """Serves on the Unix socket `path`. `fail` maps (method, path) to (status, body)."""

    def __init__(self, path):
        self.path = str(path)
        self.requests = []
        self.fail = {}
        self.lock = threading.RLock()
        self.dmesg = "(XL) Xenolith\n"
        self.console_kind = "tcp"
        self.ends = {
            "on_poweroff": "destroy",
            "on_reboot": "restart",
            "on_crash": "destroy",
        }
        self.greeting = b""
        self.consoles = {}
        self.next_id = 1
        self.domains = {}
        self.add("Domain-0", id=0, vcpus=2, memory_kib=262144, console=False)
        self.server = Server(self.path, Handler)
        self.server.xend = self
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.01,), daemon=True
        )
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, id=None, state="-b----", console=True, **more):
        if id is None:
            id, self.next_id = self.next_id, self.next_id + 1
        domain = {
            "name": name,
            "id": id,
            "memory_kib": 65536,
            "maxmem_kib": 65536,
            "vcpus": 1,
            "state": state,
            "cpu_time_ns": 1234567890,
            "console_port": None,
        }
        domain.update(more)
        if console:
            self.consoles[id] = Console(self.console_kind, self.greeting)
            domain["console_port"] = self.consoles[id].port
        self.domains[id] = domain
        return domain

    def add_waiting(self, name):
        """A domain that waits to be started again: it has no number."""
        domain = self.add(name, console=False, state="------")
        self.domains[name] = self.domains.pop(domain["id"])
        domain["id"] = None
        return domain

    def find(self, which):
        for domain in self.domains.values():
            if str(domain["id"]) == which or domain["name"] == which:
                return domain
        return None

    def everything(self, domain):
        console = self.consoles.get(domain["id"])
        return dict(
            domain,
            uuid="00000000-0000-0000-0000-%012d" % (domain["id"] or 0),
            **self.ends,
            devices={
                "disks": [{"vdev": "xvda", "target": "/dev/a b"}],
                "vifs": [{"mac": "00:16:3e:00:00:01"}, {"mac": "00:16:3e:00:00:02"}],
            },
            console={
                "tcp_port": console and console.port,
                "pty": console and console.pty,
                "log": "/var/log/x.log",
            },
        )

    def vcpus(self, domain):
        return [
            {
                "id": n,
                "cpu": n if n else None,
                "state": "r--" if n else "-b-",
                "time_ns": 500000000 * n,
                "affinity": [0, 1, 3],
            }
            for n in range(domain["vcpus"])
        ]

    def serve(self, method, parts, query, body):
        for (wanted_method, path), answer in self.fail.items():
            if (method, "/" + "/".join(parts)) == (wanted_method, path):
                return answer
        if parts == ["node"]:
            return 200, NODE
        if parts == ["node", "dmesg"]:
            text = self.dmesg
            if query.get("clear"):
                self.dmesg = ""
            return 200, text
        if parts == ["node", "scheduler"]:
            return (
                200,
                {"name": "bvt", "ctx_allow_us": 5000} if method == "GET" else None,
            )
        if parts == ["domains"]:
            if method == "GET":
                return 200, list(self.domains.values())
            paused = "--p---" if query.get("paused") else "-b----"
            domain = self.add(body["name"], state=paused)
            return 201, {"name": domain["name"], "id": domain["id"]}
        domain = (
            self.find(parts[1]) if parts[:1] == ["domains"] and len(parts) > 1 else None
        )
        if not domain:
            return 404, {"error": 'there is no domain "%s"' % parts[-1]}
        rest = parts[2:]
        if not rest and method == "GET":
            return 200, self.everything(domain)
        if not rest and method == "DELETE":
            del self.domains[domain["id"]]
            return 204, None
        if rest == ["pause"]:
            domain["state"] = "--p---"
        elif rest == ["unpause"]:
            domain["state"] = "-b----"
        elif rest == ["vcpus"]:
            return 200, self.vcpus(domain)
        elif rest == ["scheduler"] and method == "GET":
            return 200, {"mcuadv": 2}
        return 204, None
