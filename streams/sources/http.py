"""``POST /v1/articles``: articles over HTTP, answered when the broker has them.

* **202** means every article of the request is confirmed by the broker; its body has their ids. Anything else
  means none was taken, except 503 after sending began, which lists what is confirmed and what is not known.
* Posting again is always safe: the same article has the same id, and the same event id downstream.
* NDJSON is all or nothing: one bad line, and none of the lines is sent (422, every error with its line).
* Who may post: with ``api_tokens`` who bears one of them; without, this machine only.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from aiohttp import web
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agents.hop import known_id
from schemas.errors import BadInput, RejectReason
from schemas.outcomes import Header
from schemas.topics import RAW
from streams import metrics, tracing
from streams.settings import Settings
from streams.sources.articles import Ready, json_path, ready_json
from streams.sources.backlog import Backlog
from streams.sources.body import RETRY_SECONDS, Bodies
from streams.sources.problems import ProblemError

if TYPE_CHECKING:
    from streams.spans import Open, Spans

log = structlog.get_logger(__name__)

ONE = "application/json"
MANY = "application/x-ndjson"
STAGE = "ingest"
SERVER = "babelwire"
"""What the server calls itself."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_MANY_BYTES = 16 << 20
"""Largest NDJSON body: it is checked whole before anything of it is sent."""
_CONFIRM_SECONDS = 15.0
"""Longest wait for the broker's confirmation; a client should wait longer than this."""
_LISTED = 100
"""Bad lines of one request that its answer and the log spell out; all of them are counted."""
_MAX_DETAIL = 1000
_BREATHE = 100
"""Lines checked between two turns of the event loop, about 5 ms."""
_STATUS = {
    RejectReason.MALFORMED_JSON: 400,
    RejectReason.BAD_ENCODING: 400,
    RejectReason.INVALID_FIELD: 422,
    RejectReason.TOO_LARGE: 413,
}
_LOCAL_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?", re.IGNORECASE)


def tokens_of(settings: Settings) -> tuple[bytes, ...]:
    """Returns the digests of the bearer tokens that may post; comparing digests hides the tokens' lengths."""
    names = (token.strip() for token in (settings.api_tokens or "").split(","))
    return tuple(hashlib.sha256(token.encode()).digest() for token in names if token)


