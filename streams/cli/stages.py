"""``babelwire stages``: the stages and their manual pages."""

from __future__ import annotations

import json

import click

from schemas.errors import UsageError


@click.command(epilog="Example: babelwire stages clean")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def stages(name: str | None, as_json: bool) -> None:
    """Lists the stages in order, or shows the manual page of one."""
    from agents.pipeline import STAGES, output_topic

    if name is not None:
        found = next((stage for stage in STAGES if stage.name == name), None)
        if found is None:
            raise UsageError(f"Expected one of {', '.join(stage.name for stage in STAGES)}, got {name!r}.")
        click.echo(found.manual)
        return
    rows = [
        {
            "name": stage.name,
            "version": stage.version,
            "accepts": stage.accepts.__name__,
            "emits": stage.emits.__name__,
            "topic": output_topic(stage).name,
            "requires": sorted(stage.requires),
            "assigns": sorted(stage.assigns),
        }
        for stage in STAGES
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:10} {row['version']:4} {row['accepts']} -> {row['emits']}  {row['topic']}")
