"""``babelwire dlq``: the dead letters."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from typing import IO, TYPE_CHECKING, Any

import click

from schemas.errors import EXPLANATIONS, BabelwireError, UsageError
from streams.cli.printing import echo_json, look, moment, progress, visible, when
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from streams.look.dead_letters import Choice, Letter, Redriven
    from streams.settings import Settings

_SHOWN_CHARACTERS = 2000
_BROKER = ("bootstrap_servers", "topic_prefix")


def _choosing(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--since", type=moment, help="Only letters written since then: a time, or an age like 2h."
        ),
        click.option("--source", help="Only articles of this source."),
        click.option("--stage", help="Only letters of this stage (`ingest` for what sources refused)."),
        click.option("--reason", help="Only letters with this reason."),
    ):
        function = option(function)
    return function


@click.group(
    short_help="Lists, explains and redrives what could not be taken.",
    epilog="Example: babelwire dlq ls --reason invalid_field",
)
def dlq() -> None:
    """Lists, explains and redrives dead letters: articles that could not be taken, their bytes untouched."""


@dlq.command(
    short_help="Lists dead letters and counts them by stage and reason.",
    epilog="Example: babelwire dlq ls --stage clean --since 24h",
)
@_choosing
@click.option("--all", "redriven", is_flag=True, help="Redriven letters too.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@settings_options(*_BROKER)
def ls(
    settings: Settings,
    reason: str | None,
    stage: str | None,
    source: str | None,
    since: int | None,
    redriven: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Lists dead letters, oldest first within a partition, and counts them by stage and reason."""
    from streams.look import dead_letters

    choice = dead_letters.Choice(reason=reason, stage=stage, source=source, since_ms=since, redriven=redriven)

    async def run() -> Counter[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        async with aclosing(dead_letters.letters(settings, choice)) as found:
            async for letter in found:
                if limit is not None and counts.total() >= limit:
                    break
                counts[letter.why.stage, letter.why.reason] += 1
                echo_json(_as_json(letter)) if as_json else click.echo(_line(letter))
        return counts

    counts = look(run())
    if as_json:
        return
    for (where, why), count in counts.most_common():
        click.echo(f"{count:,} × {visible(where)}: {visible(why)}. {EXPLANATIONS.get(why, '')}", err=True)
    if not counts:
        none = "No dead letters." if redriven else "No dead letters that were not redriven."
        click.echo(f"{none}{_known(choice)}", err=True)


@dlq.command(epilog="Example: babelwire dlq show 0/17")
@click.argument("position")
@click.option(
    "--raw", is_flag=True, help="Write the original bytes, untouched, to standard output and nothing else."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options(*_BROKER)
def show(settings: Settings, position: str, raw: bool, as_json: bool) -> None:
    """Explains one dead letter. POSITION is partition/offset, as `ls` prints it."""
    letter = look(_one(settings, position))
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(letter.value)
        sys.stdout.buffer.flush()
        return
    if as_json:
        echo_json({**_as_json(letter), "value": letter.value.decode("utf-8", "backslashreplace")})
        return
    why = letter.why
    rows = (
        ("letter", f"{letter.position}{'  (redriven)' if letter.redriven else ''}"),
        ("article", letter.article),
        ("source", letter.source or "unknown"),
        ("stage", why.stage),
        ("reason", f"{why.reason}: {EXPLANATIONS.get(why.reason, 'a reason this version does not know')}"),
        ("detail", why.detail),
        ("input", why.input),
        ("received", when(why.timestamp)),
        ("written", f"{when(letter.written_ms)} by {why.pipeline}"),
        (
            "headers",
            ", ".join(f"{name}={value.decode('utf-8', 'replace')}" for name, value in letter.own) or "none",
        ),
        ("bytes", f"{len(letter.value):,}"),
    )
    for name, text in rows:
        click.echo(f"{name:9} {visible(text)}")
    click.echo()
    text = letter.value[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "backslashreplace")
    click.echo(visible(text, _SHOWN_CHARACTERS))
    if len(letter.value) > len(text.encode("utf-8", "replace")) or len(text) > _SHOWN_CHARACTERS:
        click.echo("(cut; --raw writes all of it)", err=True)
    partition = letter.position.partition
    click.echo(f"To send it again: babelwire dlq redrive {partition}/{letter.position.offset}", err=True)


@dlq.command(
    short_help="Sends dead letters again to where they came from.",
    epilog="Example: babelwire dlq redrive --reason stage_failed --dry-run",
)
@click.argument("positions", nargs=-1)
@_choosing
@click.option(
    "--everything", is_flag=True, help="All letters that were not redriven, when nothing else is chosen."
)
@click.option(
    "--value",
    type=click.File("rb"),
    help="Send these bytes instead of the letter's own (-: standard input).",
)
@click.option("--new-time", is_flag=True, help="Send as received now, instead of when the original was.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@settings_options(*_BROKER, "max_article_bytes")
def redrive(
    settings: Settings,
    positions: tuple[str, ...],
    reason: str | None,
    stage: str | None,
    source: str | None,
    since: int | None,
    everything: bool,
    value: IO[bytes] | None,
    new_time: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Sends dead letters again, once each, to the topic they came from.

    A letter that was redriven is not sent again, however often this is called. What a source refused is
    checked first and stays when it is still wrong. Exits 1 when a chosen letter could not be redriven.
    """
    from streams.look import dead_letters

    if not (positions or reason or stage or source or since is not None or everything):
        raise UsageError(
            "Expected positions, --reason, --stage, --source, --since, or --everything for all letters."
        )
    chosen = frozenset(dead_letters.parse_position(settings, text) for text in positions)
    choice = dead_letters.Choice(
        reason=reason, stage=stage, source=source, since_ms=since, positions=chosen, redriven=bool(chosen)
    )

    async def run(tell: Any) -> Counter[str]:
        counts: Counter[str] = Counter()
        replacement = None if value is None else value.read()
        async with aclosing(
            dead_letters.redrive(
                settings, choice, dry_run=dry_run, new_time=new_time, value=replacement, progress=tell
            )
        ) as found:
            async for item in found:
                counts[item.status] += 1
                if as_json:
                    echo_json(_outcome(item))
                elif item.status != "redriven" or positions:
                    click.echo(_sentence(item))
        return counts

    with progress("Reading the dead letters") as tell:
        counts = look(run(tell))
    if not as_json:
        words = {"redriven": "redriven", "would": "would be redriven", "already": "redriven before"}
        words |= {"invalid": "still invalid, left where they are", "refused": "not redriven"}
        click.echo(
            ", ".join(f"{counts[name]:,} {text}" for name, text in words.items() if counts[name])
            or f"No letters.{_known(choice)}"
        )
    short = len(chosen) - counts.total()
    if short > 0:
        click.echo(f"{short} of the positions hold no dead letter (any more).", err=True)
    return EXIT_NO if counts["invalid"] or counts["refused"] or short > 0 else 0


def _known(choice: Choice) -> str:
    """Names the reasons or stages there are, where nothing was found under one that this version does not know."""
    from agents.pipeline import STAGES
    from streams.sources.ingest import STAGE as INGEST

    stages = (INGEST, *(stage.name for stage in STAGES))
    text = ""
    if choice.reason is not None and choice.reason not in EXPLANATIONS:
        text += f" {visible(choice.reason)!r} is no reason of this version: {', '.join(EXPLANATIONS)}."
    if choice.stage is not None and choice.stage not in stages:
        text += f" {visible(choice.stage)!r} is no stage of this version: {', '.join(stages)}."
    return text


async def _one(settings: Settings, text: str) -> Letter:
    from streams.look import dead_letters

    position = dead_letters.parse_position(settings, text)
    choice: Choice = dead_letters.Choice(positions=frozenset([position]), redriven=True)
    async with aclosing(dead_letters.letters(settings, choice)) as found:
        async for letter in found:
            return letter
    raise BabelwireError(
        f"Expected a dead letter at {position}, found none (any more). `babelwire dlq ls` lists them."
    )


def _line(letter: Letter) -> str:
    short = f"{letter.position.partition}/{letter.position.offset}"
    mark = " (redriven)" if letter.redriven else ""
    return (
        f"{short:10} {when(letter.written_ms)} {visible(letter.why.stage):9} {visible(letter.why.reason):20} "
        f"{visible(letter.article, 40)}{mark}  {visible(letter.why.detail, 100)}"
    )


def _sentence(item: Redriven) -> str:
    short = f"{item.letter.position.partition}/{item.letter.position.offset}"
    text = {
        "redriven": f"redriven to {item.to}",
        "would": f"would go to {item.detail}",
        "already": "was redriven before",
        "invalid": f"still invalid, left where it is: {visible(item.detail)}",
        "refused": f"not redriven: {visible(item.detail)}",
    }
    return f"{short} {visible(item.letter.article, 40)}: {text[item.status]}"


def _outcome(item: Redriven) -> dict[str, Any]:
    return {
        "position": str(item.letter.position),
        "article": item.letter.article,
        "status": item.status,
        "detail": item.detail or None,
        "to": None if item.to is None else str(item.to),
    }


def _as_json(letter: Letter) -> dict[str, Any]:
    why = letter.why
    return {
        "position": str(letter.position),
        "article": letter.article,
        "source": letter.source,
        "stage": why.stage,
        "reason": why.reason,
        "explanation": EXPLANATIONS.get(why.reason),
        "detail": why.detail,
        "input": why.input,
        "received_at": when(why.timestamp),
        "written_at": when(letter.written_ms),
        "pipeline": why.pipeline,
        "bytes": len(letter.value),
        "headers": {name: value.decode("utf-8", "replace") for name, value in letter.own},
        "redriven": letter.redriven,
    }
