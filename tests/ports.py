"""Loopback ports for servers that the tests start, each for one process alone."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
_RANGE = range(20000, 32000)
"""Below the ports that Linux gives to clients (32768 on): none of them takes a server's while it is down."""
_claims: list[socket.socket] = []


def free_ports(count: int) -> list[int]:
    """Returns ports nobody listens on, which no other process is given by this function while this one lives.

    So a server may start late on its port, or be down for a while. What is claimed is a name among the system's
    abstract sockets, which like ports belong to the network namespace, and are given back however a process ends.
    """
    free: list[int] = []
    for port in random.SystemRandom().sample(_RANGE, len(_RANGE)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0babelwire-port-{port}")
            with socket.socket() as probe:
                probe.bind((HOST, port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        free.append(port)
        if len(free) == count:
            return free
    raise OSError(f"no {count} free ports between {_RANGE.start} and {_RANGE.stop} on {HOST}")
