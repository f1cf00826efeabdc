"""``babelwire run``: the stages in one process, without Kafka."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import click

from schemas.errors import UsageError
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from agents.hop import Result
    from streams.settings import Settings

_NAMES = 4
"""Entities named in a row of the table."""
_WIDTH = 120
"""Columns of the table where there is no terminal to ask."""
_FIXED = 8 + 7 + 8 + 4 * 2
"""Columns of the table that do not grow: language, removed, id, and the space between."""


@click.command(
    short_help="Cleans, tags and links files here, without Kafka.",
    epilog="""\b
Examples:
  babelwire run article.html
  babelwire run --json articles.jsonl.gz | jq .language.tag
  babelwire run --json --received-at 2026-11-21T19:00:00Z -""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATHS... | -")
@click.option("--json", "as_json", is_flag=True, help="Print enriched articles, one JSON object a line.")
@click.option(
    "--received-at",
    metavar="RFC3339",
    help="When the articles count as received: the same time gives the same bytes.  [default: now]",
)
@click.option(
    "--additions",
    type=click.File("rb"),
    help="Additions to the knowledge base, as `babelwire entities ls --json` prints them.",
)
@settings_options("max_article_bytes")
def run(
    paths: tuple[str, ...],
    as_json: bool,
    received_at: str | None,
    additions: IO[bytes] | None,
    settings: Settings,
) -> int:
    """Cleans, tags and links the articles in PATHS here and now: text, HTML or JSON Lines of RawArticle.

    It reads what `babelwire ingest` reads and gives what the enriched topic carries, in the order of the
    input, without Kafka. Articles that end without an event are told on standard error, with the reason.

    Exit code 0 when none was rejected, 1 otherwise. An article that a stage drops on purpose is no rejection.
    """
    from streams.knowledge.additions import load
    from streams.local import LocalPipeline
    from streams.sources.articles import Ready
    from streams.sources.reading import inputs, read

    moment = _moment(received_at)
    found = inputs(paths)
    started = time.monotonic()
    known = () if additions is None else load(additions, additions.name)
    if sys.stderr.isatty():
        click.echo("Loading the stages ...", err=True)
    pipeline = LocalPipeline(settings, additions=known)
    table = None if as_json else _table()
    counts: Counter[str] = Counter()
    for record in read(found, settings.max_article_bytes):
        if isinstance(record, Ready):
            result = pipeline(record, moment or datetime.now(UTC))
            outcome, stage, reason, detail = result.outcome, result.stage, result.reason, result.detail
            if result.value is not None and outcome == "published":
                _print(result, table)
        else:
            outcome, stage, reason, detail = "rejected", "reading", str(record.reason), record.detail
        counts[outcome] += 1
        if outcome != "published":
            line = f"{outcome} by {stage}: {record.where}: {reason}{f': {detail}' if detail else ''}"
            click.echo(line.encode("utf-8", "replace").decode(), err=True)
    if table is not None:
        _show(table)
    what = f"{counts.total():,} article{'' if counts.total() == 1 else 's'}"
    click.echo(
        f"{what}: {counts['published']:,} enriched, {counts['dropped']:,} dropped, "
        f"{counts['rejected']:,} rejected in {time.monotonic() - started:.1f} s",
        err=True,
    )
    return EXIT_NO if counts["rejected"] else 0


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    import msgspec

    from schemas.article import Instant

    try:
        moment: datetime = msgspec.convert(text, Instant)
        return moment.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise UsageError(
            f"--received-at: expected a time as RFC 3339, for example 2026-11-21T19:00:00Z, got {text!r}."
        ) from None


def _print(result: Result, table: Table | None) -> None:
    if table is None:
        sys.stdout.buffer.write((result.value or b"") + b"\n")
        sys.stdout.buffer.flush()
        return
    from rich.text import Text

    from schemas import codec
    from schemas.article import EnrichedArticle

    article = codec.decode(result.value or b"", EnrichedArticle)
    language = article.language
    names = [entity.name for entity in article.entities]
    more = f" +{len(names) - _NAMES}" if len(names) > _NAMES else ""
    table.add_row(
        language.tag + ("" if language.reliable else " ?"),
        Text(" ".join((article.title or article.text).split())),
        Text(", ".join(names[:_NAMES]) + more),
        str(len(article.removed)),
        article.id[:8],
    )


def _console() -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _table() -> Table:
    from rich.table import Table

    free = max(20, _console().width - _FIXED)
    table = Table(box=None, pad_edge=False)
    table.add_column("language", no_wrap=True, width=8)
    table.add_column("article", no_wrap=True, width=free * 3 // 7)
    table.add_column("entities", no_wrap=True, width=free * 4 // 7)
    table.add_column("removed", justify="right", width=7)
    table.add_column("id", no_wrap=True, width=8)
    return table


def _show(table: Table) -> None:
    if table.row_count:
        _console().print(table)
