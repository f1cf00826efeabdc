"""Additions reach the stage process between two articles, and every process that takes its place."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from schemas import codec
from schemas.additions import Addition
from schemas.article import EnrichedArticle, Fingerprint, Language, Provenance, Run, TaggedArticle
from schemas.errors import BadInput, UsageError
from schemas.outcomes import Position
from streams.knowledge.additions import Handover, load, read
from streams.settings import Settings
from streams.work.inside import Record
from streams.work.isolation import StageProcess

JANE = Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov", country="NZ")
BOB = Addition(id="cur:bob-bleekov", type="PER", name="Bob Bleekov", names={"ru": ("Боб Блееков",)})


def tagged(text: str) -> Record:
    article = TaggedArticle(
        id="a", revision=1, url=None, source=None, title=None, text=text, published_at=None,
        published_at_basis="none", received_at=datetime(2026, 11, 21, tzinfo=UTC),
        alignment=(Run(clean=0, raw=0, length=len(text)),), fingerprint=Fingerprint(sha256="0", near=""),
        provenance=Provenance(pipeline="babelwire/0", input="0", stages={"clean": "1", "language": "1"}),
        language=Language(tag="en", script="Latn", confidence=1.0, reliable=True),
    )  # fmt: skip
    return codec.encode(article), b"a", 1_790_000_000_000


@pytest.fixture
async def known() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def process(tmp_path: Path, known: asyncio.Event) -> AsyncIterator[StageProcess]:
    made = StageProcess(replace(Settings(), recognition="rules"), 2, tmp_path, known=known)
    yield made
    await made.stop()


async def ids(process: StageProcess, *texts: str) -> list[list[str | None]]:
    """The entity ids of the mentions in each text, treated as one batch."""
    places = [Position(topic="tagged", partition=0, offset=number) for number in range(len(texts))]
    results = await process.treat([tagged(text) for text in texts], places)
    articles = [codec.decode(result.value or b"", EnrichedArticle) for result in results]
    return [[mention.entity_id for mention in article.mentions] for article in articles]


async def test_no_article_is_taken_before_the_additions_are_known(
    process: StageProcess, known: asyncio.Event, tmp_path: Path
) -> None:
    Handover(tmp_path).give([BOB])  # what an earlier worker knew
    treating = asyncio.create_task(ids(process, "It was Jane Bleekov.", "It was Bob Bleekov."))
    await asyncio.sleep(0.5)
    assert not process.loaded
    Handover(tmp_path).give([JANE])
    known.set()
    jane, bob = await treating
    assert jane == [JANE.id]
    assert BOB.id not in bob, "what was known in an earlier life is not"


async def test_a_running_process_takes_changes_from_the_next_article_on(
    process: StageProcess, known: asyncio.Event, tmp_path: Path
) -> None:
    handover = Handover(tmp_path)
    handover.give([])
    known.set()
    assert JANE.id not in (await ids(process, "It was Jane Bleekov."))[0]
    handover.give([JANE])
    assert await ids(process, "It was Jane Bleekov.") == [[JANE.id]]
    handover.give([replace(JANE, merged_into="Q58217")])
    assert await ids(process, "It was Jane Bleekov.") == [["Q58217"]]
    handover.give([])
    assert JANE.id not in (await ids(process, "It was Jane Bleekov."))[0]


async def test_a_change_does_not_wait_for_the_articles_in_front_of_the_process(
    process: StageProcess, known: asyncio.Event, tmp_path: Path
) -> None:
    handover = Handover(tmp_path)
    known.set()
    long = "It was Jane Bleekov. " + "The minister said so in Wellington on Monday. " * 400
    found: list[bool] = []
    for _ in range(10):  # a machine that pauses may give it before the first of them, or behind the last
        handover.give([])
        await ids(process, "It was Jane Bleekov.")
        treating = asyncio.create_task(ids(process, *[long] * 40))
        await asyncio.sleep(0.3)
        handover.give([JANE])
        found = [JANE.id in listed for listed in await treating]
        assert found == sorted(found), "from one article on, all know it"
        if found[-1] and not found[0]:
            break
    assert found[-1]
    assert not found[0]


async def test_a_process_that_takes_the_place_of_another_knows_the_same(
    process: StageProcess, known: asyncio.Event, tmp_path: Path
) -> None:
    handover = Handover(tmp_path)
    handover.give([])
    known.set()
    await process.start()
    handover.give([JANE])
    assert await ids(process, "It was Jane Bleekov.") == [[JANE.id]]
    before = children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert await ids(process, "It was Jane Bleekov.") == [[JANE.id]]
    assert children().isdisjoint(before)


def children() -> set[int]:
    """The stage processes below the forkserver."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        text = child.cmdline()
        if any("forkserver" in part for part in text) and child.ppid() != os.getpid():
            found.add(child.pid)
    return found


def test_additions_are_taken_once_and_again_when_they_were_replaced(tmp_path: Path) -> None:
    worker, stage = Handover(tmp_path), Handover(tmp_path)
    assert stage.take() is None
    worker.give([JANE, BOB])
    assert stage.take() == (JANE, BOB)
    assert stage.take() is None
    worker.give([])
    assert stage.take() == ()
    assert Handover(tmp_path).take() == ()


def test_a_file_of_additions_is_read_line_by_line_and_its_faults_are_named(tmp_path: Path) -> None:
    path = tmp_path / "additions.jsonl"
    path.write_bytes(codec.encode(JANE) + b"\n\n" + b'{"id": "cur:x"}\n' + b"{\n" + codec.encode(BOB))
    with path.open("rb") as file:
        found = list(read(file))
    assert [number for number, _ in found] == [1, 3, 4, 5]
    assert [item for _, item in found if not isinstance(item, BadInput)] == [JANE, BOB]
    with path.open("rb") as file, pytest.raises(UsageError) as told:
        load(file, "additions.jsonl")
    assert (
        str(told.value).splitlines()[0].startswith("additions.jsonl, line 3: Object missing required field")
    )
    assert str(told.value).splitlines()[1].startswith("additions.jsonl, line 4: Expected JSON")
