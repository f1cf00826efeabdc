"""A port that takes every connection and never says a word, as a broker that was stopped does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

_BACKLOG = 128


@contextmanager
def silent() -> Iterator[str]:
    """Its address, ``host:port``; the kernel takes the connections, and nobody reads from them."""
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        host, port = listener.getsockname()
        yield f"{host}:{port}"
