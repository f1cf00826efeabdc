"""The ingest server: starts, serves, and when asked to stop takes nothing new and finishes what it has."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from schemas.errors import BabelwireError, SettingsError
from streams import tracing
from streams.broker import kafka
from streams.settings import Settings
from streams.sources.backlog import Backlog
from streams.sources.http import LOOPBACK, SERVER, STAGE, Articles, tokens_of
from streams.sources.problems import ProblemError, answered

_FINISH_SECONDS = 20.0
"""Longest wait for requests under way when stopping; 30 s is what an orchestrator gives."""

_IDLE_SECONDS = 75.0
"""How long a connection without a request is kept; aiohttp would keep it for an hour."""
_MAX_SAID = 200


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
        spans = tracing.exporting(settings, STAGE)
        articles = Articles(settings, producer, backlog, metrics_folder=metrics_folder, spans=spans)
        # Bodies are inflated by us, against a limit.
        runner = _Runner(
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
            if spans is not None:
                await asyncio.to_thread(spans.close)


class _Connection(web.RequestHandler):
    """A connection that answers what is no HTTP like every other error."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(request, status, exc, message)  # logs; raises when part of an answer is out
        said = " ".join((message or "").split())[:_MAX_SAID] if status < 500 else ""
        problem = ProblemError(
            status,
            f"http_{status}",
            f"Expected an HTTP/1.1 request: {said or 'it could not be answered'}.",
            headers={"Server": SERVER},
        ).response()
        problem.force_close()
        return problem


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    """Makes the server from ours; aiohttp has no setting for the class of its connections."""

    async def _make_server(self) -> web.Server:
        theirs = await super()._make_server()
        handler = functools.partial(answered, theirs.request_handler)
        return _Server(handler, request_factory=theirs.request_factory, **theirs._kwargs)


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
            "Choose another port with --http-port or BABELWIRE_HTTP_PORT (0 takes a free one)."
        ) from None
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    return f"http://{host}:{runner.addresses[0][1]}"
