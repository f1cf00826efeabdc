"""The ingest server: who may post, when it asks to come back, how it starts and stops."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from agents.hop import Limits
from schemas.errors import BabelwireError, BrokerError, SettingsError
from streams.broker import provision
from streams.broker.embedded import EmbeddedBroker
from streams.settings import Settings
from streams.sources import backlog as backlog_module
from streams.sources import body as body_module
from streams.sources.server import serve
from tests.streams.installation import Installation
from tests.streams.sources.serving import MANY, ONE, Server, Start


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


async def test_a_body_that_comes_in_drops_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pause is as long as the longest, all of them together are longer than its few bytes are worth."""
    monkeypatch.setattr(body_module, "_PAUSE_SECONDS", 0.4)
    drops = 0

    async def dripping() -> AsyncIterator[bytes]:
        nonlocal drops
        for byte in b'{"content":"' + b"x" * 50 + b'"}':
            yield bytes([byte])
            drops += 1
            await asyncio.sleep(0.1)

    answer = await server.post(dripping())
    assert (answer.status, answer.body["type"]) == (408, "urn:babelwire:problem:slow_request")
    assert drops < 20
    assert await server.taken() == []


async def test_a_body_that_comes_slowly_is_taken(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes for twice as long as the longest pause, at twice the least rate."""
    monkeypatch.setattr(body_module, "_PAUSE_SECONDS", 3.0)

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"content":"'
        for _ in range(30):
            yield b"x" * 200
            await asyncio.sleep(0.2)
        yield b'"}'

    assert (await server.post(slow())).status == 202


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
        async with asyncio.timeout(60):
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
        async with asyncio.timeout(40):  # who pauses for a second has not heard of the broker for so long
            while (await server.post(b'{"content":"before"}')).status != 202:
                await asyncio.sleep(0.2)
        broker.stop()
        async with asyncio.timeout(60):
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
        # More than once where a confirmation came too late for its answer.
        assert {article.content for article in await server.taken()} == {"after"}


async def test_stopping_answers_what_is_under_way_and_takes_nothing_new(
    embedded: EmbeddedBroker, start: Start
) -> None:
    server = await start(await Installation.create(embedded.bootstrap_servers))
    begun, refused = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        begun.set()  # the server has asked for the body
        yield b'{"content":'
        await refused.wait()
        yield b'"under way"}'

    posting = asyncio.create_task(server.post(slow(), expect100=True))
    await begun.wait()
    server.stop.set()
    async with asyncio.timeout(30):
        while not refused.is_set():
            try:
                async with aiohttp.ClientSession() as other, other.get(f"{server.address}/livez"):
                    await asyncio.sleep(0.05)
            except aiohttp.ClientConnectorError:
                refused.set()
    assert (await posting).status == 202
    await asyncio.wait_for(server.task, 30)
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
