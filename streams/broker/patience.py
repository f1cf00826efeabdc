"""Says what is waited for while a broker does not answer, so that no command stands there in silence.

A broker that is stopped, or a port that belongs to something else, takes the connection and says nothing. The clients
give up after 20 or 30 s, which a loaded cluster may need; until then, whoever asked is told once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

TELL_SECONDS = 3.5
"""How long a wait is not worth a word; with the start of Python, the word comes within 5 s of the command."""

Tell: TypeAlias = Callable[[str], None]


def _logged(what: str) -> None:
    import structlog  # commands, which say it in words, do without

    log = structlog.get_logger(__name__)
    log.warning("broker_does_not_answer", waiting_for=what)


_tell: ContextVar[Tell] = ContextVar("tell", default=_logged)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Lets what is waited for within the block be told by ``tell`` instead of the log."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Tells ``what`` is waited for when the block takes more than :data:`TELL_SECONDS`."""
    due = asyncio.get_running_loop().call_later(TELL_SECONDS, _tell.get(), what)
    try:
        yield
    finally:
        due.cancel()
