"""learn counts every cleaned article once, whatever stops between two runs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import orjson
import pytest

from agents.clean.repeated import decided, read_counts
from schemas.errors import SettingsError
from streams.knowledge.learn import learn
from tests.streams.articles import enriched
from tests.streams.installation import Installation

NOTICE = "Talheimer Bote, Zeitung für das obere Tal"


async def put(installation: Installation, first: int, last: int, topic: str = "clean") -> None:
    for number in range(first, last):
        village = "ABCDEFGH"[number] * 3
        text = (
            f"In {village} wurde am Montag der neue Brunnen eingeweiht, den die Schule von {village} gebaut hat.\n"
            f"Der Rat von {village} dankte allen, die bei Wind und Regen nach {village} gekommen waren.\n{NOTICE}"
        )
        await installation.put(topic, f"a{number}", enriched(f"a{number}", text=text))


async def test_it_learns_goes_on_where_it_stopped_and_counts_nothing_twice(
    installation: Installation, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kept" / "lines.json"
    await put(installation, 0, 4)
    await installation.put("clean", "noise", b"{not ours")
    first = await learn(installation.settings, path)
    assert (first.topic, first.read, first.lines) == (installation.topic("clean"), 4, 0)
    again = await learn(installation.settings, path)
    assert (again.read, again.lines) == (0, 0)
    await put(installation, 4, 6)
    third = await learn(installation.settings, path)
    assert (third.read, third.sources, third.lines) == (2, 1, 1)
    assert read_counts(path).sources["zeitung.example"].articles == 6
    assert [item.name for item in path.parent.iterdir()] == ["lines.json"]

    capfd.readouterr()
    assert await installation.cli("learn", str(path), "--json") == 0
    assert orjson.loads(capfd.readouterr().out) == {
        "topic": installation.topic("clean"), "read": 0, "sources": 1, "lines": 1, "file": str(path)
    }  # fmt: skip
    assert await installation.cli("learn", str(path)) == 0
    assert "0 articles read. 1 lines repeat in 1 sources" in capfd.readouterr().out


async def test_it_reads_the_first_topic_that_holds_clean_text(
    installation: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "lines.json"
    await put(installation, 0, 6, topic="entities")
    fused = dataclasses.replace(installation.settings, topology="clean + language + entities")
    assert (await learn(fused, path)).read == 6
    assert set(decided(read_counts(path))) == {"zeitung.example"}


async def test_offsets_of_a_topic_that_was_made_anew_are_not_believed(
    installation: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "lines.json"
    await put(installation, 0, 6)
    await learn(installation.settings, path)
    saved = orjson.loads(path.read_bytes())
    positions = saved["counts"]["positions"]
    saved["counts"]["positions"] = dict.fromkeys(positions, 1000)
    path.write_bytes(orjson.dumps(saved))
    assert (await learn(installation.settings, path)).read == 6


async def test_another_file_is_neither_read_nor_overwritten(
    installation: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "notes.json"
    path.write_text('{"mine": 1}', encoding="utf-8")
    with pytest.raises(SettingsError, match="Expected a file made by `babelwire learn`"):
        await learn(installation.settings, path)
    assert path.read_text(encoding="utf-8") == '{"mine": 1}'
