"""A city and the abbreviation of its state."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from tests.agents.entities.test_unknown import link

TENNESSEE, FLORIDA, ALABAMA, CAROLINA = "Q1509", "Q812", "Q173", "Q1454"


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A storm hit Melbourne, Fla., at dawn.", [("Melbourne", "gn:4163971"), ("Fla", FLORIDA)]),
        ("Jurors in Birmingham, Ala., went home.", [("Birmingham", "gn:4049979"), ("Ala", ALABAMA)]),
        ("Schools in Durham, N.C., shut.", [("Durham", "gn:4464368"), ("N.C.", CAROLINA)]),
        ("Police in Melbourne, FL said so.", [("Melbourne", "gn:4163971"), ("FL", FLORIDA)]),
        ("The mill in Paris, Tenn., burned down.", [("Tenn", TENNESSEE)]),
        ("He sold flats in Paris, LA and Rome.", [("Paris", "Q90"), ("Rome", "Q220")]),
    ],
)
def test_a_city_lies_in_the_state_behind_it(
    linker: Linker, text: str, expected: list[tuple[str, str]]
) -> None:
    found = [(text[one.start : one.end], one.item.id) for one in linker.link(text, "en") if one.item]
    assert found == expected


def test_a_town_that_no_knowledge_base_has_is_no_capital_abroad() -> None:
    text = "The mill in Paris, Tenn., burned down."
    town, state = link(text, "en", ("Paris", "LOC"), ("Tenn", "LOC"))
    assert town.item
    assert (town.item.id[:4], town.metonym_of) == ("nil:", None)
    assert state.item
    assert state.item.id == TENNESSEE
