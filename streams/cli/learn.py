"""``babelwire learn``: which lines repeat within each source."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.printing import echo_json, look, progress
from streams.cli.root import settings_options

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(
    short_help="Learns the lines that a source repeats.",
    epilog="Example: babelwire learn repeated-lines.json",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "topology")
def learn(settings: Settings, file: Path, as_json: bool) -> None:
    """Learns from the articles cleaned since the last run which lines repeat within each source.

    FILE keeps the counts and how far the topic was read. Workers that have it as their setting `repeated_lines` take
    out what repeats (reason `repeated_line`) from their next start on.
    """
    from streams.knowledge import learn as module

    with progress("Learning") as tell:
        done = look(module.learn(settings, file, progress=tell))
    if as_json:
        echo_json({**asdict(done), "file": str(file)})
        return
    click.echo(
        f"{done.topic}: {done.read:,} articles read. {done.lines:,} lines repeat in {done.sources:,} sources: {file}."
    )
