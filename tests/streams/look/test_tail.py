"""tail shows what was asked for, as it comes."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import subprocess
import time

import orjson
import pytest

from schemas.errors import UsageError
from streams.look.tail import Filter, Seen, watch
from tests.command import BABELWIRE
from tests.streams.articles import enriched
from tests.streams.installation import Installation


async def put(installation: Installation, name: str, lang: str = "de", **changed: object) -> None:
    headers = installation.event_headers("entities", name, name, lang)
    await installation.put("entities", name, enriched(name, **changed), headers)


async def seen(installation: Installation, **chosen: str) -> list[str]:
    events = watch(installation.settings, Filter(**chosen), follow=False, from_beginning=True)  # type: ignore[arg-type]
    return sorted([item.record.key_text async for item in events])


async def test_filters_by_language_entity_and_source(installation: Installation) -> None:
    await put(installation, "german")
    await put(installation, "chinese", lang="zh-Hant", source="news.other.example", entities=())
    assert await seen(installation) == ["chinese", "german"]
    assert await seen(installation, lang="zh") == ["chinese"]
    assert await seen(installation, lang="z") == []
    assert await seen(installation, entity="nil:erika") == ["german"]
    assert await seen(installation, entity="erika probst") == ["german"]
    assert await seen(installation, source="other.example") == ["chinese"]
    assert await seen(installation, source="example") == ["chinese", "german"]
    assert await seen(installation, lang="de", source="other.example") == []


async def test_new_events_are_shown_and_old_ones_are_not(installation: Installation) -> None:
    for number in range(30):
        await put(installation, f"old{number}")
    events = watch(installation.settings, Filter())

    async def first() -> Seen:
        async for item in events:
            return item
        raise AssertionError("the stream ended")

    waiting = asyncio.create_task(first())
    await asyncio.sleep(2)
    assert not waiting.done()
    for number in range(100):  # on a slow machine it may not have begun: what came before is old
        await put(installation, f"new{number}")
        if (await asyncio.wait([waiting], timeout=0.5))[0]:
            break
    assert str((await asyncio.wait_for(waiting, 20)).record.key_text).startswith("new")
    await events.aclose()  # type: ignore[attr-defined]


async def test_ends_without_result_can_be_watched(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    (raw,) = await installation.raw("a")
    await installation.dropped(raw, "a", reason="no_text")
    await installation.rejected(raw, "b", b"\xff", reason="bad_encoding", detail="Expected UTF-8\u202e.")
    assert await installation.cli("tail", "--stage", "dropped", "--no-follow") == 0
    assert "clean     no_text" in capfd.readouterr().out
    assert await installation.cli("tail", "--stage", "dead-letters", "--no-follow") == 0
    out = capfd.readouterr().out
    assert "bad_encoding" in out
    assert "\\u202e" in out
    assert await installation.cli("tail", "--stage", "dead-letters", "--no-follow", "--json") == 0
    assert orjson.loads(capfd.readouterr().out)["value"] == "\\xff"


async def test_the_line_and_the_json(installation: Installation, capfd: pytest.CaptureFixture[str]) -> None:
    await put(installation, "a")
    await put(installation, "b")
    assert await installation.cli("tail", "--from-beginning", "--limit", "1") == 0
    line = capfd.readouterr().out
    assert line.count("\n") == 1
    assert "de       zeitung.example          Neue Brücke für Talheim  [Erika Probst]" in line
    assert await installation.cli("tail", "--from-beginning", "--limit", "2", "--json") == 0
    lines = [orjson.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert sorted(line["id"] for line in lines) == ["a", "b"]


def test_a_filter_on_what_a_stage_does_not_know_is_refused() -> None:
    with pytest.raises(UsageError, match="knows the language"):
        Filter(stage="clean", lang="de")
    with pytest.raises(UsageError, match="--stage entities"):
        Filter(stage="language", entity="Q1")
    with pytest.raises(UsageError, match="Expected one of clean, language, entities, dropped, dead-letters"):
        Filter(stage="cleen")


async def test_ctrl_c_ends_it_without_a_traceback(installation: Installation) -> None:
    await put(installation, "a")
    process = await asyncio.to_thread(
        subprocess.Popen,
        [BABELWIRE, "tail", "--from-beginning"],
        env={**os.environ, **installation.settings.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A suite that runs in the background of a shell has Ctrl-C ignored, and children inherit that.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert "Neue Brücke" in (await asyncio.to_thread(process.stdout.readline)).decode()
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert (process.returncode, err.decode().strip()) == (130, "Interrupted.")
    assert time.monotonic() - started < 10


async def test_a_reader_that_has_seen_enough_ends_it_with_the_next_event(installation: Installation) -> None:
    await put(installation, "first")
    command = f"{BABELWIRE} tail --from-beginning | head -n 1"
    piped = asyncio.create_task(
        asyncio.to_thread(
            subprocess.run,
            ["timeout", "60", "bash", "-o", "pipefail", "-c", command],
            env={**os.environ, **installation.settings.environment()},
            capture_output=True,
            check=False,
        )
    )
    number = 0
    while not piped.done():
        await put(installation, f"more{number}")
        await asyncio.sleep(0.2)
        number += 1
    done = await piped
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)
