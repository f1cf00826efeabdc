"""What only the whole text tells of a line."""

from __future__ import annotations

import pytest

from tests.agents.clean.stories import STORY, cleaned


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


def test_the_name_under_the_label_of_a_credit_goes_with_it() -> None:
    article = cleaned(STORY[0], "Photo:", "private archive of Mara Lind", *STORY[1:])
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["photo_credit"] * 2
    kept = cleaned(STORY[0], "Photo:", *STORY[1:])
    assert kept.text.split("\n") == list(STORY), "a sentence under it is the story's own"


def test_a_credit_goes_from_the_end_of_a_line_and_a_caption_with_it() -> None:
    sentence = "The old quay of Lume was swept clean by eleven neighbours on Saturday morning."
    article = cleaned(*STORY, sentence + " Photo: Ana Rusk", *STORY)
    assert article.text.split("\n") == [*STORY, sentence, *STORY]
    assert [item.text.strip() for item in article.removed] == ["Photo: Ana Rusk"]
    for caption in ("Neighbours at the old quay © Ana Rusk", "The quay in May. Photo: Ana Rusk"):
        article = cleaned(*STORY, caption)
        assert article.text.split("\n") == list(STORY)
        assert {item.reason for item in article.removed} == {"photo_credit"}


def test_what_follows_a_notice_in_its_line_goes_with_it() -> None:
    article = cleaned(*STORY, "All rights reserved. Whoever copies the Herald asks the Herald first.")
    assert article.text.split("\n") == list(STORY)
    assert {item.reason for item in article.removed} == {"copyright"}


@pytest.mark.parametrize("signed", ["(Reuters)", "(ANSA).", "(AFP)", "[dpa]"])
def test_an_agency_that_signs_the_last_sentence_does_not_take_it_along(signed: str) -> None:
    last = "The harbour opens again in May, its master said."
    article = cleaned(*STORY, f"{last} {signed}")
    assert article.text.startswith("\n".join([*STORY, last]))
    caption = cleaned(*STORY, "The harbour at dusk (Photo: Ana Rusk)")
    assert caption.text.split("\n") == list(STORY)


@pytest.mark.parametrize(
    ("shown", "credit"),
    [
        ("The old quay at dusk. ", "Photo by Ana Rusk"),
        ("Читальна зала, ", "фото Дмитра Ковтуна"),
        ("La façana restaurada. ", "/ ORIOL BOSCH"),
        ("দোকান। ", "ছবি: সংগৃহীত"),
        ("渡轮停靠在码头。", "王建 摄"),
        ("Το λιμάνι. ", "φωτ. Γιώργος Ρήγας"),
    ],
)
def test_a_credit_without_a_colon_goes_with_its_caption(shown: str, credit: str) -> None:
    article = cleaned(STORY[0], shown + credit, *STORY[1:])
    assert article.text.split("\n") == list(STORY)
    assert {item.reason for item in article.removed} == {"photo_credit"}


def test_headlines_under_a_heading_of_teasers_go_from_below_the_story() -> None:
    teasers = (
        "Más información",
        "Qué dice la ley sobre los puertos",
        "Tres de cada cuatro barcos llegan tarde",
    )
    article = cleaned(*STORY, *teasers)
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["related_teaser"] * 3


def test_questions_of_an_interview_and_their_answers_stay() -> None:
    lines = (
        *STORY,
        "What do you think of the new ferry?",
        "It is too small for the summer.",
        "Have you been affected by the noise?",
        "Jibu: Ushirika wa wavuvi.",
        "—¿Qué opina de la huelga?",
        "—Que tienen razón.",
        "—Cuéntenos cómo empezó.",
        "—Vendiendo periódicos.",
        "That was all the mayor would say about the harbour on Tuesday.",
    )
    assert cleaned(*lines).text.split("\n") == list(lines)


def test_the_same_question_goes_where_the_story_is_over() -> None:
    article = cleaned(*STORY, "Have you been affected by the ferry's noise? Get in touch")
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["comment_form"]


def test_what_announces_a_list_of_facts_is_no_teaser() -> None:
    lines = (*STORY, "Confira os preços:", "Adultos: 6 euros", "Crianças: 4 euros")
    assert cleaned(*lines).text.split("\n") == list(lines)


def test_a_comment_in_the_headline_is_no_form() -> None:
    lines = ("Komentář: Proč Luma nepotřebuje další most", *STORY)
    assert cleaned(*lines).text.split("\n") == list(lines)


CONTACT = "Lume Lines, Ana Rusk, +44 1632 960120, ana.rusk@lume.example"


def test_whom_to_ask_goes_with_what_a_company_says_of_itself() -> None:
    portrait = (
        "About Lume Lines: Lume Lines runs eleven ferries and employs nine hundred people in four ports."
    )
    article = cleaned(*STORY, portrait, CONTACT)
    assert article.text.split("\n") == list(STORY)
    assert {item.reason for item in article.removed} == {"company_boilerplate"}


def test_a_number_below_the_story_stays_where_no_company_has_spoken() -> None:
    for last in ("Helpline for passengers: +44 1632 960120", "The fund now holds 12 000 000 000 kroner"):
        assert cleaned(*STORY, last).text.split("\n") == [*STORY, last]
