"""POST /v1/articles: what is answered, and what lies on the raw topic after it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gzip
import io
import random
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka.errors import KafkaTimeoutError

from agents.hop import Limits
from schemas.article import RawArticle
from schemas.codec import decode
from schemas.errors import BabelwireError, BrokerError, SettingsError
from schemas.ids import article_id
from streams import kafka, provision
from streams.embedded import EmbeddedBroker
from streams.settings import Settings
from streams.sources import backlog as backlog_module
from streams.sources import body as body_module
from streams.sources.server import serve
from tests.streams.installation import Installation
from tests.streams.sources.test_reading import HOSTILE

ONE = {"Content-Type": "application/json"}
MANY = {"Content-Type": "application/x-ndjson"}


@dataclass(slots=True)
class Answer:
    status: int
    headers: Any
    body: dict[str, Any]


@dataclass(slots=True)
class Server:
    address: str
    session: aiohttp.ClientSession
    installation: Installation
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def post(self, data: Any, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        """Posts and checks what holds of every answer."""
        url = f"{self.address}/v1/articles"
        async with self.session.post(
            url, data=data, headers=ONE if headers is None else headers, **more
        ) as got:
            answer = Answer(got.status, got.headers, orjson.loads(await got.read()))
        if answer.status >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.body["status"] == answer.status
            assert answer.body["type"].startswith("urn:babelwire:problem:")
            assert answer.body["title"]
            assert answer.body["detail"]
        return answer

    async def get(self, path: str) -> tuple[int, bytes]:
        async with self.session.get(self.address + path) as got:
            return got.status, await got.read()

    async def taken(self) -> list[RawArticle]:
        """The articles on the raw topic, by id."""
        records = await self.installation.read("raw")
        found = [decode(record.value or b"", RawArticle) for record in records]
        assert [record.key_text for record in records] == [article.id for article in found]
        return sorted(found, key=lambda article: str(article.id))


Start = Callable[..., Awaitable[Server]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers for installations; they are stopped at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(installation: Installation, **settings: Any) -> Server:
            changed = dataclasses.replace(installation.settings, http_port=0, **settings)
            stop = asyncio.Event()
            address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(serve(changed, stop=stop, started=address.set_result))
            await asyncio.wait((task, address), return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
            if task.done():
                await task
            session = await stack.enter_async_context(aiohttp.ClientSession())

            async def end() -> None:
                stop.set()
                await task

            stack.push_async_callback(end)
            return Server(await address, session, installation, stop, task)

        yield begin


@pytest.fixture
async def server(start: Start, embedded: EmbeddedBroker) -> Server:
    """A server on topics of its own on the embedded broker."""
    return await start(await Installation.create(embedded.bootstrap_servers))


async def test_one_article_is_taken_when_202_is_answered(installation: Installation, start: Start) -> None:
    server = await start(installation)
    first = await server.post(b'{"content":"one","url":"https://x.example/1"}')
    second = await server.post(b'{"content":"two","id":"mine","revision":3}')
    assert (first.status, second.status) == (202, 202)
    assert second.body == {"id": "mine", "revision": 3}
    expected = article_id(RawArticle(content="one", url="https://x.example/1"))
    assert first.body == {"id": expected, "revision": 1}
    assert {article.id: article.content for article in await server.taken()} == {
        "mine": "two",
        expected: "one",
    }


async def test_the_same_article_posted_twice_has_one_id_and_the_same_bytes(server: Server) -> None:
    answers = [await server.post(b'{"content": "one",  "title": null}') for _ in range(2)]
    assert answers[0].body == answers[1].body
    records = await server.installation.read("raw")
    assert len(records) == 2
    assert len({record.value for record in records}) == 1


async def test_many_articles_are_taken_together(installation: Installation, start: Start) -> None:
    server = await start(installation)
    lines = b'{"content":"a","id":"1"}\r\n\n{"content":"b","id":"2"}\n{"content":"c","id":"3"}'
    answer = await server.post(lines, MANY)
    assert (answer.status, answer.body) == (202, {"accepted": 3, "ids": ["1", "2", "3"]})
    assert [article.content for article in await server.taken()] == ["a", "b", "c"]


async def test_one_bad_line_and_none_is_sent(server: Server) -> None:
    lines = b'{"content":"a"}\n{"content":1}\n\n{"content":\n{"content":"b"}'
    answer = await server.post(lines, MANY)
    assert answer.status == 422
    assert [(error["line"], error["reason"]) for error in answer.body["errors"]] == [
        (2, "invalid_field"),
        (4, "malformed_json"),
    ]
    assert answer.body["errors"][0]["path"] == "$.content"
    assert (answer.body["errors_total"], "not sent either" in answer.body["detail"]) == (2, True)
    assert await server.taken() == []


async def test_a_long_list_of_errors_is_cut_and_counted(server: Server) -> None:
    answer = await server.post(b"{}\n" * 1000, MANY)
    assert (len(answer.body["errors"]), answer.body["errors_total"]) == (100, 1000)


@pytest.mark.parametrize(
    ("body", "status", "reason", "path"),
    [
        (b"{", 400, "malformed_json", None),
        (b"", 400, "malformed_json", None),
        (b'{"content":"\xff"}', 400, "bad_encoding", None),
        (b'{"content":"\\ud800"}', 400, "malformed_json", None),
        (b"[" * 100_000, 400, "malformed_json", None),
        (b"[]", 422, "invalid_field", None),
        (b"{}", 422, "invalid_field", None),
        (b'{"content":3}', 422, "invalid_field", "$.content"),
        (b'{"content":"x","published_at":"yesterday"}', 422, "invalid_field", "$.published_at"),
        (b'{"content":"x","metadata":{"a":1}}', 422, "invalid_field", "$.metadata[...]"),
    ],
)
async def test_a_bad_article_is_answered_with_its_reason_and_path(
    server: Server, body: bytes, status: int, reason: str, path: str | None
) -> None:
    answer = await server.post(body)
    [error] = answer.body["errors"]
    assert (answer.status, error["reason"], error.get("path")) == (status, reason, path)
    assert await server.taken() == []


@pytest.mark.parametrize("headers", [ONE, MANY, ONE | {"Content-Encoding": "gzip"}])
async def test_any_bytes_are_answered(server: Server, headers: dict[str, str]) -> None:
    chance = random.Random(7)
    bodies = [*HOSTILE, *(chance.randbytes(chance.randrange(300)) for _ in range(200))]
    statuses = {(await server.post(body, headers)).status for body in bodies}
    assert statuses <= {202, 400, 413, 422}
    records = await server.installation.read("raw")
    assert all(decode(record.value or b"", RawArticle).id == record.key_text for record in records)


async def test_no_line_at_all_is_no_batch(server: Server) -> None:
    assert (await server.post(b" \n\n", MANY)).status == 422


async def test_a_body_past_the_limit_is_refused_by_its_length(server: Server) -> None:
    limit = server.installation.settings.max_article_bytes
    answer = await server.post(io.BytesIO(b'{"content":"' + b"x" * limit + b'"}'))
    assert (answer.status, answer.body["errors"][0]["reason"]) == (413, "too_large")
    many = await server.post(io.BytesIO(b'{"content":"x"}\n' * (1 << 20) + b"\n" * (1 << 20)), MANY)
    assert many.status == 413


async def test_in_a_batch_each_article_has_the_limit_of_one(server: Server) -> None:
    limit = server.installation.settings.max_article_bytes
    lines = b"\n".join(b'{"content":"' + bytes([letter]) * (limit - 300) + b'"}' for letter in b"abc")
    assert (await server.post(io.BytesIO(lines), MANY)).status == 202
    answer = await server.post(io.BytesIO(b'{"content":"' + b"x" * limit + b'"}\n'), MANY)
    assert (answer.status, answer.body["errors"][0]["reason"]) == (422, "too_large")
    assert len(await server.taken()) == 3


async def test_a_body_without_a_length_is_cut_off_at_the_limit(server: Server) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"content":"'
        while sent < 200 << 20:
            sent += 1 << 16
            yield b"x" * (1 << 16)

    with contextlib.suppress(aiohttp.ClientError):
        assert (await server.post(endless())).status == 413
    assert sent < 64 << 20
    assert (await server.post(b'{"content":"next"}')).status == 202


async def test_gzip_is_taken_and_a_bomb_is_cut_off_at_the_limit(server: Server) -> None:
    packed = ONE | {"Content-Encoding": "gzip"}
    assert (await server.post(gzip.compress(b'{"content":"packed"}'), packed)).status == 202
    assert (await server.taken())[0].content == "packed"
    bomb = gzip.compress(b'{"content":"' + b"x" * 300_000_000 + b'"}')
    tracemalloc.start()
    try:
        answer = await server.post(bomb, packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status, peak < 16 << 20) == (413, True)
    twice = gzip.compress(bomb)
    assert (await server.post(twice, packed)).status in (400, 413)


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more"]
)
async def test_damaged_gzip_is_answered(server: Server, damage: bytes) -> None:
    answer = await server.post(damage, ONE | {"Content-Encoding": "gzip"})
    assert (answer.status, answer.body["type"]) == (400, "urn:babelwire:problem:damaged_gzip")


@pytest.mark.parametrize(
    ("head", "body", "answered"),
    [
        ("Content-Length: 100", b'{"content":', b""),
        ("Transfer-Encoding: chunked", b"zz\r\n", b" 400 "),
        ("Transfer-Encoding: chunked", b'5\r\n{"con', b""),
        ("Content-Length: -5", b"", b" 400 "),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", b" 400 "),
    ],
)
async def test_a_broken_request_is_no_failure_of_ours(
    server: Server, caplog: pytest.LogCaptureFixture, head: str, body: bytes, answered: bytes
) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = (
        f"POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
    )
    writer.write(request.encode() + body)
    found = await asyncio.wait_for(reader.read(13), 5) if answered else b""
    writer.close()
    await writer.wait_closed()
    assert found[8:] == answered
    await asyncio.sleep(0.2)
    assert [record for record in caplog.records if not record.name.startswith("aiokafka")] == []
    assert (await server.post(b'{"content":"next"}')).status == 202
    assert len(await server.taken()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/octet-stream"},
        ONE | {"Content-Encoding": "br"},
        ONE | {"Content-Encoding": "gzip, gzip"},
    ],
)
async def test_other_types_and_encodings_are_not_taken(server: Server, headers: dict[str, str]) -> None:
    answer = await server.post(b'{"content":"x"}', headers)
    assert answer.status == 415
    assert "Accept-Post" in answer.headers or answer.headers["Accept-Encoding"] == "gzip"


async def test_a_charset_of_utf8_is_said_and_taken(server: Server) -> None:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    assert (await server.post('{"content":"Straße"}'.encode(), headers)).status == 202


async def test_requests_together_hold_no_more_than_their_bound(
    embedded: EmbeddedBroker, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_module.Bodies.__init__, "__defaults__", (1000,))
    server = await start(await Installation.create(embedded.bootstrap_servers))
    answer = await server.post(b'{"content":"' + b"x" * 2000 + b'"}')
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (await server.post(b'{"content":"small"}')).status == 202


async def test_a_body_that_stops_coming_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "_PAUSE_SECONDS", 0.2)

    async def stalling() -> AsyncIterator[bytes]:
        yield b'{"content":'
        await asyncio.sleep(2)
        yield b'"x"}'

    assert (await server.post(stalling())).status == 408
    assert await server.taken() == []


async def test_with_tokens_only_their_bearers_may_post(embedded: EmbeddedBroker, start: Start) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)
    server = await start(installation, api_tokens="first-token, second-token", http_host="0.0.0.0")

    async def status(authorization: str | None) -> tuple[int, bool]:
        extra = {} if authorization is None else {"Authorization": authorization}
        answer = await server.post(b'{"content":"x"}', ONE | extra)
        return answer.status, "Bearer" in answer.headers.get("WWW-Authenticate", "")

    assert await status("Bearer second-token") == (202, False)
    assert await status("bearer first-token") == (202, False)
    for wrong in (None, "", "Bearer", "Bearer ", "Bearer first", "Bearer first-token2", "Basic first-token"):
        assert await status(wrong) == (401, True), wrong
    assert await status("Bearer first-token, second-token") == (401, True)
    assert len(await server.taken()) == 2
    assert (await server.get("/livez"))[0] == 200


@pytest.mark.parametrize("tokens", [None, "", " , "])
async def test_without_a_token_other_machines_are_not_served(tokens: str | None) -> None:
    with pytest.raises(SettingsError, match="api_tokens"):
        await serve(Settings(http_host="0.0.0.0", api_tokens=tokens), stop=asyncio.Event())


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "[", "evil.example:80@127.0.0.1:x"]
)
async def test_without_tokens_a_foreign_name_for_this_machine_is_refused(server: Server, host: str) -> None:
    assert (await server.post(b'{"content":"x"}', ONE | {"Host": host})).status == 403
    assert await server.taken() == []


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8080"])
async def test_without_tokens_loopback_names_are_served(server: Server, host: str) -> None:
    assert (await server.post(b'{"content":"x"}', ONE | {"Host": host})).status == 202


async def test_when_too_many_articles_wait_it_asks_to_come_back(
    installation: Installation, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_module, "MEASURE_SECONDS", 0.2)
    server = await start(installation, max_lag=300)
    lines = b"".join(b'{"content":"%d"}\n' % number for number in range(400))
    assert (await server.post(lines, MANY)).status == 202

    async def waiting() -> int:
        return int(orjson.loads((await server.get("/readyz"))[1])["waiting_articles"])

    async def until(wanted: int) -> None:
        async with asyncio.timeout(20):
            while await waiting() != wanted:
                await asyncio.sleep(0.05)

    await until(400)
    answer = await server.post(b'{"content":"x"}')
    assert (answer.status, int(answer.headers["Retry-After"])) == (429, 5)
    await installation.commit_all("raw")
    await until(0)
    assert (await server.post(b'{"content":"x"}')).status == 202
    await until(1)


async def test_listing_the_partitions_anew_is_no_outage(
    embedded: EmbeddedBroker, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_module, "MEASURE_SECONDS", 0.05)
    monkeypatch.setattr(backlog_module, "_MEASUREMENTS", 2)
    server = await start(await Installation.create(embedded.bootstrap_servers))
    for _ in range(40):
        assert (await server.get("/readyz"))[0] == 200
        await asyncio.sleep(0.05)


async def test_max_lag_of_zero_is_no_limit(embedded: EmbeddedBroker, start: Start) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)
    await installation.raw(*map(str, range(50)))
    server = await start(installation, max_lag=0)
    assert (await server.post(b'{"content":"x"}')).status == 202


@pytest.mark.embedded
async def test_a_broker_that_is_away_is_answered_and_its_return_is_noticed(
    start: Start, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_module, "MEASURE_SECONDS", 0.2)
    monkeypatch.setattr(backlog_module, "_STALE_SECONDS", 1.0)
    monkeypatch.setattr(backlog_module, "_ANSWER_SECONDS", 4.0)
    with EmbeddedBroker(tmp_path / "broker.log") as broker:
        server = await start(await Installation.create(broker.bootstrap_servers, topic_prefix=""))
        assert (await server.post(b'{"content":"before"}')).status == 202
        broker.stop()
        async with asyncio.timeout(20):
            while (await server.get("/readyz"))[0] == 200:
                await asyncio.sleep(0.1)
        answer = await server.post(b'{"content":"during"}')
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert (await server.get("/livez"))[0] == 200
        broker.start()
        # It has forgotten its topics, and makes one anew that a client asks for before we do.
        settings = server.installation.settings
        await provision.apply(settings, (await provision.plan(settings)).changes)
        async with asyncio.timeout(40):
            while (await server.post(b'{"content":"after"}')).status != 202:
                await asyncio.sleep(0.2)
        assert [article.content for article in await server.taken()] == ["after"]


async def test_what_is_not_confirmed_is_listed(
    embedded: EmbeddedBroker, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that confirms the first record and fails the second; the third never comes to an end."""
    installation = await Installation.create(embedded.bootstrap_servers)
    server = await start(installation)
    from streams.sources import http as http_module

    monkeypatch.setattr(http_module, "_CONFIRM_SECONDS", 0.5)
    server_second = await start(installation)
    real = kafka.AIOKafkaProducer.send
    seen = 0

    async def failing(self: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal seen
        seen += 1
        future = asyncio.get_running_loop().create_future()
        if seen == 1:
            return await real(self, *arguments, **named)
        if seen == 2:
            future.set_exception(KafkaTimeoutError())
        return future

    monkeypatch.setattr(kafka.AIOKafkaProducer, "send", failing)
    lines = b'{"content":"a","id":"1"}\n{"content":"b","id":"2"}\n{"content":"c","id":"3"}'
    answer = await server_second.post(lines, MANY)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.body["confirmed"], answer.body["unconfirmed"]) == (["1"], ["2", "3"])
    monkeypatch.undo()
    assert [article.id for article in await server.taken()] == ["1"]


