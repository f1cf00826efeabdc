"""The trace context of an article: read, carried, derived; and free where tracing is off."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from agents.hop import Result
from agents.pipeline import hops
from schemas.cloudevents import CloudEvent
from schemas.outcomes import Header
from streams import tracing
from streams.settings import Settings
from streams.work.runner import Runner
from tests.streams.installation import RECEIVED_MS

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
GIVEN: list[Header] = [("traceparent", PARENT.encode()), ("tracestate", b"vendor=value")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        PARENT.upper(),
        PARENT + "-more",
        PARENT + "\n",
        "ff" + PARENT[2:],
        PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        PARENT.replace("b7ad6b7169203331", "0" * 16),
        "01" + PARENT[2:] + "-" + "x" * 600,
    ],
)
def test_what_is_no_trace_context_counts_as_not_given(text: str) -> None:
    assert tracing.parse(text) is None
    headers = [("traceparent", text.encode()), ("tracestate", b"vendor=value")]
    assert tracing.carried(headers) == []
    assert tracing.origin(headers, "a", "t").parent is None


def test_a_version_to_come_is_understood_as_far_as_we_can() -> None:
    found = tracing.parse("01" + PARENT[2:] + "-more")
    assert found is not None
    assert (found.trace, found.parent, found.sampled) == (PARENT[3:35], PARENT[36:52], True)


def test_who_does_not_sample_is_heard() -> None:
    found = tracing.parse(PARENT[:-2] + "02")
    assert found is not None
    assert not found.sampled


def test_a_state_too_long_for_an_event_is_left_behind() -> None:
    assert tracing.carried([GIVEN[0], ("tracestate", b"x=" + b"y" * 600)]) == GIVEN[:1]


def test_every_hop_derives_the_same_trace_where_none_came_in() -> None:
    time = tracing.received([], RECEIVED_MS, first=True)
    event = [("ce_time", time.encode()), ("ce_id", b"x")]
    raw = tracing.origin([], "article", time)
    later = tracing.origin(event, "article", tracing.received(event, 17, first=False))
    assert raw == later
    assert (len(raw.trace), raw.parent, raw.sampled) == (32, None, True)
    assert raw != tracing.origin([], "another", time)
    assert raw != tracing.origin([], "article", tracing.received([], RECEIVED_MS + 1, first=True))
    # A producer's own ce_time on a raw article is not when we received it.
    assert tracing.received([("ce_time", b"mine")], RECEIVED_MS, first=True) == time


def test_a_timestamp_that_is_no_time_still_gives_a_trace() -> None:
    assert tracing.received([], 2**62, first=True) == str(2**62)


def test_one_record_treated_twice_gives_one_span_id() -> None:
    origin = tracing.parse(PARENT)
    assert origin is not None
    first = tracing.span_id(origin, "clean", "raw/0/1")
    assert first == tracing.span_id(origin, "clean", "raw/0/1")
    assert (
        len({first, tracing.span_id(origin, "clean", "raw/0/2"), tracing.span_id(origin, "x", "raw/0/1")})
        == 3
    )
    assert tracing.parse(tracing.text(origin.trace, first, sampled=True)) is not None


@dataclass(slots=True)
class Record:
    headers: Any
    value: bytes = b"{"
    topic: str = "babelwire.articles.raw.v1"
    partition: int = 0
    offset: int = 7
    timestamp: float = RECEIVED_MS / 1000
    key: bytes | None = b"a"


class Process:
    """Gives a result without a stage process: what is looked at is what the runner makes of it."""

    def __init__(self, result: Result) -> None:
        self.result = result

    async def treat(self, records: Any, positions: Any) -> list[Result]:
        return [self.result for _ in records]


class Kept:
    def __init__(self) -> None:
        self.records: list[Any] = []

    async def publish(self, records: Any) -> None:
        self.records += records


EVENT = CloudEvent(
    id="e", source="s", type="t", time=datetime(2026, 1, 1, tzinfo=UTC), subject="a", dataschema="d"
)
RESULTS = [
    Result(outcome="published", stage="clean", article="a", value=b"{}", event=EVENT),
    Result(outcome="dropped", stage="clean", article="a", reason="no_text", value=b"{}"),
    Result(outcome="rejected", stage="clean", article="a", reason="malformed_json", detail="no"),
]


async def sent(result: Result, headers: Any) -> dict[str, bytes]:
    kept = Kept()
    runner = Runner(
        hops("clean | language | entities")[0],
        Settings(),
        Process(result),  # type: ignore[arg-type]
        kept,  # type: ignore[arg-type]
        lambda error: None,
    )
    await runner.treat([Record(headers)])
    return dict(kept.records[0].headers)


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.outcome)
async def test_off_it_goes_on_unchanged_with_every_outcome(result: Result) -> None:
    headers = await sent(result, [*GIVEN, ("other", b"x")])
    assert (headers["traceparent"], headers["tracestate"]) == (PARENT.encode(), b"vendor=value")
    assert "traceparent" not in await sent(result, None)


@pytest.mark.parametrize("headers", [GIVEN, None], ids=["given", "derived"])
async def test_a_failure_is_one_line_with_its_place_and_its_trace_and_nothing_else_is(headers: Any) -> None:
    with capture_logs() as lines:
        await sent(RESULTS[2], headers)
        await sent(RESULTS[0], headers)
        await sent(RESULTS[1], headers)
    time = tracing.received([], RECEIVED_MS, first=True)
    [line] = lines
    assert line == {
        "log_level": "warning",
        "event": "article_rejected",
        "article": "a",
        "stage": "clean",
        "reason": "malformed_json",
        "detail": "no",
        "topic": "babelwire.articles.raw.v1",
        "partition": 0,
        "offset": 7,
        "trace_id": PARENT[3:35] if headers else tracing.origin([], "a", time).trace,
    }


def test_off_nothing_of_opentelemetry_is_imported() -> None:
    program = (
        "import sys\n"
        "import streams.work.app, streams.work.worker, streams.work.supervisor, streams.sources.server\n"
        "from streams import tracing\n"
        "from streams.settings import load\n"
        "assert tracing.exporting(load(environ={}), 'w0') is None\n"
        "found = [name for name in sys.modules if name.startswith(('opentelemetry', 'google.protobuf'))]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
