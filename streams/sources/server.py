"""The ingest server: starts, serves, and when asked to stop takes nothing new and finishes what it has."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from schemas.errors import BabelwireError, SettingsError
from streams import kafka
from streams.settings import Settings
from streams.sources.backlog import Backlog
from streams.sources.http import LOOPBACK, Articles, tokens_of

_FINISH_SECONDS = 20.0
"""Longest wait for requests under way when stopping; 30 s is what an orchestrator gives."""

_IDLE_SECONDS = 75.0
"""How long a connection without a request is kept; aiohttp would keep it for an hour."""


async def serve(
    settings: Settings,
    *,
    stop: asyncio.Event,
    started: Callable[[str], None] = lambda address: None,
    metrics_folder: str | None = None,
) -> None:
    """Serves ``POST /v1/articles``, ``/livez``, ``/readyz`` and ``/metrics`` until ``stop`` is set.

    Args:
        settings: where to listen and where the broker is.
        stop: when set, no connection is accepted, requests under way are answered, and this returns.
        started: called with the address (``http://127.0.0.1:8080``) once articles are taken.
        metrics_folder: where processes share their metrics, if they do.

    Raises:
        BrokerError: the broker cannot be reached at the start, or lacks the topics.
        SettingsError: other machines could post without a token.
        BabelwireError: the port is taken.
    """
    if settings.http_host not in LOOPBACK and not tokens_of(settings):
        raise SettingsError(
            f"api_tokens: expected at least one token to listen on {settings.http_host!r}, got none; without "
            "tokens only loopback is served"
        )
    async with kafka.producer(settings) as producer:
        backlog = Backlog(settings)
        measuring = asyncio.create_task(backlog.run())
        measured = asyncio.create_task(backlog.measured.wait())
        stopped = asyncio.create_task(stop.wait())
        articles = Articles(settings, producer, backlog, metrics_folder=metrics_folder)
        # Bodies are inflated by us, against a limit.
        runner = web.AppRunner(
            articles.application(),
            access_log=None,
            logger=_protocol_log(),
            auto_decompress=False,
            shutdown_timeout=1.0,
            keepalive_timeout=_IDLE_SECONDS,
        )
        try:
            await _first(measuring, measured, stopped)
            await runner.setup()
            started(await _listen(runner, settings))
            await _first(measuring, stopped)
        finally:
            await _finish(runner, articles)
            for task in (measuring, measured, stopped):
                task.cancel()
            await asyncio.gather(measuring, measured, stopped, return_exceptions=True)


def _protocol_log() -> logging.Logger:
    """What a client sent that is no HTTP is answered with 400; a traceback in our log each time is too much."""
    log = logging.getLogger(f"{__name__}.protocol")
    if not log.filters:
        log.addFilter(lambda line: not (line.exc_info and isinstance(line.exc_info[1], HttpProcessingError)))
    return log


async def _first(measuring: asyncio.Task[None], *others: asyncio.Task[bool]) -> None:
    """Waits for any of the tasks; an error of the measuring one is raised."""
    await asyncio.wait((measuring, *others), return_when=asyncio.FIRST_COMPLETED)
    if measuring.done():
        measuring.result()


async def _finish(runner: web.AppRunner, articles: Articles) -> None:
    for site in list(runner.sites):
        await site.stop()  # no new connections
    # aiohttp's own shutdown stops reading at once, so a body on its way would never arrive.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(articles.drain(), _FINISH_SECONDS)
    await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    except OSError as error:
        raise BabelwireError(
            f"Expected to listen on {settings.http_host}:{settings.http_port}: {error.strerror or error}. "
            "Choose another port with --http-port (0 takes a free one)."
        ) from None
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    return f"http://{host}:{runner.addresses[0][1]}"