async def test_stopping_answers_what_is_under_way_and_takes_nothing_new(
    embedded: EmbeddedBroker, start: Start
) -> None:
    server = await start(await Installation.create(embedded.bootstrap_servers))
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"content":'
        begun.set()
        await asyncio.sleep(1)
        yield b'"under way"}'

    posting = asyncio.create_task(server.post(slow()))
    await begun.wait()
    await asyncio.sleep(0.1)
    server.stop.set()
    await asyncio.sleep(0.3)
    with pytest.raises(aiohttp.ClientConnectorError):
        async with aiohttp.ClientSession() as other:
            await other.get(f"{server.address}/livez")
    assert (await posting).status == 202
    await asyncio.wait_for(server.task, 10)
    assert [article.content for article in await server.taken()] == ["under way"]


async def test_a_port_that_is_taken_is_told(embedded: EmbeddedBroker) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = dataclasses.replace(installation.settings, http_port=taken.getsockname()[1])
        with pytest.raises(BabelwireError, match="--http-port"):
            await serve(settings, stop=asyncio.Event())


async def test_missing_topics_end_the_start(embedded: EmbeddedBroker) -> None:
    settings = Settings(bootstrap_servers=embedded.bootstrap_servers, topic_prefix="none-", http_port=0)
    with pytest.raises(BrokerError, match="topics apply"):
        await serve(settings, stop=asyncio.Event())


