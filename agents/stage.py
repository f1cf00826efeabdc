"""The stage contract.

A stage is one module (or one small package) of ``agents`` with a ``STAGE``. It says what it takes and what it
gives, and ``load`` builds it once per process from its resources. What ``load`` returns is a pure function of
the article: no clock, no network, no Kafka, no randomness, no logging. The runner around it counts, retries,
publishes and writes dead letters, for all stages alike.

    Emit(article)   goes on to the next stage
    Drop(reason)    a deliberate end: not an article, filtered, a duplicate
    Reject(reason)  a bad input: goes to dead letters with its original bytes

Any exception a stage raises is a bug in it: the article goes to dead letters as ``stage_failed``, and the
next article is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from schemas.additions import Addition
from schemas.errors import DropReason, RejectReason


@dataclass(frozen=True, slots=True)
class Emit:
    """The article goes on."""

    article: Any


@dataclass(frozen=True, slots=True)
class Drop:
    """The article ends here on purpose."""

    reason: DropReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """The article is bad input."""

    reason: RejectReason
    detail: str = ""


Outcome: TypeAlias = Emit | Drop | Reject
Process: TypeAlias = Callable[[Any], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a stage may load from when it starts."""

    data_dir: Path | None = None
    """Folder for files a stage keeps between restarts; None where nothing may be kept (``babelwire run``)."""
    repeated_lines: Path | None = None
    """File of the lines that repeat within each source, made by ``babelwire learn``; None knows none."""
    recognition: Literal["model", "rules"] = "model"
    """Who finds names that the knowledge base has not: the neural model, or rules alone (many times faster)."""
    knowledge_base: Path | None = None
    """Folder of a compiled knowledge base (``babelwire kb import``); None is the one that babelwire brings."""
    additions: tuple[Addition, ...] = ()
    """What operators added to the knowledge base, as far as it is known now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The declaration of a stage."""

    name: str
    version: str
    """Raised whenever the same input may give another result: it is part of every event's id."""
    accepts: type
    emits: type
    requires: frozenset[str]
    """Fields of ``accepts`` the stage reads."""
    assigns: frozenset[str]
    """Fields of ``emits`` the stage sets."""
    load: Callable[[Resources], Process]
    takes_additions: bool = False
    """Whether it uses ``Resources.additions``. It is then loaded again, in the same process, whenever they change:
    new knowledge is a new function. ``load`` keeps what is slow to load, so that this takes milliseconds."""

    @property
    def manual(self) -> str:
        """The stage's manual page: the docstring of the module that loads it."""
        import sys

        return (sys.modules[self.load.__module__].__doc__ or "").strip()
