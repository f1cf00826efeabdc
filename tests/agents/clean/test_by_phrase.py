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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("This article has been adapted from its original source.", "syndication_notice"),
        (
            "The opinions in this column do not necessarily reflect those of the Harbour Herald.",
            "syndication_notice",
        ),
        ("The views on tram fares expressed here are their own.", "syndication_notice"),
        ("With Herald wire services", "syndication_notice"),
        ("(Graphic: Ferry fares since 2010 - here)", "related_teaser"),
        ("Follow the Harbour Herald on Facebook, Instagram and Threads.", "share_buttons"),
        ("The Herald may earn a commission from products bought through this page.", "advertisement"),
        ("This week's tide table is brought to you by Quay Savings Bank.", "advertisement"),
        ("Deixe a sua opinião aqui embaixo!", "comment_form"),
        ("Receba o resumo da semana no seu e-mail.", "subscription"),
        ("The article was adapted by a school in Lume for the stage.", None),
        ("Ferry captains earn a commission of three per cent on freight.", None),
        ("The new timetable does not necessarily reflect demand.", None),
        ("Deixe a chave na porta, disse o pescador.", None),
        ("Police follow the gang on land and at sea.", None),
    ],
)
def test_wordings_of_leftovers_and_sentences_that_sound_like_them(text: str, wanted: str | None) -> None:
    assert reason(text) == wanted