async def test_the_callers_trace_goes_along(server: Server) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await server.post(b'{"content":"x","id":"a"}', ONE | {"traceparent": parent, "tracestate": "k=v"})
    await server.post(b'{"content":"x","id":"b"}', ONE | {"traceparent": "nonsense"})
    headers = {record.key_text: dict(record.headers) for record in await server.installation.read("raw")}
    assert headers == {"a": {"traceparent": parent.encode(), "tracestate": b"k=v"}, "b": {}}


async def test_metrics_count_what_was_taken_and_refused(server: Server) -> None:
    async def counted(line: str) -> float:
        text = (await server.get("/metrics"))[1].decode()
        found = [row.rsplit(" ", 1)[1] for row in text.splitlines() if row.startswith(line)]
        return float(found[0]) if found else 0.0

    taken = 'babelwire_articles_finished_total{outcome="published",reason="",stage="ingest"}'
    refused = 'babelwire_articles_finished_total{outcome="rejected",reason="invalid_field",stage="ingest"}'
    received = 'babelwire_articles_received_total{stage="ingest"}'
    before = [await counted(line) for line in (taken, refused, received)]
    await server.post(b'{"content":"a"}\n{"content":"b"}', MANY)
    await server.post(b"{}")
    after = [await counted(line) for line in (taken, refused, received)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1, 3]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/articles", 405), ("POST", "/nope", 404), ("OPTIONS", "/v1/articles", 405)],
)
async def test_what_is_not_served_is_a_problem_too(
    server: Server, method: str, path: str, status: int
) -> None:
    async with server.session.request(method, server.address + path) as got:
        assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json")
        assert orjson.loads(await got.read())["status"] == status
        assert got.headers.get("Allow") == ("POST" if status == 405 else None)
        assert got.headers["Server"] == "babelwire"


def test_the_limits_are_those_of_the_workers() -> None:
    assert Settings().limits().max_article_bytes == Limits().max_article_bytes == Settings().max_article_bytes