class Articles:
    """The handlers of one server."""

    def __init__(
        self,
        settings: Settings,
        producer: AIOKafkaProducer,
        backlog: Backlog,
        *,
        metrics_folder: str | None = None,
        spans: Spans | None = None,
    ) -> None:
        """``metrics_folder`` is where processes share their metrics, if they do; ``spans``, where tracing is on."""
        self._settings = settings
        self._producer = producer
        self._backlog = backlog
        self._metrics_folder = metrics_folder
        self._spans = spans
        self._bodies = Bodies()
        self._tokens = tokens_of(settings)
        self._topic = settings.topic(RAW.name)
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    def application(self) -> web.Application:
        """Returns the application; what it serves is listed here."""
        application = web.Application()
        application.on_response_prepare.append(_unnamed)
        application.add_routes(
            [
                web.post("/v1/articles", self.post),
                web.get("/livez", self.live),
                web.get("/readyz", self.ready),
                web.get("/metrics", self.show_metrics),
            ]
        )
        return application

    async def live(self, _: web.Request) -> web.Response:
        """Answers while the event loop turns."""
        return _json(200, {"status": "ok"})

    async def ready(self, _: web.Request) -> web.Response:
        """Says whether articles can be taken now."""
        document = {
            "ready": self._backlog.broker_answers and not self._stopping,
            "stopping": self._stopping,
            "broker": self._backlog.broker_answers,
            "waiting_articles": self._backlog.articles,
        }
        return _json(200 if document["ready"] else 503, document)

    async def show_metrics(self, _: web.Request) -> web.Response:
        """Shows the metrics in Prometheus' text format."""
        metrics.clock.labels("serve").set(time.time())
        metrics.broker_answers.labels("serve").set(self._backlog.broker_answers)
        metrics.backlog_articles.labels(self._topic).set(self._backlog.articles)
        body = generate_latest(metrics.registry(self._metrics_folder))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def drain(self) -> None:
        """Refuses what comes from now on, and returns when the requests under way are answered."""
        self._stopping = True
        await self._idle.wait()

    async def post(self, request: web.Request) -> web.Response:
        """Takes one article (JSON) or many (NDJSON)."""
        self._under_way += 1
        self._idle.clear()
        try:
            return await self._post(request)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _post(self, request: web.Request) -> web.Response:
        self._admit_client(request)
        kind = _kind(request)
        self._admit_now()
        trace = tracing.of_request(request.headers)
        limit = self._settings.max_article_bytes
        async with self._bodies.read(request, limit if kind == ONE else max(limit, _MANY_BYTES)) as body:
            articles = [self._one(body, trace)] if kind == ONE else await self._many(body, trace)
            await self._send(articles, trace)
        if kind == ONE:
            return _json(202, {"id": articles[0].id, "revision": articles[0].revision})
        return _json(202, {"accepted": len(articles), "ids": [article.id for article in articles]})

    def _admit_client(self, request: web.Request) -> None:
        if not self._tokens:
            # A page in this machine's browser may be made to call us under a name of its own (DNS rebinding).
            if not _LOCAL_HOST.fullmatch(request.host):
                raise ProblemError(
                    403,
                    "not_loopback",
                    f"Expected a loopback address, as no api_tokens are set; got Host {request.host!r}.",
                )
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise ProblemError(
                401,
                "no_token",
                "Expected the header 'Authorization: Bearer TOKEN'.",
                headers={"WWW-Authenticate": 'Bearer realm="babelwire"'},
            )
        given = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        # Every token is compared, so the time tells nothing of which one was near.
        if not sum(hmac.compare_digest(given, known) for known in self._tokens):
            raise ProblemError(
                401,
                "unknown_token",
                "Expected one of the tokens in api_tokens, got another.",
                headers={"WWW-Authenticate": 'Bearer realm="babelwire", error="invalid_token"'},
            )

    def _admit_now(self) -> None:
        retry = {"Retry-After": str(RETRY_SECONDS)}
        if self._stopping:
            raise ProblemError(
                503,
                "stopping",
                "This server is stopping; nothing was taken.",
                headers=retry | {"Connection": "close"},
            )
        if not self._backlog.broker_answers:
            raise ProblemError(
                503, "broker_away", "The broker does not answer; nothing was taken.", headers=retry
            )
        if self._backlog.too_long:
            raise ProblemError(
                429,
                "behind",
                f"{self._backlog.articles:,} articles wait for the workers, more than max_lag "
                f"({self._settings.max_lag:,}) allows; nothing was taken.",
                headers=retry,
            )

    def _one(self, body: bytes, trace: Sequence[Header]) -> Ready:
        try:
            return ready_json(body, "body", self._settings.max_article_bytes)
        except BadInput as error:
            self._refused(error, body, trace, tell=True)
            status = _STATUS.get(error.reason, 422)
            raise ProblemError(status, error.reason, error.detail, errors=[_error(error)]) from None

    async def _many(self, body: bytes, trace: Sequence[Header]) -> list[Ready]:
        articles: list[Ready] = []
        errors: list[dict[str, Any]] = []
        total = 0
        for number, line in enumerate(body.split(b"\n"), start=1):
            if number % _BREATHE == 0:
                await asyncio.sleep(0)
            if not line.strip():
                continue
            try:
                articles.append(ready_json(line, f"line {number}", self._settings.max_article_bytes))
            except BadInput as error:
                self._refused(error, line, trace, tell=total < _LISTED)
                total += 1
                if len(errors) < _LISTED:
                    errors.append({"line": number, **_error(error)})
        if total:
            good = f"; the other {len(articles):,} were not sent either" if articles else ""
            raise ProblemError(
                422,
                "invalid_lines",
                f"{total:,} lines are no articles{good}. Post them again without the bad ones.",
                errors=errors,
                errors_total=total,
            )
        if not articles:
            raise ProblemError(
                422, "no_articles", "Expected an article on each line, got no line.", errors=[]
            )
        return articles

    def _refused(self, error: BadInput, value: bytes, trace: Sequence[Header], *, tell: bool) -> None:
        """Counts an article that is none, and tells of it with the same fields as a stage does."""
        metrics.articles_received.labels(STAGE).inc()
        metrics.articles_finished.labels(STAGE, "rejected", str(error.reason)).inc()
        if tell:
            log.warning(
                "article_rejected",
                article=known_id(value, None),
                stage=STAGE,
                reason=str(error.reason),
                detail=error.detail[:_MAX_DETAIL],
                topic=self._topic,
                partition=-1,
                offset=-1,
                trace_id=_trace_id(trace),
            )

    def _open(self, article: Ready, trace: Sequence[Header], timestamp_ms: int) -> Open | None:
        if self._spans is None:
            return None
        received = tracing.received((), timestamp_ms, first=True)
        origin = tracing.origin(trace, article.id, received)
        return self._spans.publish(self._topic, article.id, origin, timestamp_ms)

    async def _send(self, articles: Sequence[Ready], trace: list[Header]) -> None:
        confirmations: list[asyncio.Future[Any]] = []
        spans: list[Open] = []
        now = time.time_ns() // 1_000_000
        error: BaseException | None = None
        try:
            async with asyncio.timeout(_CONFIRM_SECONDS):
                for article in articles:
                    span = self._open(article, trace, now)
                    if span is not None:
                        spans.append(span)
                    done = await self._producer.send(
                        self._topic,
                        article.value,
                        key=article.id.encode(),
                        timestamp_ms=now,
                        headers=trace if span is None else span.headers,
                    )
                    confirmations.append(done)
                await asyncio.wait(confirmations)
        except (KafkaError, OSError, TimeoutError) as failure:
            error = failure
        good = [done.done() and not done.cancelled() and done.exception() is None for done in confirmations]
        confirmed = [article.id for article, fine in zip(articles, good, strict=False) if fine]
        for index, span in enumerate(spans):
            span.end(error=None if index < len(good) and good[index] else f"not confirmed: {error!r}")
        metrics.articles_received.labels(STAGE).inc(len(confirmed))
        metrics.articles_finished.labels(STAGE, "published", "").inc(len(confirmed))
        if len(confirmed) == len(articles):
            return
        for done in confirmations:
            if done.done() and done.exception() is not None:
                error = error or done.exception()
            else:
                done.add_done_callback(_retrieve)
        if isinstance(error, MessageSizeTooLargeError) and not confirmed:
            raise ProblemError(
                413, "too_large", "The broker refuses a record this large: see max.message.bytes."
            )
        taken = set(confirmed)
        missing = [article.id for article in articles if article.id not in taken]
        log.error(
            "articles_not_confirmed",
            article=missing[0],
            articles=len(missing),
            stage=STAGE,
            topic=self._topic,
            error=f"{type(error).__name__}: {error}",
            trace_id=_trace_id(trace),
        )
        raise ProblemError(
            503,
            "not_confirmed",
            f"The broker did not confirm {len(articles) - len(confirmed):,} of {len(articles):,} articles "
            f"({type(error).__name__}); they may or may not have been taken. Posting them again is safe.",
            headers={"Retry-After": str(RETRY_SECONDS)},
            confirmed=confirmed,
            unconfirmed=missing,
        )


def _kind(request: web.Request) -> str:
    charset = (request.charset or "utf-8").lower()
    if request.content_type in (ONE, MANY) and charset in ("utf-8", "utf8"):
        return request.content_type
    raise ProblemError(
        415,
        "unsupported_type",
        f"Expected Content-Type {ONE} (one article) or {MANY} (one a line), in UTF-8, got "
        f"{request.headers.get('Content-Type', 'none')!r}.",
        headers={"Accept-Post": f"{ONE}, {MANY}"},
    )


def _trace_id(trace: Sequence[Header]) -> str | None:
    origin = tracing.of_headers(trace)
    return None if origin is None else origin.trace


def _error(error: BadInput) -> dict[str, Any]:
    found: dict[str, Any] = {"reason": str(error.reason), "detail": error.detail}
    if path := json_path(error.detail):
        found["path"] = path
    return found


def _json(status: int, document: object) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")


def _retrieve(done: asyncio.Future[Any]) -> None:
    """Takes note of a late failure, so that asyncio does not complain of it."""
    if not done.cancelled():
        done.exception()


async def _unnamed(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = SERVER
