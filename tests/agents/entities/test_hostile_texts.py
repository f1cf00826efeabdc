"""The time for a text grows as the text does, whatever is written in it: no article holds up those behind it."""

from __future__ import annotations

import time

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker

_SHORT, _LONG = 15_000, 60_000
"""Characters."""
_TIMES = 8
"""Four is as the text grows, sixteen as its square: what each of these once took more and more of."""
_TURNS = 5
"""Of which the quickest of each length counts: others on the machine slow some."""
_FAMILIES = " ".join(
    f"minister {one}{two}{three}en Quenby saw Quenby."
    for one in ("Ba", "De", "Fi", "Go", "Ku", "La", "Me", "Ni", "Po", "Ru", "Sa", "Te")
    for two in ("bo", "di", "fa", "ge", "ko", "lu", "ma", "ne", "pi", "ro", "su", "ta")
    for three in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t")
)
TEXTS = {
    "one line of capitals with surnames that are common words": "SENATOR PAUL RYAN MAY MARCH BUSH FORD ",
    "words run together without an end": "aB",
    "two persons of one family name": "Sergei Ivanov and Anna Ivanov saw Ivanov. ",
    "a family name of a thousand persons": _FAMILIES,
    "offices whose country stands elsewhere": "Foreign Ministry said. In Germany. ",
}


@pytest.mark.parametrize("unit", TEXTS.values(), ids=TEXTS.keys())
def test_the_time_grows_as_the_text(unit: str) -> None:
    linker = Linker(Compiled())
    text = unit * (_LONG // len(unit) + 1)
    _seconds(linker, text[:_SHORT])  # what is looked up once
    taken = [(_seconds(linker, text[:_SHORT]), _seconds(linker, text[:_LONG])) for _ in range(_TURNS)]
    short, long = map(min, zip(*taken, strict=True))
    assert long < _TIMES * short


def _seconds(linker: Linker, text: str) -> float:
    start = time.process_time()
    linker.link(text, "en")
    return time.process_time() - start
