"""What a hyphen joins is one name, or no name."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from tests.agents.entities.test_unknown import link, shown


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


@pytest.mark.parametrize(
    ("text", "surface", "identifier"),
    [
        ("A court heard Yoon Suk-yeol for six hours.", "Yoon Suk-yeol", "Q16090635"),
        ("The envoys waited for Lee Jae-myung in vain.", "Lee Jae-myung", "Q12612463"),
        ("Her host was Ban Ki-moon.", "Ban Ki-moon", "Q1253"),
    ],
)
def test_a_given_name_with_a_hyphen_is_whole(
    linker: Linker, text: str, surface: str, identifier: str
) -> None:
    (one,) = linker.link(text, "en")
    assert (text[one.start : one.end], one.item and one.item.id) == (surface, identifier)


def test_an_unknown_given_name_with_a_hyphen_is_whole() -> None:
    text = "Oh Dae-hyun opened the fair."
    assert shown(text, link(text, "en", ("Oh Dae-hyun", "PER"))) == [("Oh Dae-hyun", "PER", "model")]


@pytest.mark.parametrize(
    ("name", "kept"),
    [("Marla Quenby-led", "Marla Quenby"), ("Oh Dae-led", "Oh Dae"), ("Jean Varro-era", "Jean Varro")],
)
def test_what_someone_leads_is_no_part_of_the_name(name: str, kept: str) -> None:
    text = f"The {name} group met."
    assert [text[one.start : one.end] for one in link(text, "en", (name, "PER"))] == [kept]


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("en", "A landslide closed the road to Brens-Montana overnight.", []),
        ("it", "Due sciatori dispersi a Brens-Montana.", []),
        ("en", "The line Paris-Berlin was cut.", ["Q90", "Q64"]),
        ("en", "Senator Varro (R-Montana) left.", ["Q1212"]),
        ("de", "In Zentral-Sulawesi bebte die Erde.", ["cur:sulawesi"]),
        ("en", "Non-London firms complained.", ["Q84"]),
        ("en", "The miner Anglo American cut jobs.", ["cur:anglo-american"]),
        ("en", "An Anglo-American treaty was signed.", ["Q30"]),
    ],
)
def test_a_compound_is_not_what_its_last_part_means(
    linker: Linker, tag: str, text: str, expected: list[str]
) -> None:
    assert [one.item.id for one in linker.link(text, tag) if one.item] == expected
