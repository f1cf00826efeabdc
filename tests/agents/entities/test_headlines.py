"""Names in headlines, where capitals tell little."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from tests.agents.entities.test_unknown import link


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pope will visit Britain in May.", ["Q145"]),
        ("Britain votes on 7 May, then on May 21.", ["Q145"]),
        ("BRITAIN VOTES IN MAY", ["Q145"]),
        ("President May left Britain.", ["Q264766", "Q145"]),
    ],
)
def test_a_month_is_no_surname(linker: Linker, text: str, expected: list[str]) -> None:
    assert [one.item.id for one in linker.link(text, "en") if one.item] == expected


def test_in_capitals_a_verb_is_no_given_name() -> None:
    text = "PRICES KEEP RISING, WARNS POWELL"
    assert [text[one.start : one.end] for one in link(text, "en", ("WARNS POWELL", "PER"))] == ["POWELL"]
    full = "PRICES KEEP RISING, WARNS JEROME POWELL"
    (one,) = link(full, "en", ("JEROME POWELL", "PER"))
    assert (full[one.start : one.end], one.item and one.item.id) == ("JEROME POWELL", "cur:jerome-powell")


def test_a_possessive_in_capitals_begins_no_name(linker: Linker) -> None:
    text = "EU'S GRAND PLAN AND SPAIN'S ANSWER"
    assert [text[one.start : one.end] for one in linker.link(text, "en")] == ["EU", "SPAIN"]


def test_whose_an_organisation_is_tells_of_which_country(linker: Linker) -> None:
    named = linker.link("Fed's Powell warns of a slump", "en")
    alone = linker.link("Nobody saw Powell that day", "en")
    assert [one.item.id for one in named if one.item] == ["gov:US:central_bank", "cur:jerome-powell"]
    assert alone == []


def test_what_the_language_calls_so_goes_before_what_others_do(linker: Linker) -> None:
    text = "A ministra voltou de Brasília na quinta-feira."
    assert [one.item.id for one in linker.link(text, "pt") if one.item] == ["Q2844"]
