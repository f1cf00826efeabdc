"""Every country keeps the names by which the news call it."""

from __future__ import annotations

import pytest

from tests.agents.entities.compiling import sources_are_missing

if sources_are_missing():
    pytest.skip("the knowledge base's sources are not installed (make kb-setup)", allow_module_level=True)

from agents.entities.knowledge.records import Record
from agents.entities.knowledge.sources.territories import territories
from agents.entities.spelling.fold import key


@pytest.fixture(scope="module")
def listed() -> list[Record]:
    return list(territories())


def test_a_name_in_brackets_takes_no_country_its_own(listed: list[Record]) -> None:
    called = {
        one.country: {lang: set(map(key, names)) for lang, names in one.names.items()} for one in listed
    }
    assert "france" in called["FR"]["en"]
    assert "france" in called["FR"]["fr"]
    assert "china" in called["CN"]["es"]
    assert [
        code for code, names in called.items() if code != "FR" and any("france" in n for n in names.values())
    ] == []


def test_every_country_is_called_by_its_english_name(listed: list[Record]) -> None:
    other = {"CD": "congo kinshasa", "PS": "palestinian territories"}
    lost = []
    for one in listed:
        written = other.get(one.country or "", key(one.name))
        if not any(written in map(key, names) for names in one.names.values()):
            lost.append(one.name)
    assert lost == []
