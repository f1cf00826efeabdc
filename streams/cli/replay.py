"""``babelwire replay``: run a stretch of the past again."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from schemas.errors import UsageError
from streams.cli.printing import echo_json, look, moment, progress, when
from streams.cli.root import settings_options

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(
    short_help="Lets the workers treat a stretch of the past again.",
    epilog="\b\nExample: babelwire replay --from 2026-11-20T00:00Z --to 2026-11-21T00:00Z --dry-run",
)
@click.option(
    "--from", "from_ms", type=moment, required=True, help="Received from then on: a time, or an age like 2h."
)
@click.option("--to", "to_ms", type=moment, default=None, help="Received before then.  [default: now]")
@click.option("--stage", help="Run from this stage on; it must begin a hop.  [default: the first]")
@click.option("--id", "article", help="Only this article.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "topology")
def replay(
    settings: Settings,
    from_ms: int,
    to_ms: int | None,
    stage: str | None,
    article: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Puts a stretch of a stage's input once more onto its topic, so that the workers treat it again.

    Copies keep their original's time: at the same versions the events get the same ids and bytes, so readers
    that key on ids see nothing twice. Copies are never copied.
    """
    from streams.look import replay as module

    end = int(time.time() * 1000) if to_ms is None else to_ms
    if end <= from_ms:
        raise UsageError(f"Expected --from before --to, got {when(from_ms)} and {when(end)}.")
    with progress("Replaying") as tell:
        done = look(
            module.replay(
                settings,
                from_ms=from_ms,
                to_ms=end,
                stage=stage,
                article=article,
                dry_run=dry_run,
                progress=tell,
            )
        )
    if as_json:
        echo_json({**asdict(done), "from": when(from_ms), "to": when(end), "dry_run": dry_run})
        return
    what = f"{done.found:,} would be copied" if dry_run else f"{done.copied:,} copied"
    left_out = f"{done.copies_left_out:,} earlier copies left out"
    click.echo(f"{done.topic}, {when(from_ms)} to {when(end)}: {what}, {left_out}.")
