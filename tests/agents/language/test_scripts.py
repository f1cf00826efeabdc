"""Scripts, counted letter by letter."""

from __future__ import annotations

import pytest

from agents.language.scripts import COMMON, histogram, main


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Die Brücke", "Latn"),
        ("Мост через реку", "Cyrl"),
        ("橋の建設", "Jpan"),
        ("新大橋的建設", "Hani"),
        ("新大橋「の」的建設將於明年春天開始預計三年內完成", "Hani"),
        ("다리 建設", "Kore"),
        ("ｶﾀｶﾅ", "Jpan"),
        ("ＡＢＣ", "Latn"),
        ("ሰላም", "Ethi"),
        ("12, 34!", COMMON),
        ("", COMMON),
        ("\x00\ud800", COMMON),
        ("①②𝓗𝓮", COMMON),
    ],
)
def test_main_script(text: str, script: str) -> None:
    assert main(histogram(text)) == script


def test_latin_names_in_a_headline_do_not_hide_its_script() -> None:
    assert main(histogram("Елитна лига: „Dundee Stars“ 5-3 „Belfast Giants“")) == "Cyrl"


def test_a_foreign_word_in_latin_prose_does_not_change_its_script() -> None:
    assert (
        main(
            histogram(
                "The Russian word мост means bridge, and the paper printed it in Cyrillic letters. " * 3
            )
        )
        == "Latn"
    )


def test_letters_are_counted_and_nothing_else() -> None:
    assert histogram("a1 б! 2") == {"Latn": 1, "Cyrl": 1}
