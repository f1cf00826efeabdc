"""Spans by OpenTelemetry, sent by OTLP over HTTP; imported only where tracing is on.

Addresses, headers, certificates, sampling and batching are OpenTelemetry's own ``OTEL_*`` variables; who collects
is ``OTEL_EXPORTER_OTLP_ENDPOINT`` (http://localhost:4318 by default). Sending is in a thread of the exporter and
never holds up an article: where nobody collects, spans are lost and one warning in 30 s says so.

Span names and attributes follow OpenTelemetry's conventions for messaging and Kafka (1.36).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags, TraceState

from agents.hop import Result
from agents.pipeline import Hop
from schemas import VERSION
from schemas.outcomes import Header, Position
from streams import tracing
from streams.tracing import Origin

_CLOSE_SECONDS = 3.0
"""Longest wait for the last spans to be sent; a worker has 30 s to end, most of which is for its articles."""

_NO_SPAN = trace.format_span_id(trace.INVALID_SPAN_ID)

Attributes = Mapping[str, str | int]


class _Given(IdGenerator):
    """Gives OpenTelemetry the ids that we derived."""

    def __init__(self) -> None:
        self.trace = 0
        self.span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span


class Open:
    """A span under way."""

    def __init__(self, spans: Spans, span: trace.Span, origin: Origin) -> None:
        """``origin`` is what it goes on from."""
        self._spans = spans
        self._span = span
        context = span.get_span_context()
        self._inside = Origin(
            trace=origin.trace,
            parent=trace.format_span_id(context.span_id),
            sampled=context.trace_flags.sampled,
            state=origin.state,
        )

    @property
    def headers(self) -> list[Header]:
        """Returns the record headers by which the next hop goes on from here."""
        own = self._inside
        if own.parent in (None, _NO_SPAN):  # OTEL_SDK_DISABLED
            return []
        headers = [(tracing.PARENT, tracing.text(own.trace, own.parent, sampled=own.sampled).encode())]
        if own.state:
            headers.append((tracing.STATE, own.state.encode()))
        return headers

    def stages(self, passed: Sequence[tuple[str, float]], begun_ns: int) -> int:
        """Adds a span for each stage that ran, one after the other; returns when the last had ended.

        Lengths are measured in the stage process, which has the records of a batch one after the other; that
        order, not a clock, says when each began.
        """
        for stage, seconds in passed:
            child = self._spans.open(stage, self._inside, (stage,), begun_ns=begun_ns)
            begun_ns += round(seconds * 1e9)
            child.end(at_ns=begun_ns)
        return begun_ns

    def end(self, *, error: str | None = None, at_ns: int | None = None) -> None:
        """Ends it, now or at a time; ``error`` says what failed."""
        if error is not None:
            self._span.set_status(StatusCode.ERROR, error)
        self._span.end(at_ns)


class Spans:
    """Opens spans and sends what has ended; for one thread."""

    def __init__(self, instance: str) -> None:
        """``instance`` names the process among those of this machine."""
        ours = {"service.name": "babelwire", "service.version": VERSION, "service.instance.id": instance}
        self._ids = _Given()
        self._provider = TracerProvider(
            # What the variables say of this installation wins.
            resource=Resource(ours).merge(OTELResourceDetector().detect()),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("babelwire", VERSION)

    def open(
        self,
        name: str,
        origin: Origin,
        what: Sequence[str],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        begun_ns: int | None = None,
        attributes: Attributes | None = None,
    ) -> Open:
        """Opens a span; ``what`` it treats makes its id."""
        self._ids.trace = int(origin.trace, 16)
        self._ids.span = int(tracing.span_id(origin, *what), 16)
        span = self._tracer.start_span(
            name, context=_context(origin), kind=kind, attributes=attributes, start_time=begun_ns
        )
        return Open(self, span, origin)

    def hop(self, hop: Hop, group: str) -> HopSpans:
        """Returns what opens the spans of one hop's batches; ``group`` is its consumer group."""
        return HopSpans(self, hop, group)

    def publish(self, topic: str, article: str, origin: Origin, timestamp_ms: int) -> Open:
        """Opens the span of an article that a source puts on ``topic``."""
        return self.open(
            f"send {topic}",
            origin,
            ("send", topic, article, str(timestamp_ms)),
            kind=SpanKind.PRODUCER,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.operation.name": "send",
                "messaging.destination.name": topic,
                "messaging.kafka.message.key": article,
                "babelwire.article": article,
            },
        )

    def close(self) -> None:
        """Sends what has ended, for three seconds at most."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


class HopSpans:
    """Opens the spans of one hop."""

    def __init__(self, spans: Spans, hop: Hop, group: str) -> None:
        """``group`` is the consumer group that reads the hop's input."""
        self._spans = spans
        self._hop = hop
        self._group = group

    def batch(
        self, begun_ns: int, inputs: Sequence[tuple[Position, Origin]], results: Sequence[Result]
    ) -> list[Open]:
        """Opens a span for each record of a batch, with a child for each stage that ran.

        Args:
            begun_ns: when the batch was taken, nanoseconds since 1970.
            inputs: where each record lies and what it goes on from.
            results: what became of each, in the same order.
        """
        opened: list[Open] = []
        turn = begun_ns
        for (position, origin), result in zip(inputs, results, strict=True):
            span = self._spans.open(
                f"process {position.topic}",
                origin,
                (self._hop.name, str(position)),
                kind=SpanKind.CONSUMER,
                begun_ns=begun_ns,
                attributes=self._attributes(position, result),
            )
            turn = span.stages(result.passed, turn)
            opened.append(span)
        return opened

    def _attributes(self, position: Position, result: Result) -> Attributes:
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.consumer.group.name": self._group,
            "messaging.destination.name": position.topic,
            "messaging.destination.partition.id": str(position.partition),
            "messaging.kafka.offset": position.offset,
            "babelwire.hop": self._hop.name,
            "babelwire.article": result.article,
            "babelwire.outcome": result.outcome,
        }
        if result.reason:
            attributes["babelwire.stage"] = result.stage
            attributes["babelwire.reason"] = result.reason
        return attributes


def _context(origin: Origin) -> Context:
    if origin.parent is None:
        return Context()
    parent = SpanContext(
        trace_id=int(origin.trace, 16),
        span_id=int(origin.parent, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if origin.sampled else TraceFlags.DEFAULT),
        trace_state=TraceState.from_header([origin.state] if origin.state else []),
    )
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())
