"""Somebody who collects spans: OTLP over HTTP on a loopback port, decoded by OpenTelemetry's own protobuf."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it came."""

    trace: str
    id: str
    parent: str
    """Empty where the trace begins."""
    name: str
    kind: str
    begun_ns: int
    ended_ns: int
    failed: str | None
    attributes: dict[str, Any]
    resource: dict[str, Any]


class Collector:
    """Keeps every span it is sent."""

    def __init__(self) -> None:
        """Listens from now on."""
        self.spans: list[Span] = []
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                assert self.headers["Content-Type"] == "application/x-protobuf"
                collector.take(ExportTraceServiceRequest.FromString(body))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What tells a babelwire process to send here, soon."""
        return {
            "BABELWIRE_TRACES": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self._server.server_address[1]}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keeps the spans of one request."""
        for group in request.resource_spans:
            resource = _values(group.resource.attributes)
            for scope in group.scope_spans:
                assert scope.scope.name == "babelwire"
                for span in scope.spans:
                    self.spans.append(
                        Span(
                            trace=span.trace_id.hex(),
                            id=span.span_id.hex(),
                            parent=span.parent_span_id.hex(),
                            name=span.name,
                            kind=Wire.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                            begun_ns=span.start_time_unix_nano,
                            ended_ns=span.end_time_unix_nano,
                            failed=span.status.message
                            if span.status.code == Status.StatusCode.STATUS_CODE_ERROR
                            else None,
                            attributes=_values(span.attributes),
                            resource=resource,
                        )
                    )

    def wait(self, enough: Callable[[list[Span]], bool], timeout: float = 30) -> list[Span]:
        """Returns the spans as soon as there are ``enough``."""
        deadline = time.monotonic() + timeout
        while not enough(list(self.spans)):
            assert time.monotonic() < deadline, [(span.trace, span.name) for span in self.spans][-20:]
            time.sleep(0.1)
        return list(self.spans)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _values(attributes: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in attributes}
