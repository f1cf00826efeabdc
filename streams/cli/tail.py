"""``babelwire tail``: watch the events go by."""

from __future__ import annotations

import shutil
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from schemas.cloudevents import header
from streams.cli.printing import echo_json, look, moment, visible, when
from streams.cli.root import settings_options

if TYPE_CHECKING:
    from streams.look.tail import Seen
    from streams.settings import Settings

_ENTITIES = 4
_SOURCE_COLUMNS = 16
_LEAST_COLUMNS = 24
"""Columns for title and entities below which a terminal is too narrow for a table: lines are whole and wrap."""


@click.command(
    short_help="Shows events as they come.", epilog="Example: babelwire tail --lang de --entity Q58217"
)
@click.option("--lang", help="Only this language: a BCP 47 tag; `zh` takes `zh-Hant` too.")
@click.option("--entity", help="Only articles that name this entity: its id, or its name.")
@click.option("--source", help="Only this source; `example.com` takes `news.example.com` too.")
@click.option(
    "--stage", help="What to watch: a stage, `dropped` or `dead-letters`.  [default: the last stage]"
)
@click.option(
    "--from-beginning", is_flag=True, help="Begin with the oldest there is, not with what comes next."
)
@click.option("--since", type=moment, help="Begin there: a time, or an age like 10m.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--no-follow", is_flag=True, help="Stop at the end instead of waiting for more.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, as it is on the topic.")
@settings_options("bootstrap_servers", "topic_prefix")
def tail(
    settings: Settings,
    lang: str | None,
    entity: str | None,
    source: str | None,
    stage: str | None,
    from_beginning: bool,
    since: int | None,
    limit: int | None,
    no_follow: bool,
    as_json: bool,
) -> None:
    """Shows events as they come: time, language, source, title, entities. Ctrl-C ends it."""
    from streams.look import tail as module

    chosen = module.Filter(stage=stage or module.LAST, lang=lang, entity=entity, source=source)
    if sys.stderr.isatty() and not no_follow:
        click.echo(f"Watching {settings.topic(module.WATCHED[chosen.stage].name)}; Ctrl-C ends it.", err=True)

    async def run() -> None:
        shown = 0
        # Without following there is nothing to see but the past.
        events = module.watch(
            settings, chosen, follow=not no_follow, from_beginning=from_beginning or no_follow, since_ms=since
        )
        async with aclosing(events):
            async for seen in events:
                _show_json(seen) if as_json else click.echo(line(seen, chosen.stage))
                shown += 1
                if shown == limit:
                    break

        if not shown and no_follow:
            click.echo(f"Nothing of {settings.topic(module.WATCHED[chosen.stage].name)} matches.", err=True)

    look(run())


def _show_json(seen: Seen) -> None:
    if seen.article is not None and header(seen.record.headers, "bw_reason") is None:
        click.echo(seen.record.value)
        return
    record = seen.record
    echo_json(
        {
            "position": str(record.position),
            "article": record.key_text,
            **{name: value.decode("utf-8", "replace") for name, value in record.headers},
            "value": (record.value or b"").decode("utf-8", "backslashreplace"),
        }
    )


def line(seen: Seen, stage: str) -> str:
    """Returns the line that shows one event, for people."""
    from streams.look.tail import DEAD_LETTERS_NAME, DROPPED_NAME

    record, article = seen.record, seen.article or {}
    time = when(record.timestamp)[11:19]
    if stage == DEAD_LETTERS_NAME:
        reason = header(record.headers, "bw_reason") or "?"
        where = header(record.headers, "bw_stage") or "?"
        detail = header(record.headers, "bw_detail") or ""
        name = visible(record.key_text, 40)
        return f"{time} {visible(where):9} {visible(reason):20} {name}  {visible(detail, 80)}"
    source = visible(str(article.get("source") or "-"), 30)
    columns = _columns()
    if stage == DROPPED_NAME:
        where, reason = visible(str(article.get("stage"))), visible(str(article.get("reason")))
        return f"{time} {where:9} {reason:20} {visible(record.key_text, 40)}  {source}"
    lang = header(record.headers, "ce_lang") or "-"
    headline = str(article.get("title") or article.get("text") or "").strip()
    names = [visible(_name(entity), 40) for entity in article.get("entities") or ()]
    more = f" +{len(names) - _ENTITIES}" if len(names) > _ENTITIES else ""
    ending = f"[{', '.join(names[:_ENTITIES])}{more}]" if names else ""
    begin = f"{time} {visible(lang):8}"
    if columns is None:
        return f"{begin} {source:24} {visible(headline, 70)}{'  ' * bool(names)}{ending}"
    return _fitted(begin, source, visible(headline, 200), ending, columns)


def _columns() -> int | None:
    """Returns the width of the terminal on standard output, or None where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _fitted(begin: str, source: str, headline: str, ending: str, columns: int) -> str:
    """Returns one line of a terminal of so many columns, where a Chinese character takes two of them."""
    from rich.cells import cell_len, set_cell_size

    def cut(text: str, width: int) -> str:
        return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"

    site = min(_SOURCE_COLUMNS, columns // 6)
    free = columns - len(begin) - site - 4
    if free < _LEAST_COLUMNS:
        return f"{begin} {cut(headline, 70)}  {ending}".rstrip()
    title = free * 9 // 20
    return (
        f"{begin} {set_cell_size(cut(source, site), site)} {set_cell_size(cut(headline, title), title)}  "
        f"{cut(ending, free - title)}"
    ).rstrip()


def _name(entity: Any) -> str:
    return str(entity.get("name") or entity.get("id")) if isinstance(entity, dict) else "?"
