"""Lines that say who wrote the article."""

from __future__ import annotations

from tests.agents.clean.stories import STORY, cleaned


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


def test_of_two_who_wrote_it_both_go_though_either_names_the_other() -> None:
    bios = (
        "Ana Rusk is a reporter for the Lume Herald who covers shipping.",
        "Tomas Reel is a reporter for the Lume Herald who covers ports with Ana Rusk.",
    )
    assert [item.reason for item in cleaned(*STORY, *bios).removed] == ["author_bio"] * 2
