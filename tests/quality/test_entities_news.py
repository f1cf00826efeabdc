"""Floors under what ``python -m tests.quality.entities_news`` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.recognition.recogniser import Recogniser
from tests.quality.entities_news import SETS, judge, marked

RIGHT = {"entities_news_third": 0.85}
"""Share of the marks of a set that must be right, where it is not :data:`USUAL`: whole articles, with small towns."""
USUAL = 0.92
"""The same of the others; .94 to .98 when it was set."""
WRONG = 0.05
"""Share that may be linked to what they do not mean."""


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
@pytest.mark.parametrize("model", [False, True], ids=["rules", "model"])
def test_names_of_the_news_are_linked_and_few_wrongly(path: Path, model: bool) -> None:
    counts, told = judge(Linker(Compiled(), Recogniser() if model else None), path)
    assert counts["right"] / counts.total() >= RIGHT.get(path.stem, USUAL), "\n".join(told)
    assert counts["wrong"] / counts.total() <= WRONG, "\n".join(told)


def test_the_sets_are_in_many_languages_and_as_large_as_the_documentation_says() -> None:
    first, second, third, fourth, fifth = (list(marked(path)) for path in SETS)
    assert len(first) >= 200
    assert len(second) >= 60
    assert len({one.language for one in third}) == len(third) >= 40
    assert len({one.language for one in first}) >= 50
    assert len({one.language for one in fourth}) == len(fourth) >= 20
    assert len({one.language for one in fifth}) == len(fifth) >= 28
