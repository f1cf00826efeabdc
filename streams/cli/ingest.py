"""``babelwire ingest``: sends files, folders or standard input to the raw topic."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from streams.cli.printing import tell_waiting
from streams.cli.root import EXIT_NO, run_async, settings_options

if TYPE_CHECKING:
    from streams.settings import Settings
    from streams.sources.articles import Refused
    from streams.sources.ingest import Summary
    from streams.sources.reading import Input

_REDRAW_SECONDS = 0.1
_SHOWN = 20
"""Rejections that are told on the terminal, and all that leave no dead letter; `dlq ls` has the others."""


@click.command(
    short_help="Sends files of articles: text, HTML, JSON Lines.",
    epilog="""\b
Examples:
  babelwire ingest articles.jsonl.gz pages/
  zstdcat feed.jsonl.zst | babelwire ingest -""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATHS... | -")
@click.option("--again", is_flag=True, help="Send what the ledger says was sent already.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "data_dir", "max_article_bytes")
def ingest(paths: tuple[str, ...], again: bool, as_json: bool, settings: Settings) -> int:
    """Sends the articles in PATHS: text, HTML, JSON Lines of RawArticle, each also as gzip or Zstandard.

    Folders are searched. A dash reads standard input. What the broker confirmed is remembered in the data
    folder, so running it again after a crash, or on the same files, sends only what is new. What cannot be
    sent is counted with its reason and goes to the dead letters.

    Exit code 0 when all was sent, 1 when anything was rejected, 3 when the broker stopped taking articles.
    """
    from schemas.errors import BrokerError
    from streams.broker import patience
    from streams.sources.ingest import Summary
    from streams.sources.ingest import ingest as send
    from streams.sources.reading import inputs, read

    found = inputs(paths)
    summary = Summary()
    try:
        with (
            _quiet(),
            patience.telling(tell_waiting),
            _progress(paths) as (on_read, on_progress, on_wait),
        ):
            records = read(found, settings.max_article_bytes, on_read)
            run_async(send(settings, records, summary, again=again, on_progress=on_progress, on_wait=on_wait))
    except (BrokerError, KeyboardInterrupt):
        if summary.read:
            _show(summary, as_json=as_json)
        raise
    _show(summary, as_json=as_json)
    return EXIT_NO if summary.rejected_total else 0


def _show(summary: Summary, *, as_json: bool) -> None:
    shown = [*summary.lost, *summary.rejections[: max(0, _SHOWN - len(summary.lost))]]
    for item in shown:
        click.echo(_printable(f"rejected: {item.where}: {item.reason}: {item.detail}"), err=True)
    if more := summary.rejected_total - len(shown):
        click.echo(f"rejected: {more:,} more; `babelwire dlq ls` has them all.", err=True)
    if as_json:
        click.echo(json.dumps(summary.document()))
        return
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(summary.rejected.items()))
    rate = f" ({summary.sent / summary.seconds:,.0f} a second)" if summary.sent and summary.seconds else ""
    click.echo(
        f"{summary.read:,} read, {summary.sent:,} sent, {summary.already_sent:,} already sent, "
        f"{summary.rejected_total:,} rejected{f' ({reasons})' if reasons else ''} "
        f"in {summary.seconds:.1f} s{rate}"
    )


_Callbacks = tuple[Callable[[int], None], Callable[["Summary"], None], Callable[[], None]]


@contextmanager
def _progress(paths: tuple[str, ...]) -> Iterator[_Callbacks]:
    """A bar on the terminal's standard error; nothing where there is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield (lambda size: None), (lambda summary: None), _told_once()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from streams.sources.reading import inputs

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=_total(inputs(paths)))
        drawn = 0.0
        bytes_read = 0

        def on_read(size: int) -> None:
            nonlocal bytes_read, drawn
            bytes_read += size
            if time.monotonic() - drawn > _REDRAW_SECONDS:
                drawn = time.monotonic()
                bar.update(task, completed=bytes_read)

        def on_progress(summary: Summary) -> None:
            done = summary.sent + summary.already_sent
            bar.update(task, description=f"{done:,} sent, {summary.rejected_total:,} rejected")

        def on_wait() -> None:
            bar.update(task, description="the broker does not answer, waiting")

        yield on_read, on_progress, on_wait


def _total(found: Iterator[Input | Refused]) -> int | None:
    from streams.sources.reading import Input

    total = 0
    for item in found:
        if isinstance(item, Input):
            size = item.size()
            if size is None:
                return None
            total += size
    return total


def _told_once() -> Callable[[], None]:
    told = False

    def tell() -> None:
        nonlocal told
        if not told:
            told = True
            click.echo("The broker does not answer; waiting for it.", err=True)

    return tell


def _printable(text: str) -> str:
    """File names need not be Unicode; what is shown must be."""
    return text.encode("utf-8", "replace").decode()


@contextmanager
def _quiet() -> Iterator[None]:
    """Leaves the telling to this command: log lines would stand in the middle of the bar."""
    import structlog

    library = logging.getLogger("aiokafka")
    before, level = structlog.get_config(), library.level
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    library.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        structlog.configure(**before)
        library.setLevel(level)
