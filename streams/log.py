"""Log lines: structlog, one JSON object a line on standard error, quiet at info."""

from __future__ import annotations

import logging
import sys
import time

import structlog

from streams.settings import Settings

_NOISY = (
    "faust",
    "mode",
    "streams.work.app",
    "streams.work.driver",
    "aiokafka",
    "kafka",
    "aiohttp.access",
    "trafilatura",
    "htmldate",
    "asyncio",
)


def configure(settings: Settings, **context: str) -> None:
    """Sets up logging for this process; ``context`` (``worker="w0"``) is on every line that says no other."""
    console = settings.log_format == "console"
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with(context),
    ]
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=_coloured()) if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # These tell every step at info; what an operator must know of them, they tell at warning.
    floor = logging.DEBUG if settings.log_level == "debug" else logging.WARNING
    for name in _NOISY:
        logging.getLogger(name).setLevel(floor)
    handler.addFilter(_Sparing())


class _Sparing(logging.Filter):
    """Lets a library say the same thing once in 30 s.

    aiokafka tells ten times a second that a broker is away, OpenTelemetry six times a batch that nobody collects.
    """

    _SECONDS = 30.0
    _TALKATIVE = ("aiokafka", "opentelemetry")

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._TALKATIVE):
            return True
        now = time.monotonic()
        key = (record.name, record.msg)
        if now - self._said.get(key, -self._SECONDS) < self._SECONDS:
            return False
        self._said[key] = now
        return True


def _with(context: dict[str, str]) -> structlog.types.Processor:
    def add(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        for name, value in context.items():
            event.setdefault(name, value)
        return event

    return add


def _coloured() -> bool:
    """Says whether standard error is a terminal that wants colours (rich knows of NO_COLOR, see no-color.org)."""
    from rich.console import Console

    console = Console(stderr=True)
    return console.is_terminal and not console.no_color
