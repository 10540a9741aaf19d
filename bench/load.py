"""A small load generator: connections that are kept alive ask for one page as fast as it is answered, and count."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from urllib.parse import urlsplit


def rate(address: str, path: str, *, connections: int, seconds: float) -> float:
    """Answers a second. Anything but 200 stops the run: a fast error is not a fast page."""
    host = urlsplit(address)
    counts = [0] * connections
    failures: list[str] = []
    starts = threading.Barrier(connections + 1)

    def ask(slot: int) -> None:
        wire = http.client.HTTPConnection(host.hostname or "", host.port, timeout=20)
        starts.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and not failures:
            wire.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "identity"})
            answer = wire.getresponse()
            answer.read()
            if answer.status != 200:
                failures.append(f"{path} answered {answer.status}")
            counts[slot] += 1
        wire.close()

    threads = [threading.Thread(target=ask, args=(slot,)) for slot in range(connections)]
    for thread in threads:
        thread.start()
    starts.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(failures[0])
    return sum(counts) / (time.perf_counter() - began)


if __name__ == "__main__":
    print(rate(sys.argv[1], sys.argv[2], connections=int(sys.argv[3]), seconds=float(sys.argv[4])))
