"""A server in this process, and a client that checks what holds of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from schemas.article import RawArticle
from schemas.codec import decode
from tests.streams.installation import Installation


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


ONE = {"Content-Type": "application/json"}
MANY = {"Content-Type": "application/x-ndjson"}
Start = Callable[..., Awaitable[Server]]
