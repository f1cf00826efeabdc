"""Errors of the HTTP interface as problem details (RFC 9457): one shape for every answer from 400 up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog
from aiohttp import web

from streams import tracing

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: "The request cannot be read",
    401: "A bearer token is needed",
    403: "Not from here",
    404: "Nothing is served here",
    405: "The method is not served here",
    408: "The request came too slowly",
    411: "A length or chunked encoding is needed",
    413: "The article is too large",
    415: "The content type or encoding is not taken",
    417: "The expectation cannot be met",
    422: "The article is not valid",
    429: "The pipeline is behind",
    500: "babelwire failed",
    503: "The broker is not available",
}


_EXPECTATION_FAILED = 417
"""Here the text names the header, which the reason does not."""


class ProblemError(Exception):
    """An answer that ends the request."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        """``code`` is stable and ends the problem's ``type``; ``members`` are added to the document."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def response(self) -> web.Response:
        """Returns the answer."""
        document = {
            "type": f"urn:babelwire:problem:{self.code}",
            "title": _TITLES.get(self.status, "The request failed"),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return web.Response(
            status=self.status, body=orjson.dumps(document), headers=self.headers, content_type=MEDIA_TYPE
        )


async def answered(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], request: web.Request
) -> web.StreamResponse:
    """Gives a request to the application and turns everything it raises into a problem.

    What nobody foresaw is logged and answered with 500. This lies around the application and is no middleware of
    it, since aiohttp looks at ``Expect`` before any middleware.
    """
    try:
        return await handler(request)
    except ProblemError as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        said = error.text if error.status == _EXPECTATION_FAILED else error.reason
        detail = f"{request.method} {request.path}: {said}."
        return ProblemError(error.status, f"http_{error.status}", detail, headers=headers).response()
    except Exception as error:
        origin = tracing.of_headers(tracing.of_request(request.headers))
        log.error(
            "http_request_failed",
            path=request.path,
            error=f"{type(error).__name__}: {error}",
            trace_id=None if origin is None else origin.trace,
            exc_info=True,
        )
        return ProblemError(
            500, "internal", "This is a bug in babelwire; its log has the details."
        ).response()
