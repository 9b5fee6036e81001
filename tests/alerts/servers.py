"""Real servers on this machine: one that takes calls and mails, one that accepts and never answers."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any


@dataclass(frozen=True)
class Call:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Http:
    """What was called, and what is answered from now on."""

    port: int = 0
    answers_with: int = 204
    says: str = ""
    retry_after: str | None = None
    calls: list[Call] = field(default_factory=list)
    called_as: list[str] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def http(tls: ssl.SSLContext | None = None) -> Iterator[Http]:
    state = Http()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.calls.append(Call(self.path, dict(self.headers), body))
            self.send_response(state.answers_with)
            if state.retry_after:
                self.send_header("Retry-After", state.retry_after)
            if 300 <= state.answers_with < 400:
                self.send_header("Location", state.url("/elsewhere"))
            said = state.says.encode()
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            state.called.set()

        do_GET = do_POST

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        yield from _serving(server, state)


def _serving(server: Any, state: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()


@dataclass
class Silent:
    """Accepts connections and says nothing until it is ended."""

    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def end(self) -> None:
        """Refuse who waits."""
        self.listener.close()


@contextmanager
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield Silent(listener)


@dataclass
class Smtp:
    """The mails that were taken, and the answer to RCPT from now on."""

    port: int = 0
    rcpt: str = "250 ok"
    mails: list[bytes] = field(default_factory=list)


@contextmanager
def smtp() -> Iterator[Smtp]:
    """As much of RFC 5321 as a mail needs."""
    state = Smtp()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"QUIT":
                    return self.say("221 bye")
                self.answer(word)
            return None

        def answer(self, word: bytes) -> None:
            if word == b"DATA":
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line[1:] if line.startswith(b"..") else line)
                state.mails.append(b"".join(lines))
            self.say(state.rcpt if word == b"RCPT" else "250 ok")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        yield from _serving(server, state)


def allow(settings: Any, *ports: int) -> None:
    settings.ALERT_HOSTS = []
    settings.ALERT_NETWORKS = [ip_network("127.0.0.1/32")]
    settings.ALERT_PORTS = list(ports)
