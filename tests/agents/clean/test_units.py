"""What a text is judged in: lines, and what is glued to them."""

from __future__ import annotations

import pytest

from tests.agents.clean.stories import STORY, cleaned


def test_a_credit_glued_to_a_sentence_goes_before_the_space_is_put_in() -> None:
    line = "La marina de Lume probó el lunes la nueva nave, y la prueba fue la mejor de la historia de la ciudad."
    article = cleaned(f"Foto: Agencia estatal{line}", *STORY[1:])
    assert article.text.split("\n")[0] == line
    assert [(item.reason, item.text) for item in article.removed] == [
        ("photo_credit", "Foto: Agencia estatal")
    ]


@pytest.mark.parametrize("credit", ["Foto: Jan Drbal, MAFRA", "Ảnh: TTXVN", "Foto: Bor Krek/BoBo"])
def test_a_credit_that_ends_in_capitals_or_has_a_hump_of_its_own_goes_whole(credit: str) -> None:
    article = cleaned(credit + STORY[0], *STORY[1:])
    assert article.text.split("\n") == list(STORY)
    assert [(item.reason, item.text) for item in article.removed] == [("photo_credit", credit)]
