"""The workers' ``/metrics``, ``/livez`` and ``/readyz``: one server for all processes of the supervisor."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schemas.errors import BabelwireError
from streams import metrics
from streams.work import slots

if TYPE_CHECKING:
    from streams.work.supervisor import Supervisor


def of(supervisor: Supervisor) -> AbstractAsyncContextManager[str]:
    """Serves what there is to say of a supervisor's workers, where its settings say."""
    settings = supervisor.settings
    return serve(
        settings.metrics_host,
        settings.metrics_port,
        ready=supervisor.ready,
        status=supervisor.status,
        metrics_folder=str(slots.metrics_folder(settings.data_dir)),
    )


@asynccontextmanager
async def serve(
    host: str, port: int, *, ready: Callable[[], bool], status: Callable[[], object], metrics_folder: str
) -> AsyncIterator[str]:
    """Serves until the block ends; gives the address, for example ``http://127.0.0.1:9464``.

    Raises:
        BabelwireError: the port is taken.
    """

    async def show_metrics(_: web.Request) -> web.Response:
        metrics.clock.labels("worker").set(time.time())
        body = generate_latest(metrics.registry(metrics_folder))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def show_ready(_: web.Request) -> web.Response:
        good = ready()
        return web.json_response({"ready": good, "workers": status()}, status=200 if good else 503)

    application = web.Application()
    application.add_routes(
        [web.get("/metrics", show_metrics), web.get("/livez", live), web.get("/readyz", show_ready)]
    )
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise BabelwireError(
            f"Expected to serve metrics on {host}:{port}: {error.strerror or error}. Choose another with "
            "--metrics-port or BABELWIRE_METRICS_PORT (0 takes a free one)."
        ) from None
    addresses = runner.addresses
    try:
        yield f"http://{host}:{addresses[0][1]}"
    finally:
        await runner.cleanup()
