"""A replay copies a stretch of a stage's input once, as it was."""

from __future__ import annotations

import dataclasses
import time

import orjson
import pytest

from agents.pipeline import FUSED
from schemas.cloudevents import header
from schemas.errors import UsageError
from streams.look.replay import Replayed, input_topic, replay
from tests.streams.installation import Installation

HOUR = 3_600_000


def now() -> int:
    """Milliseconds since 1970: a slow suite may come here an hour after it was collected."""
    return int(time.time() * 1000)


async def numbers(installation: Installation, *, key: str, count: int, start: int) -> None:
    for number in range(count):
        await installation.put("raw", key, b"%d" % number, [("x", b"1")], timestamp=start + number * 1000)


async def test_copies_keep_key_value_headers_time_and_order(installation: Installation) -> None:
    start = now() - 10_000
    await numbers(installation, key="a", count=6, start=start)
    done = await replay(installation.settings, from_ms=start + 1_000, to_ms=start + 4_000)
    assert done == Replayed(topic=installation.topic("raw"), found=3, copied=3, copies_left_out=0)
    everything = await installation.read("raw")
    originals, copies = everything[:6], everything[6:]
    assert [record.value for record in copies] == [b"1", b"2", b"3"]
    for original, copy in zip(originals[1:4], copies, strict=True):
        assert (copy.key, copy.timestamp) == (original.key, original.timestamp)
        assert copy.headers == (("x", b"1"), ("bw_replay_of", str(original.position).encode()))


async def test_copies_are_never_copied(installation: Installation) -> None:
    await numbers(installation, key="a", count=3, start=now() - 10_000)
    for _ in range(3):
        done = await replay(installation.settings, from_ms=now() - 60_000, to_ms=now() + HOUR)
        assert (done.found, done.copied) == (3, 3)
    assert done.copies_left_out == 6
    assert len(await installation.read("raw")) == 12


async def test_a_dry_run_only_counts(installation: Installation) -> None:
    await numbers(installation, key="a", count=3, start=now() - 10_000)
    done = await replay(installation.settings, from_ms=now() - 60_000, to_ms=now() + HOUR, dry_run=True)
    assert (done.found, done.copied) == (3, 0)
    assert len(await installation.read("raw")) == 3


async def test_one_article_and_one_stage_can_be_chosen(installation: Installation) -> None:
    first, second = await installation.raw("a", "b")
    for place, key in ((first, "a"), (second, "b")):
        await installation.published(place, key, stage="clean")
    done = await replay(
        installation.settings, from_ms=now() - 60_000, to_ms=now() + HOUR, stage="language", article="b"
    )
    assert (done.topic, done.copied) == (installation.topic("clean"), 1)
    copies = [record for record in await installation.read("clean") if header(record.headers, "bw_replay_of")]
    assert [record.key for record in copies] == [b"b"]
    assert header(copies[0].headers, "bw_input") is None, "a copy is a new input, not another answer"
    assert header(copies[0].headers, "ce_type") == "babelwire.article.clean.v1"


def test_a_stage_inside_a_fused_hop_has_no_topic_to_replay() -> None:
    from streams.settings import Settings

    settings = dataclasses.replace(Settings(), topology=FUSED)
    assert input_topic(settings, None) == "babelwire.articles.raw.v1"
    with pytest.raises(UsageError, match="Expected the first stage of a hop \\(clean\\), got 'language'"):
        input_topic(settings, "language")


async def test_the_command_copies_more_than_a_chunk_and_reports(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    await installation.raw(*(f"a{number}" for number in range(450)))
    assert await installation.cli("replay", "--from", "1h", "--json") == 0
    found = orjson.loads(capfd.readouterr().out)
    assert (found["copied"], found["copies_left_out"], found["dry_run"]) == (450, 0, False)
    assert len(await installation.read("raw")) == 900
    assert await installation.cli("replay", "--from", "1h", "--to", "2h") == 2
    assert "Expected --from before --to" in capfd.readouterr().err
