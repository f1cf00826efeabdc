"""``babelwire worker``: the worker processes of one machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from streams.cli.root import run_async, settings_options

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(
    short_help="Runs the worker processes of this machine.",
    epilog="\b\nExample: babelwire worker --processes 4 --topology 'clean + language + entities'",
)
@settings_options(
    "bootstrap_servers",
    "topic_prefix",
    "topology",
    "processes",
    "data_dir",
    "metrics_host",
    "metrics_port",
    "log_format",
)
def worker(settings: Settings) -> None:
    """Runs worker processes that take articles from Kafka and publish what becomes of them.

    More machines are more of these commands. SIGTERM drains and commits within 30 s; SIGHUP restarts the
    processes one after another.
    """
    from streams.work import slots

    with slots.claim(settings.data_dir):
        slots.share_metrics(settings.data_dir, slots.MAIN)
        run_async(_run(settings))


async def _run(settings: Settings) -> None:
    from schemas.errors import BrokerError
    from streams import log
    from streams.broker import provision
    from streams.work import health, slots
    from streams.work.supervisor import Supervisor

    log.configure(settings, worker=slots.MAIN)
    missing = await provision.missing_topics(settings)
    if missing:
        raise BrokerError(f"Expected the topics {', '.join(missing)}. Create them: `babelwire topics apply`.")
    supervisor = Supervisor(settings)
    supervisor.on_signals(asyncio.get_running_loop())
    async with health.of(supervisor) as address:
        count = settings.processes
        workers = f"{count} worker process{'' if count == 1 else 'es'}"
        click.echo(f"{workers}; {address}/metrics /livez /readyz", err=True)
        await supervisor.run()
