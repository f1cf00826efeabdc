from __future__ import annotations

import pytest

from agents.entities.knowledge.records import Item
from agents.entities.linking.found import Found
from agents.entities.linking.gloss import abbreviated, glossed
from agents.entities.process import load
from agents.entities.spelling.names import provisional_id
from agents.stage import Emit, Resources
from schemas.article import EnrichedArticle
from tests.agents.entities.articles import tagged


def named(text: str, *names: tuple[str, str, str]) -> list[Found]:
    """Returns one mention for each name in turn: surface, type, id."""
    result, at = [], 0
    for surface, kind, identifier in names:
        at = text.index(surface, at)
        item = Item(identifier, kind, surface, "person", 0.0)  # type: ignore[arg-type]
        result.append(Found(at, at + len(surface), kind, item, "model", 0.9))  # type: ignore[arg-type]
        at += len(surface)
    return result


def ids(found: list[Found]) -> list[str]:
    return [one.item.id for one in found if one.item]


def test_an_unknown_name_gets_the_id_of_its_spelling_in_brackets() -> None:
    text = "다나 퀸비(Dana Quenby) 장관은 어제 돌아왔다. 다나 퀸비"
    found = named(
        text, ("다나 퀸비", "PER", "nil:1"), ("Dana Quenby", "PER", "nil:2"), ("다나 퀸비", "PER", "nil:1")
    )
    joined = glossed(found, text)
    assert ids(joined) == ["nil:2", "nil:2", "nil:2"]
    assert [one.gloss for one in joined] == [False, True, False]


def test_a_known_name_keeps_its_id_and_gives_it_to_its_gloss() -> None:
    text = "谢尔盖·拉夫罗夫（Sergej Lawroff）昨天返回。"
    found = named(text, ("谢尔盖·拉夫罗夫", "PER", "Q58217"), ("Sergej Lawroff", "PER", "nil:2"))
    assert ids(glossed(found, text)) == ["Q58217", "Q58217"]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("푸저우(China)", ("푸저우", "LOC", "nil:1"), ("China", "LOC", "Q148")),
        ("다나 퀸비(Athens)", ("다나 퀸비", "PER", "nil:1"), ("Athens", "LOC", "nil:2")),
        ("다나 퀸비, Dana Quenby", ("다나 퀸비", "PER", "nil:1"), ("Dana Quenby", "PER", "nil:2")),
        ("Quenby (Dana)", ("Quenby", "PER", "nil:1"), ("Dana", "PER", "nil:2")),
    ],
    ids=["the country of a place", "another type", "no brackets", "both in Latin letters"],
)
def test_what_is_no_gloss_stays_apart(
    text: str, first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    found = named(text, first, second)
    assert glossed(found, text) == found


def test_a_name_and_its_gloss_count_once() -> None:
    text = "세르게이 라브로프(Sergey Lavrov) 장관은 어제 돌아왔다. 라브로프는 답하지 않았다."
    outcome = load(Resources(recognition="rules"))(tagged(text, "ko"))
    assert isinstance(outcome, Emit)
    article = outcome.article
    assert isinstance(article, EnrichedArticle)
    assert [m.text for m in article.mentions if m.entity_id == "Q58217"] == [
        "세르게이 라브로프",
        "Sergey Lavrov",
        "라브로프",
    ]
    assert {one.id: one.mentions for one in article.entities}["Q58217"] == 2


def test_the_id_of_the_gloss_is_that_of_an_article_in_latin_letters() -> None:
    assert provisional_id(["Dana", "Quenby"]) == provisional_id(["Quenby", "Dana"])


COUNCIL, COURT = ("International Cricket Council", "ORG", "Q1"), ("ICC", "ORG", "Q2")


def test_initials_in_brackets_mean_the_name_before_them_wherever_the_article_has_them() -> None:
    text = "The International Cricket Council (ICC) met. The ICC agreed."
    assert ids(abbreviated(named(text, COUNCIL, COURT, COURT), text)) == ["Q1", "Q1", "Q1"]


@pytest.mark.parametrize(
    "text",
    [
        "The International Cricket Council, unlike the ICC, met.",  # no brackets
        "The International Cricket Council (ICC judges among them) met.",  # more in the brackets
    ],
)
def test_initials_elsewhere_keep_what_they_mean(text: str) -> None:
    assert ids(abbreviated(named(text, COUNCIL, COURT), text)) == ["Q1", "Q2"]


def test_letters_that_are_not_the_initials_of_the_name_keep_what_they_mean() -> None:
    text = "The Central Bank (ICC) met."
    assert ids(abbreviated(named(text, ("Central Bank", "ORG", "Q1"), COURT), text)) == ["Q1", "Q2"]
