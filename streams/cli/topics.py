"""``babelwire topics``: the cluster's topics against the table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from streams.cli.printing import echo_json, look
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from streams.broker.provision import Change
    from streams.settings import Settings

_NOTHING = "Nothing to do: every topic is as the table says."
_NOTHING_MORE = "Nothing to do, but see the notes."


@click.group(
    short_help="Creates the topics and keeps their settings.",
    epilog="Example: babelwire topics plan && babelwire topics apply",
)
def topics() -> None:
    """Creates the topics and keeps their settings as the table says. Nothing is ever deleted."""


@topics.command(epilog="Example: babelwire topics plan --check")
@click.option("--check", is_flag=True, help="Exit 1 when there is something to do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "partitions", "replication_factor")
def plan(settings: Settings, check: bool, as_json: bool) -> int:
    """Shows what `apply` would do. Exits 0, also when there is something to do (see --check)."""
    from streams.broker import provision

    found = look(provision.plan(settings))
    if as_json:
        echo_json({"changes": [_described(change) for change in found.changes], "notes": found.notes})
    else:
        for change in found.changes:
            click.echo(str(change))
        if not found.changes:
            click.echo(_NOTHING if not found.notes else _NOTHING_MORE)
        for note in found.notes:
            click.echo(f"note: {note}", err=True)
    return EXIT_NO if check and found.changes else 0


@topics.command(epilog="Example: babelwire topics apply --replication-factor 3 --partitions 24")
@click.option(
    "--add-partitions", is_flag=True, help="Add partitions to existing topics too: keys move, read the plan."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "partitions", "replication_factor")
def apply(settings: Settings, add_partitions: bool, as_json: bool) -> int:
    """Makes the topics what the table says. Exits 1 when something could not be done."""
    from streams.broker import provision

    async def run() -> tuple[tuple[provision.Done, ...], tuple[str, ...]]:
        found = await provision.plan(settings)
        return await provision.apply(settings, found.changes, add_partitions=add_partitions), found.notes

    done, notes = look(run())
    if as_json:
        echo_json(
            [{**_described(item.change), "applied": item.applied, "detail": item.detail} for item in done]
        )
    else:
        for item in done:
            click.echo(f"{'done' if item.applied else 'NOT DONE'}: {item.change}")
            if item.detail:
                click.echo(f"  {item.detail}")
        if not done:
            click.echo(_NOTHING if not notes else _NOTHING_MORE)
        for note in notes:
            click.echo(f"note: {note}", err=True)
    return 0 if all(item.applied for item in done) else EXIT_NO


def _described(change: Change) -> dict[str, Any]:
    return {"kind": type(change).__name__, "line": str(change), **asdict(change)}
