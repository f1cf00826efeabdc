"""``babelwire up``: everything on this machine, with a broker of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from streams.cli.root import EXIT_NO, run_async, settings_options

if TYPE_CHECKING:
    from streams.look.tail import Seen
    from streams.settings import Settings


@click.command(
    short_help="Starts broker, workers and ingest here: the demo.", epilog="Example: babelwire up --samples"
)
@click.option("--samples", is_flag=True, help="Send our sample articles through it.")
@click.option("--once", is_flag=True, help="Stop when every sample has come out.")
@settings_options("topology", "processes", "data_dir", "http_port", "metrics_port", "log_format")
def up(samples: bool, once: bool, settings: Settings) -> int:
    """Starts a broker, the topics, the workers and the ingest server here, and shows the events as they come.

    The broker is an embedded one that listens on loopback and keeps everything in memory: IT FORGETS EVERY
    ARTICLE WHEN IT STOPS. For anything that must last, run `babelwire worker` against Apache Kafka.

    Ctrl-C or SIGTERM stops all; so does closing the terminal. SIGHUP restarts the workers one after another.
    """
    from streams.work import slots

    with slots.claim(settings.data_dir):
        slots.share_metrics(settings.data_dir, slots.MAIN)
        return run_async(_up(settings, samples=samples or once, once=once))


async def _up(settings: Settings, *, samples: bool, once: bool) -> int:
    from streams import log
    from streams import up as everything
    from streams.work import slots

    log.configure(settings, worker=slots.MAIN)
    stop = asyncio.Event()
    everything.stop_on_signals(stop)
    click.echo("Starting the embedded broker, the workers and the ingest server ...", err=True)
    async with everything.running(settings, stop) as (here, addresses, watching):
        click.echo(
            f"  broker   {addresses.broker}  (in memory: forgets everything when it stops)\n"
            f"  ingest   POST {addresses.ingest}/v1/articles\n"
            f"  health   {addresses.metrics}/readyz  {addresses.metrics}/metrics\n"
            f"  look     export BABELWIRE_BOOTSTRAP_SERVERS={addresses.broker}  (elsewhere, then: babelwire audit)",
            err=True,
        )
        count = await everything.send_samples(here) if samples else None
        if count is not None:
            click.echo(f"Sent {count} sample articles; what comes out:\n", err=True)
        following = asyncio.create_task(everything.follow(here, _show, count if once else None))
        stopping = asyncio.create_task(stop.wait())
        limit = everything.SAMPLE_SECONDS if once else None
        tasks = (watching, following, stopping)
        await asyncio.wait(tasks, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finished = following.done() and following.exception() is None
        if following.done() and not finished:
            await asyncio.wait([watching], timeout=1)  # which says better what it was
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:  # what ended by itself is the cause of what failed after it
            if not task.cancelled():
                task.result()
        if not stop.is_set() and once:
            message = (
                f"All {count} sample articles came out." if finished else "Not every sample came out in time."
            )
            click.echo(f"\n{message}", err=True)
        click.echo("Stopping: the workers finish what they have in hand ...", err=True)
    return EXIT_NO if once and not finished else 0


def _show(seen: Seen, stage: str) -> None:
    from streams.cli.tail import line

    click.echo(line(seen, stage))
