"""Names in headlines, where capitals tell little."""

from __future__ import annotations

import pytest

from agents.entities.kb import Compiled
from agents.entities.link import Linker


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WASHINGTON TALKS STALL\nSHARES DROP AS LENDERS WAIT", ["WASHINGTON"]),
        ("UK AND US SIGN PACT", ["UK", "US"]),
        ("Washington kept silent. Rome lost to AS on Monday.", ["Washington", "Rome"]),
    ],
)
def test_a_word_in_capitals_is_no_acronym_of_another_language(
    linker: Linker, text: str, expected: list[str]
) -> None:
    assert [text[one.start : one.end] for one in linker.link(text, "en")] == expected
