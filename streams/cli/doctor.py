"""``babelwire doctor``: what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from streams.cli.printing import echo_json, look, verdict, visible
from streams.cli.root import EXIT_BROKER, EXIT_NO, settings_options

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(
    short_help="Says what is wrong with the installation, and what to do.",
    epilog="Example: babelwire doctor --bootstrap-servers kafka.example:9093",
)
@click.option(
    "--write", is_flag=True, help="Also read the broker's clock, by a topic made and deleted for it."
)
@click.option("--verbose", is_flag=True, help="Show every setting too (secrets masked).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "topology", "data_dir")
def doctor(settings: Settings, write: bool, verbose: bool, as_json: bool) -> int:
    """Looks at this machine, the broker, the topics, the permissions, the workers and the clocks.

    Every line is ok, warn, fail or unknown, with what to do. Exits 1 when something failed, 3 when no broker
    could be reached or none lets us in. Changes nothing (see --write).
    """
    from streams.look import doctor as module

    found = look(module.examine(settings, write=write))
    with verdict():
        if as_json:
            checks = [asdict(check) for check in found.checks]
            echo_json(
                {
                    "ok": not found.failed,
                    "reached": found.reached,
                    "checks": checks,
                    "settings": found.settings,
                }
            )
        else:
            for check in found.checks:
                click.echo(f"{check.level:7} {check.name:12} {visible(check.text)}")
                if check.advice:
                    click.echo(f"{'':20} -> {visible(check.advice)}")
            if verbose:
                click.echo()
                for name, value in found.settings.items():
                    click.echo(f"{name} = {value!r}")
    if not found.reached:
        return EXIT_BROKER
    return EXIT_NO if found.failed else 0
