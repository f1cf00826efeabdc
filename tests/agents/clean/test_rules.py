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
