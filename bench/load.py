"""A small load generator: connections that are kept alive ask for one page as fast as it is answered, and count.

Written on bare sockets, so that asking costs little beside answering: both share this machine's processors.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from urllib.parse import urlsplit


class Wire:
    """One connection, kept alive."""

    def __init__(self, address: str) -> None:
        host = urlsplit(address)
        self.socket = socket.create_connection((host.hostname or "", host.port or 80), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host = host.netloc
        self.left = b""

    def request(self, path: str, cookie: str = "", coding: str = "br") -> bytes:
        """The letters of a GET as a browser would send it."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}", "Accept: text/html", "Accept-Language: en"]
        lines += [f"Accept-Encoding: {coding}"] * bool(coding) + [f"Cookie: {cookie}"] * bool(cookie)
        return "\r\n".join([*lines, "", ""]).encode()

    def ask(self, letters: bytes) -> tuple[int, bytes]:
        """Status and body of the next answer; it must say how long it is."""
        self.socket.sendall(letters)
        while (end := self.left.find(b"\r\n\r\n")) < 0:
            self._more()
        head, self.left = self.left[:end].lower(), self.left[end + 4 :]
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(self.left) < length:
            self._more()
        body, self.left = self.left[:length], self.left[length:]
        return int(head.split(b" ", 2)[1]), body

    def _more(self) -> None:
        read = self.socket.recv(1 << 18)
        if not read:
            raise SystemExit("The server hung up.")
        self.left += read


def rate(address: str, path: str, *, cookie: str, connections: int, seconds: float) -> tuple[int, float]:
    """How many answers in how many seconds. Anything but 200 stops the run: a fast error is not a fast page."""
    counts = [0] * connections
    failures: list[str] = []
    starts = threading.Barrier(connections + 1)

    def ask(slot: int) -> None:
        wire = Wire(address)
        letters = wire.request(path, cookie)
        starts.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and not failures:
            status, _ = wire.ask(letters)
            if status != 200:
                failures.append(f"{path} answered {status}")
            counts[slot] += 1
        wire.socket.close()

    threads = [threading.Thread(target=ask, args=(slot,)) for slot in range(connections)]
    for thread in threads:
        thread.start()
    starts.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(failures[0])
    return sum(counts), time.perf_counter() - began


if __name__ == "__main__":
    print(*rate(sys.argv[1], sys.argv[2], cookie=sys.argv[3], connections=int(sys.argv[4]), seconds=float(sys.argv[5])))
