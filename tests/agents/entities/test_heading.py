"""The title is linked with the text: what it alone names is found, and it tells who is meant below."""

from __future__ import annotations

import pytest

from agents.entities.linking.heading import headed
from agents.entities.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas.article import EnrichedArticle
from tests.agents.entities.articles import tagged

LAVROV = "Q58217"
VIENNA = "Q1741"


@pytest.fixture(scope="module")
def process() -> Process:
    return STAGE.load(Resources())


def enrich(process: Process, title: str | None, text: str, tag: str) -> EnrichedArticle:
    outcome = process(tagged(text, tag, title=title))
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, EnrichedArticle)
    return outcome.article


def test_who_is_named_in_the_title_alone_is_found(process: Process) -> None:
    title = "Sergej Lawrow reist nach Wien"
    article = enrich(process, title, "Der Minister landete am Montag um neun Uhr.", "de")
    assert article.mentions == ()
    assert [(one.entity_id, title[one.start : one.end]) for one in article.title_mentions] == [
        (LAVROV, "Sergej Lawrow"),
        (VIENNA, "Wien"),
    ]
    assert [one.text for one in article.title_mentions] == ["Sergej Lawrow", "Wien"]
    assert [(one.id, one.in_title, one.mentions, one.first) for one in article.entities] == [
        (LAVROV, True, 1, 0),
        (VIENNA, True, 1, 0),
    ]


def test_positions_in_the_text_are_those_of_the_text(process: Process) -> None:
    text = "Am Montag reiste Sergej Lawrow nach Wien."
    article = enrich(process, "Lawrow reist nach Wien", text, "de")
    assert [(one.entity_id, text[one.start : one.end], one.raw_start) for one in article.mentions] == [
        (LAVROV, "Sergej Lawrow", 17),
        (VIENNA, "Wien", 36),
    ]
    assert [(one.entity_id, one.method) for one in article.title_mentions] == [
        (LAVROV, "surname"),
        (VIENNA, "exact"),
    ]
    [lavrov, vienna] = article.entities
    assert (lavrov.id, lavrov.mentions, lavrov.first, lavrov.in_title) == (LAVROV, 2, 17, True)
    assert lavrov.salience > vienna.salience


def test_a_surname_below_is_whom_the_title_names_in_full(process: Process) -> None:
    article = enrich(process, "Boris Pistorius in Vilnius", "Danach verließ Pistorius den Saal.", "de")
    full, _ = article.title_mentions
    [short] = article.mentions
    assert (short.entity_id, short.method) == (full.entity_id, "coreference")


@pytest.mark.parametrize(
    "title", ["Lawrow reist nach Wien", "LAWROW  REIST NACH WIEN", " Lawrow reist nach\u00a0Wien "]
)
def test_a_title_that_opens_the_text_does_not_count_twice(process: Process, title: str) -> None:
    text = "Lawrow reist nach Wien\nSergej Lawrow landete am Montag."
    article = enrich(process, title, text, "de")
    assert article.title_mentions == ()
    assert article.entities == enrich(process, None, text, "de").entities
    assert [(one.id, one.mentions, one.in_title) for one in article.entities] == [
        (LAVROV, 2, False),
        (VIENNA, 1, False),
    ]


@pytest.mark.parametrize("title", [None, "", "  \n "])
def test_without_a_title_the_text_is_read_as_it_is(title: str | None) -> None:
    read = headed(title, "Wien")
    assert (read.whole, read.body, read.in_title(0), read.place(2)) == ("Wien", 0, False, 2)


def test_no_name_reaches_from_the_title_into_the_text(process: Process) -> None:
    article = enrich(process, "Ein Abend mit Boris", "Pistorius sprach am Montag in Wien.", "de")
    assert [one.text for one in article.mentions] == ["Pistorius", "Wien"]
    assert "Boris Pistorius" not in [one.text for one in article.title_mentions]
