"""One article, one trace: W3C Trace Context in record headers, read, carried on, and derived where there is none.

* **Off** (the default) nothing of OpenTelemetry is imported: what came with a record goes on with its outcome,
  unchanged, dropped articles and dead letters included. Nothing is invented.
* **On** (``traces = "otlp"``) every hop is a span, the child of the hop before, and the outcome carries its id.

All ids are derived. The trace is the one that came in, else a digest of the article's id and of when it was
received; a span's id is a digest of the trace, its parent and the record it treats. So a record that is treated
again, after a crash for example, gives the same span and the same header, a copy by replay or redrive joins the
trace of its original, and a failure that is only logged has the trace id that its span would have.

Specifications: W3C Trace Context (level 1), CloudEvents' "Distributed Tracing" extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.cloudevents import header
from schemas.ids import digest
from schemas.outcomes import Header
from schemas.times import instant
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.spans import Spans

PARENT = "traceparent"
STATE = "tracestate"
NAMES = (PARENT, STATE)

_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LONGEST = 512
"""Characters of a header that is carried: what the specification asks for. More could make an event too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an article's next span goes on from."""

    trace: str
    """32 hex digits."""
    parent: str | None = None
    """Span id, 16 hex digits; None where the trace begins."""
    sampled: bool = True
    state: str | None = None
    """Of the tracing system that the caller uses."""


def parse(parent: str, state: str | None = None) -> Origin | None:
    """Reads a ``traceparent``; returns None for anything that is none, which then counts as not given."""
    found = _FORM.fullmatch(parent) if len(parent) <= _LONGEST else None
    if found is None or (found[1] == "00" and found[5]):
        return None
    return Origin(
        trace=found[2],
        parent=found[3],
        sampled=bool(int(found[4], 16) & 1),
        state=state if state and len(state) <= _LONGEST else None,
    )


def of_headers(headers: Iterable[Header]) -> Origin | None:
    """Returns what a record's headers say, or None."""
    known = {name: value for name, value in headers if name in NAMES}
    if PARENT not in known:
        return None
    return parse(_text(known[PARENT]), _text(known[STATE]) if STATE in known else None)


def carried(headers: Iterable[Header]) -> list[Header]:
    """Returns the trace context among ``headers`` as it came, where it is one."""
    found = [(name, value) for name, value in headers if name in NAMES and len(value) <= _LONGEST]
    return found if found and of_headers(found) is not None else []


def of_request(headers: Mapping[str, str]) -> list[Header]:
    """Returns the trace context of an HTTP request as record headers."""
    return carried((name, headers[name].encode("utf-8", "replace")) for name in NAMES if name in headers)


def origin(headers: Iterable[Header], article: str, received: str) -> Origin:
    """Returns what the next span of ``article`` goes on from: what came with it, else a trace of its own."""
    return of_headers(headers) or Origin(trace=digest("trace", article, received))


def received(headers: Iterable[Header], timestamp_ms: int, *, first: bool) -> str:
    """Returns when the article was received, the same text in every hop.

    ``first`` says that the record is a raw article: its own timestamp (milliseconds since 1970) is the time, as
    in the event that will be made of it; in later records that event's ``ce_time`` is.
    """
    told = None if first else header(headers, "ce_time")
    if told is not None:
        return told
    try:
        return instant(timestamp_ms).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return str(timestamp_ms)


def span_id(start: Origin, *what: str) -> str:
    """Returns the id of the span that treats ``what`` and goes on from ``start``."""
    return digest("span", start.trace, start.parent, *what)[:16]


def text(trace: str, span: str, *, sampled: bool) -> str:
    """Returns a ``traceparent``."""
    return f"00-{trace}-{span}-{int(sampled):02x}"


def exporting(settings: Settings, instance: str) -> Spans | None:
    """Returns where spans go, or None where tracing is off; ``instance`` names the process (``w0``)."""
    if settings.traces == "none":
        return None
    from streams.spans import Spans

    return Spans(instance)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
