"""A lean keep-alive HTTP client, so that the client costs little beside the server."""

import json
import socket
from typing import Any


class Client:
    """Hold one keep-alive connection to the server on a port of this machine."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        # Whose session it is; it may become another one's.
        self.cookie = cookie
        self.socket: socket.socket | None = None
        self.file: Any = None

    def _connected(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.file = self.socket.makefile("rb")
        return self.socket

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for `path`; give status and body."""
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._head()}\r\n".encode())

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Send `body` as JSON to `path`; give status and body."""
        data = json.dumps(body).encode()
        length = f"Content-Length: {len(data)}\r\n\r\n"
        return self._ask(
            f"POST {path} HTTP/1.1\r\n{self._head()}Content-Type: application/json\r\n{length}".encode() + data
        )

    def _head(self) -> str:
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        return f"Host: localhost:{self.port}\r\nAccept: application/json\r\n{cookie}"

    def _ask(self, request: bytes) -> tuple[int, bytes]:
        self._connected().sendall(request)
        status = self.file.readline()
        if not status:
            # The server ends a connection after so many requests; nothing was sent back, so ask again.
            self.socket = None
            return self._ask(request)
        length, closes = 0, False
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"connection":
                closes = b"close" in value
        body = self.file.read(length) if length else b""
        if closes:
            self.socket = None
        return int(status.split()[1]), body
