"""``babelwire serve``: takes articles over HTTP."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from streams.cli.root import run_async, settings_options

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(
    short_help="Takes articles over HTTP: POST /v1/articles.",
    epilog="""\b
Examples:
  babelwire serve --http-port 8080
  curl -d '{"content": "..."}' -H 'Content-Type: application/json' http://127.0.0.1:8080/v1/articles
  curl --data-binary @articles.jsonl -H 'Content-Type: application/x-ndjson' http://127.0.0.1:8080/v1/articles""",
)
@settings_options(
    "bootstrap_servers",
    "topic_prefix",
    "http_host",
    "http_port",
    "max_lag",
    "max_article_bytes",
    "log_format",
)
def serve(settings: Settings) -> None:
    """Takes articles by POST /v1/articles and answers 202 when the broker has confirmed them.

    Only this machine may post, unless BABELWIRE_API_TOKENS lists bearer tokens. When more than --max-lag
    articles wait for the workers, it answers 429. /livez, /readyz and /metrics are served beside it. Ctrl-C
    and SIGTERM finish the requests under way.
    """
    run_async(_serve(settings))


async def _serve(settings: Settings) -> None:
    from streams import log
    from streams.sources import server

    log.configure(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def started(address: str) -> None:
        click.echo(f"Taking articles at {address}/v1/articles; {address}/metrics /livez /readyz", err=True)

    await server.serve(settings, stop=stop, started=started)
