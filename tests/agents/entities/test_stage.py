from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas.article import EnrichedArticle, Run
from schemas.offsets import to_raw
from tests.agents.entities.articles import tagged

LAVROV = "Q58217"


@pytest.fixture(scope="module")
def process() -> Process:
    return STAGE.load(Resources())


def enrich(process: Process, text: str, tag: str) -> EnrichedArticle:
    outcome = process(tagged(text, tag))
    assert isinstance(outcome, Emit)
    article = outcome.article
    assert isinstance(article, EnrichedArticle)
    return article


@pytest.mark.parametrize(
    ("tag", "text", "surface"),
    [
        ("de", "Am Montag reiste Sergej Lawrow nach Wien.", "Sergej Lawrow"),
        ("ro", "Potrivit agenției, Serghei Lavrov a plecat luni.", "Serghei Lavrov"),
        ("pt", "O encontro com Serguei Lavrov durou uma hora.", "Serguei Lavrov"),
        ("it", "Il colloquio con Sergej Lavrov è durato un'ora.", "Sergej Lavrov"),
        ("fil", "Nakipagkita si Sergei Lavrov noong Lunes.", "Sergei Lavrov"),
        ("ru", "Во вторник Сергей Лавров прилетел в Ереван.", "Сергей Лавров"),
        ("ru", "Встреча с Сергеем Лавровым прошла во вторник.", "Сергеем Лавровым"),
        ("fr", "Sergueï Lavrov est attendu mardi.", "Sergueï Lavrov"),
    ],
)
def test_one_minister_has_one_id_in_every_spelling(
    process: Process, tag: str, text: str, surface: str
) -> None:
    article = enrich(process, text, tag)
    found = [m for m in article.mentions if m.entity_id == LAVROV]
    assert [m.text for m in found] == [surface]
    assert found[0].type == "PER"
    assert next(e for e in article.entities if e.id == LAVROV).name == "Sergey Lavrov"


def test_a_surname_after_the_full_name_is_the_same_person(process: Process) -> None:
    article = enrich(process, "Boris Pistorius sprach. Danach verließ Pistorius den Saal.", "de")
    [person] = article.entities
    assert [(m.entity_id, m.method) for m in article.mentions] == [
        (person.id, "exact"),
        (person.id, "coreference"),
    ]


def test_an_unknown_person_gets_a_provisional_id_shared_by_latin_and_cyrillic(process: Process) -> None:
    latin = enrich(process, "A spokesman, Andrei Kolbasov, left.", "en").entities[0]
    cyrillic = enrich(process, "Представитель Андрей Колбасов ушел.", "ru").entities[0]
    assert latin.id == cyrillic.id
    assert latin.id.startswith("nil:")
    assert latin.provisional


def test_raw_positions_follow_the_alignment(process: Process) -> None:
    text = "Besuch in Russland."
    outcome = process(tagged(text, "de", (Run(clean=0, raw=100, length=len(text)),)))
    assert isinstance(outcome, Emit)
    [mention] = outcome.article.mentions
    assert (mention.start, mention.end, mention.raw_start, mention.raw_end) == (10, 18, 110, 118)


def test_the_event_names_the_knowledge_base(process: Process) -> None:
    article = enrich(process, "x", "en")
    assert article.provenance.kb
    assert len(article.provenance.kb) == 16


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    "Lavrov",
                    "Sergei",
                    "Kim",
                    "Jong",
                    "Un",
                    "Северной",
                    "Кореи",
                    "北京",
                    "朝鲜",
                    "김정은이",
                    "روسيا",
                    "-",
                    "’s ",
                    "\n",
                    "(",
                    "Parisians",
                    ". ",
                ]
            ),
            max_size=40,
        ).map(" ".join),
    ),
    tag=st.sampled_from(["de", "ru", "zh", "ko", "ar", "th", "und", "zxx", "sr-Latn", "tr", ""]),
)
def test_any_string_is_taken_and_every_mention_is_in_its_place(process: Process, text: str, tag: str) -> None:
    article = enrich(process, text, tag)
    last = 0
    for mention in article.mentions:
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert (mention.raw_start, mention.raw_end) == to_raw(article.alignment, mention.start, mention.end)
        last = mention.end
    assert {m.entity_id for m in article.mentions if m.entity_id} == {e.id for e in article.entities}
    assert process(tagged(text, tag)) == process(tagged(text, tag))
