"""POST /v1/articles: what is answered, and what lies on the raw topic after it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import random
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka.errors import KafkaTimeoutError
from structlog.testing import capture_logs

from schemas.article import RawArticle
from schemas.codec import decode
from schemas.ids import article_id, digest
from streams.broker import kafka
from streams.broker.embedded import EmbeddedBroker
from tests.streams.installation import Installation
from tests.streams.sources.serving import MANY, ONE, Server, Start
from tests.streams.sources.test_reading import HOSTILE


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
    assert (await server.post(gzip.compress(b'{"content":"packed"}', mtime=0), packed)).status == 202
    assert (await server.taken())[0].content == "packed"
    # In a thread: on a slow machine the server would think the broker away meanwhile.
    bomb = await asyncio.to_thread(gzip.compress, b'{"content":"' + b"x" * 300_000_000 + b'"}', mtime=0)
    tracemalloc.start()
    try:
        answer = await server.post(bomb, packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status, peak < 16 << 20) == (413, True)
    twice = gzip.compress(bomb, mtime=0)
    assert (await server.post(twice, packed)).status in (400, 413)


async def test_gzip_of_several_members_is_one_body(server: Server) -> None:
    members = b"".join(gzip.compress(b'{"content":"%d"}\n' % number, mtime=0) for number in range(3))
    answer = await server.post(members + bytes(512), MANY | {"Content-Encoding": "gzip"})
    assert (answer.status, answer.body["accepted"]) == (202, 3)
    many = gzip.compress(b"\n" * (1 << 20), mtime=0) * 17
    assert (await server.post(many, MANY | {"Content-Encoding": "gzip"})).status == 413
    assert sorted(article.content for article in await server.taken()) == ["0", "1", "2"]


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"more"]
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
    found = await asyncio.wait_for(reader.readexactly(13), 30) if answered else b""
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


async def test_what_is_not_confirmed_is_listed(
    embedded: EmbeddedBroker, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that confirms the first record and fails the second; the third never comes to an end."""
    installation = await Installation.create(embedded.bootstrap_servers)
    server = await start(installation)
    from streams.sources import http as http_module

    monkeypatch.setattr(http_module, "_CONFIRM_SECONDS", 3.0)
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


PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_the_callers_trace_goes_along(server: Server) -> None:
    await server.post(b'{"content":"x","id":"a"}', ONE | {"traceparent": PARENT, "tracestate": "k=v"})
    await server.post(b'{"content":"x","id":"b"}', ONE | {"traceparent": "nonsense"})
    headers = {record.key_text: dict(record.headers) for record in await server.installation.read("raw")}
    assert headers == {"a": {"traceparent": PARENT.encode(), "tracestate": b"k=v"}, "b": {}}


async def test_a_refused_article_is_one_log_line_of_the_same_fields_as_a_stages(server: Server) -> None:
    with capture_logs() as lines:
        await server.post(b'{"content":"', ONE | {"traceparent": PARENT})
        assert (await server.post(b'{"content":"x"}\n{"content":7}\n{}', MANY)).status == 422
        assert (await server.post(b'{"content":"good"}')).status == 202
    assert [line["reason"] for line in lines] == ["malformed_json", "invalid_field", "invalid_field"]
    assert lines[0] == {
        "log_level": "warning",
        "event": "article_rejected",
        "article": digest("bytes", b'{"content":"'),
        "stage": "ingest",
        "reason": "malformed_json",
        "detail": lines[0]["detail"],
        "topic": server.installation.topic("raw"),
        "partition": -1,
        "offset": -1,
        "trace_id": PARENT[3:35],
    }
    assert lines[1]["trace_id"] is None


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/articles"), ("POST", "/nope"), ("GET", "/v1/articles")]
)
async def test_an_expectation_nobody_knows_is_a_problem_too(server: Server, method: str, path: str) -> None:
    async with server.session.request(method, server.address + path, headers={"Expect": "miracles"}) as got:
        assert (got.status, got.headers["Content-Type"]) == (417, "application/problem+json")
        assert got.headers["Server"] == "babelwire"
        problem = orjson.loads(await got.read())
    assert (problem["type"], problem["title"]) == (
        "urn:babelwire:problem:http_417", "The expectation cannot be met",
    )  # fmt: skip
    assert problem["detail"] == f"{method} {path}: Unknown Expect: miracles."


async def test_who_waits_to_be_asked_for_the_body_is_asked(server: Server) -> None:
    assert (await server.post(b'{"content":"x"}', expect100=True)).status == 202
    assert [article.content for article in await server.taken()] == ["x"]


@pytest.mark.parametrize(
    "request_", [b"\x16\x03\x01\x00\xa5\x01", b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\x00\r\n\r\n"]
)
async def test_what_is_no_http_is_answered_with_a_problem(server: Server, request_: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.address.rsplit(":", 1)[1]))
    writer.write(request_)
    head, _, body = (await asyncio.wait_for(reader.read(), 30)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    lines = {line.lower() for line in head.splitlines()}
    assert {b"content-type: application/problem+json", b"server: babelwire"} <= lines
    problem = orjson.loads(body)
    assert problem["status"] == 400
    assert problem["type"] == "urn:babelwire:problem:http_400"
    assert problem["title"] == "The request cannot be read"
    assert problem["detail"].startswith("Expected an HTTP/1.1 request: ")
