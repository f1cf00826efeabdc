"""The time for a text grows as the text does, whatever is written in it: no article holds up those behind it."""

from __future__ import annotations

import time

import pytest

from agents.entities.kb import Compiled
from agents.entities.link import Linker

_SHORT, _LONG = 15_000, 60_000
"""Characters."""
_TIMES = 8
"""Four is as the text grows, sixteen as its square: what each of these once took more and more of."""
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
    assert _seconds(linker, text[:_LONG]) < _TIMES * _seconds(linker, text[:_SHORT])


def _seconds(linker: Linker, text: str) -> float:
    """Returns the CPU seconds of the quicker of two."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        linker.link(text, "en")
        taken.append(time.process_time() - start)
    return min(taken)
