"""What the commands that look at the stream share: moments, progress, lines that are safe to print."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import orjson

from streams.cli.root import reader_left, run_async

T = TypeVar("T")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def moment(value: str | int) -> int:
    """Reads a time on the command line (``2026-11-21T19:00Z``, an age like ``15m``): milliseconds since 1970.

    A time without an offset is UTC.
    """
    if isinstance(value, int):
        return value
    age = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", value.strip())
    if age:
        return int((time.time() - float(age[1]) * _UNITS[age[2]]) * 1000)
    try:
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return int(found.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"expected a time (2026-11-21T19:00:00Z) or an age (90s, 15m, 2h, 7d), got {value!r}"
        ) from None


def look(main: Coroutine[Any, Any, T]) -> T:
    """Runs a command that talks to the broker; the Kafka client's own log lines stay out of its output."""
    from streams.broker import patience

    for name in ("aiokafka", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    try:
        with patience.telling(tell_waiting):
            return run_async(main)
    except BrokenPipeError:
        reader_left()
        raise click.exceptions.Exit(0) from None


def tell_waiting(what: str) -> None:
    """Says on standard error what a command waits for."""
    click.echo(f"Waiting for {what}: no answer yet.", err=True)


@contextmanager
def verdict() -> Iterator[None]:
    """Lets a command whose exit code is its answer give it also when nobody reads to the end (`| head`)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()


def echo_json(value: object) -> None:
    """Prints one JSON object on a line of its own."""
    click.echo(orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS))


def when(milliseconds: int) -> str:
    """Returns a record's timestamp for people (UTC, whole seconds)."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{milliseconds} ms"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def visible(text: str, width: int | None = None) -> str:
    """Returns ``text`` safe for a terminal, on one line, cut to ``width`` characters.

    Control and bidirectional format characters, lone surrogates and line breaks are shown as escapes: what is
    looked at here is what could not be trusted.
    """
    if width is not None and len(text) > width:
        text = text[: max(0, width - 1)] + "…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "backslashreplace").decode()
        for sign in text
    )


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Shows a progress bar on standard error while it is a terminal; gives None where it is not."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


@contextmanager
def steps() -> Iterator[Callable[[str, int, int], None]]:
    """Shows a progress bar for each of several steps on standard error; where it is no terminal, a line for each.

    What it gives is told of the step's name, how much is done, and out of how much (0: not known).
    """
    if not sys.stderr.isatty():
        known: set[str] = set()

        def say(what: str, done: int, total: int) -> None:
            if what not in known:
                known.add(what)
                click.echo(what, err=True)

        yield say
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bar.stop_task(task)
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total or None)

        yield tell


def table(
    rows: Sequence[tuple[str, ...]], head: tuple[str, ...], right: frozenset[int] = frozenset()
) -> None:
    """Prints rows in columns as wide as their widest cell; the columns in ``right`` are numbers."""
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    for row in (head, *rows):
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
