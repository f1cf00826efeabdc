"""What a line's form says by itself, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.clean.forms import by_form, is_self_portrait
from agents.clean.phrasebook import all_phrases, fold_words
from agents.clean.stage import STAGE
from agents.stage import Emit, Resources
from schemas.article import CleanArticle, RawArticle

PROCESS = STAGE.load(Resources())
STORY = (
    "The port of Lume will have a second ferry in spring, its authority said on Tuesday.",
    "The vessel carries four hundred passengers and replaces a boat that was built in 1978.",
    "Fishermen fear for their berths and want talks before the first sailing.",
)


def form(text: str) -> str | None:
    return by_form(text, fold_words(text), all_phrases())


def cleaned(*lines: str) -> CleanArticle:
    outcome = PROCESS(
        RawArticle(id="a", content="\n".join(lines), received_at=datetime(2026, 11, 22, tzinfo=UTC))
    )
    assert isinstance(outcome, Emit)
    return outcome.article


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Photo: Lume Harbour Archive", "photo_credit"),
        ("Fotoğraf: Lume Liman Arşivi", "photo_credit"),
        ("写真：ルメ港資料室", "photo_credit"),
        ("The old quay in spring (Photo: Ana Rusk/EPA)", "photo_credit"),
        ("© Tomas Reel / AFP", "photo_credit"),
        ("© 2024 Lume Herald. Every right is ours.", "copyright"),
        ("Read also: Ferry tickets to cost more from June", "related_teaser"),
        ("อ่านเพิ่มเติม: ค่าเรือข้ามฟากขึ้นราคาตั้งแต่เดือนมิถุนายน", "related_teaser"),
        ("Lume » Kalmo » Varn", "navigation"),
        ("Share Tweet Email", "share_buttons"),
        ("Compartir Tuitear Imprimir", "share_buttons"),
        ("Nothing is promised by SeaPRwire (https://www.seaprwire.com/) here.", "syndication_notice"),
    ],
)
def test_a_form_speaks_for_a_line(text: str, reason: str) -> None:
    assert form(text) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Photo: the one that Mara Lind took of the flooded market won the prize of the year in Varn on Friday.",
        "Video: Ferry runs aground off Lume",
        "Minister: we will build the second quay",
        "“We met at the »Blue Tent« in Kalmo” » she said",
        "Temperatures fell from 20 > 12 > 8 degrees",
        "The herald (founded 1904) was sold (with its press) on Friday.",
        "SeaPRwire was sold to a bank in Varn (https://lume.example/sale) on Friday.",
        "In 2024 © became the sign of a party in Arden that wants to end copyright.",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert form(text) is None


def test_fragments_are_a_portrait_and_sentences_are_not() -> None:
    assert is_self_portrait("“Coffee lover. Gamer. Writer at heart. Future idol.”")
    assert is_self_portrait("Gamer. Writer. Coffee lover. Student. Introvert.")
    assert not is_self_portrait("“We came. We saw the quay. Then we left for Kalmo on the ferry.”")
    assert not is_self_portrait("The vote was lost. The minister left. Nobody spoke. The hall stayed dark.")


def test_a_credit_glued_to_a_sentence_goes_before_the_space_is_put_in() -> None:
    line = "La marina de Lume probó el lunes la nueva nave, y la prueba fue la mejor de la historia de la ciudad."
    article = cleaned(f"Foto: Agencia estatal{line}", *STORY[1:])
    assert article.text.split("\n")[0] == line
    assert [(item.reason, item.text) for item in article.removed] == [
        ("photo_credit", "Foto: Agencia estatal")
    ]


def test_who_wrote_it_goes_and_whom_it_is_about_stays() -> None:
    bio = "Ana Rusk is a reporter for the Lume Herald who covers shipping."
    assert cleaned(*STORY, bio).removed[0].reason == "author_bio"
    about = "Police in Varn arrested Ana Rusk on Monday after she had photographed the new quay from a boat."
    assert cleaned(about, *STORY, bio).text.split("\n")[-1] == bio


def test_a_name_with_its_address_goes_at_the_end() -> None:
    article = cleaned(*STORY, "Ana Rusk rusk@lume.example")
    assert [(item.reason, item.text) for item in article.removed] == [
        ("author_bio", "Ana Rusk rusk@lume.example")
    ]


def test_the_categories_between_a_services_notice_and_what_it_says_of_itself_go() -> None:
    article = cleaned(
        *STORY,
        "Nothing is promised by SeaPRwire (https://www.seaprwire.com/) here.",
        "Blue Tents, Green Tents",
        "SeaPRwire brings the news of tents to four hundred quays in ninety towns.",
    )
    assert [item.reason for item in article.removed] == [
        "syndication_notice",
        "syndication_notice",
        "company_boilerplate",
    ]
    assert article.text.split("\n") == list(STORY)
