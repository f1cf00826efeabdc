from __future__ import annotations

import pytest

from agents.entities.linking.link import Linker
from agents.entities.process import linker_of
from agents.stage import Resources

CLUB, TOWN = "Q7156", "Q1492"


@pytest.fixture(scope="module")
def linker() -> Linker:
    return linker_of(Resources(recognition="rules"))[0]


def meant(linker: Linker, text: str, tag: str, surface: str) -> list[str | None]:
    return [
        one.item.id if one.item else None
        for one in linker.link(text, tag)
        if text[one.start : one.end] == surface
    ]


@pytest.mark.parametrize(
    ("tag", "text", "surface"),
    [
        ("en", "Barcelona beat Real Madrid 3-1 in La Liga on Sunday.", "Barcelona"),
        ("it", "Il Barcellona ha battuto il Real Madrid 2-1.", "Barcellona"),
        ("fr", "Barcelone a battu le Real Madrid 2\u20131 en Liga.", "Barcelone"),
        ("ro", "Barcelona a învins Real Madrid cu 3 : 1.", "Barcelona"),
        ("ru", "Барселона обыграла «Реал Мадрид» 3:1.", "Барселона"),
    ],
)
def test_a_town_beside_a_club_and_a_result_is_its_club(
    linker: Linker, tag: str, text: str, surface: str
) -> None:
    assert meant(linker, text, tag, surface) == [CLUB]


@pytest.mark.parametrize(
    "text",
    [
        "Real Madrid won 3-1 in Barcelona.",  # a word for a place
        "Barcelona beat Real Madrid.",  # no result
        "Barcelona is hot. Real Madrid won 3-1.",  # another sentence
        "Barcelona expects 3-5 days of rain.",  # no club
        "Barcelona asked Real Madrid to come at 18:30 on 2026-11-21.",  # an hour and a day
    ],
)
def test_a_town_stays_a_town_elsewhere(linker: Linker, text: str) -> None:
    assert meant(linker, text, "en", "Barcelona") == [TOWN]


def test_a_club_of_another_name_leaves_its_town(linker: Linker) -> None:
    text = "Madrid saw Real Madrid beat FC Barcelona 3-1."
    assert CLUB not in meant(linker, text, "en", "Madrid")
