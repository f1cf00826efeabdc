"""What phrases say of a line by themselves."""

from __future__ import annotations

import pytest

from agents.clean.residue.by_phrase import by_phrase, is_covered
from agents.clean.residue.phrasebook import Found, Hit, Search, fold_words
from agents.clean.residue.phrasebook import all_phrases as phrases
from agents.clean.residue.units import Unit, line_views


def reason(text: str, logit: int = 0) -> str | None:
    [view] = line_views([text], phrases())
    return by_phrase(Unit(0, len(text), view, logit=logit))


@pytest.mark.parametrize("text", ["40 minutes before sailing", "Quay cat gets 3,000 views", "12 голосов"])
def test_a_number_with_a_word_speaks_only_where_the_model_agrees_or_it_is_all_of_a_line(text: str) -> None:
    assert reason(text) is None
    assert reason(text, -1000) is None
    assert reason("5 min read") == "navigation"
    assert reason("300 views") == "navigation"
    assert reason("2 years Herald 90 views", 2000) == "navigation"


def test_a_line_of_phrases_alone_is_covered() -> None:
    def hit(start: int, end: int) -> Hit:
        return Found("share_buttons", start, end, start == 0, False)

    [view] = line_views(["one two three four"], phrases())
    assert is_covered(type(view)(view.text, view.words, [hit(2, 4), hit(0, 2)]))
    assert not is_covered(type(view)(view.text, view.words, [hit(0, 2), hit(3, 4)]))
    assert not is_covered(type(view)(view.text, view.words, [hit(0, 3)]))
    assert not is_covered(type(view)(view.text, fold_words("..."), []))


@pytest.mark.parametrize("text", ["A_b-c 12 x1 Don't", "É_b-c 12 x1 Don't"])
def test_words_are_the_same_with_and_without_letters_beyond_ascii(text: str) -> None:
    assert fold_words(text)[1:] == ["b", "c", "0", "x1", "don", "t"]


def test_a_line_is_searched_for_phrases_from_each_of_its_words() -> None:
    search = Search([("start", "^read more"), ("word", "news"), ("stem", "letter~ of"), ("two", "our terms")])
    found = search.search(fold_words("read more news letters of our terms news"))
    assert [(hit.reason, hit.start, hit.end) for hit in found] == [
        ("start", 0, 2),
        ("word", 2, 3),
        ("stem", 3, 5),
        ("two", 5, 7),
        ("word", 7, 8),
    ]
    assert search.search(fold_words("news")) == [Found("word", 0, 1, True, True)]
