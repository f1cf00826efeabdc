from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.entities.linking.text import Words, read
from agents.entities.spelling.fold import CASED, WORD, fold, key
from agents.entities.spelling.inflection import KEPT, bases
from agents.entities.spelling.languages import FOLDER, TABLES, codes, language


def cut(text: str, *known: str) -> Words:
    return read(text, lambda word: word in known)


def surfaces(words: Words) -> list[str]:
    return [words.text[start:end] for start, end in zip(words.start, words.end, strict=True)]


def test_every_word_has_its_place_and_its_folded_form() -> None:
    words = cut("Łódź’s mayor, São Paulo.")
    assert surfaces(words) == ["Łódź", "s", "mayor", "São", "Paulo"]
    assert words.word == ["lodz", "s", "mayor", "sao", "paulo"]
    assert words.capital == [True, False, False, True, True]
    assert words.joined == [False, True, True, False, True]


@pytest.mark.parametrize("text", ["", " \n", "…", "\u0640", "\u0640\u064b \u0640"])
def test_a_text_without_words_has_none(text: str) -> None:
    words = cut(text)
    assert len(words) == 0
    assert words.word == words.capital == words.joined == words.hangul == []


def test_a_word_of_nothing_but_tatweel_is_none_and_parts_its_neighbours() -> None:
    words = cut("قال ـــ بوتين")
    assert words.word == ["قال", "بوتين"]
    assert words.text[words.start[1] : words.end[1]] == "بوتين"
    assert words.joined == [False, True]


def test_what_is_written_at_will_leaves_the_word_and_keeps_the_place() -> None:
    words = cut("موســكو مُحَمَّد Cafe\u0301 Paris")
    assert words.word == ["موسكو", "محمد", "cafe", "paris"]
    assert words.end[2] - words.start[2] == 5


def test_two_words_run_together_are_cut_unless_they_are_known() -> None:
    assert surfaces(cut("LavrovLa and MacArthurSaid", "macarthursaid")) == [
        "Lavrov",
        "La",
        "and",
        "MacArthurSaid",
    ]
    words = cut("КремльМосква aB")
    assert surfaces(words) == ["Кремль", "Москва", "aB"]
    assert words.glued == [False, True, False]
    assert words.joined == [False, False, True]


def test_latin_letters_are_cut_from_a_script_that_leaves_no_gap() -> None:
    assert surfaces(cut("FBI捜査官 2024년 FBI는")) == ["FBI", "捜査官", "2024", "년", "FBI", "는"]
    assert surfaces(cut("在FBI的")) == ["在FBI的"]


def test_a_sentence_opens_after_its_mark_and_at_a_line() -> None:
    words = cut("One. Two “three”: four\nfive, six")
    opening = [word for word, initial in zip(words.word, words.initial, strict=True) if initial]
    assert opening == ["one", "two", "four", "five"]


def test_scripts_are_told_apart() -> None:
    words = cut("Москва กรุงเทพ 서울 दिल्ली 7")
    assert words.cased == [True, False, False, False, False]
    assert words.unspaced == [False, True, False, False, False]
    assert words.hangul == [False, False, True, False, False]


@pytest.mark.parametrize("code", codes())
def test_endings_leave_the_first_letters_of_what_may_be_written_small(code: str) -> None:
    """The finder asks only for those letters (``small_beginnings``) before it looks for base forms."""
    rules = language(code)
    assert not any(CASED.match(prefix) for prefix in rules.prefixes)
    for listed in rules.endings.values():
        for ending, _ in listed:
            word = "xyzw" + ending
            assert all(base[:KEPT] == word[:KEPT] for base in bases(word, code))
            kept = max(KEPT, len(word) - rules.longest)
            assert all(base[:kept] == word[:kept] for base in bases(word, code))


def test_letters_that_fold_to_latin_ones_have_capitals() -> None:
    words = cut("əyalət Əliyev ｐａｒｉｓ Ｐａｒｉｓ əжə")
    assert words.cased == [True, True, True, True, False]
    assert words.capital == [False, True, False, True, True]


@pytest.mark.parametrize("code", codes())
def test_a_text_is_read_by_all_that_stands_before_the_tables_of_a_language(code: str) -> None:
    whole = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    head = {name: value for name, value in whole.items() if not isinstance(value, dict)}
    assert tomllib.loads(TABLES.split((FOLDER / f"{code}.toml").read_text("utf-8"), maxsplit=1)[0]) == head
    assert head.keys() | {"adjective", "office"} >= whole.keys()


@pytest.mark.parametrize("end", ["", "\U0001f600", "\ud83d", "\ude00\ud83d"])
def test_a_long_text_is_folded_as_its_letters_are(end: str) -> None:
    """Long ones by code unit, short ones by letter; half of a pair stays what it is."""
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)])) + end
    assert fold(text) == "".join(map(fold, text))
    assert len(fold(text)) == len(text)


@given(st.text(st.sampled_from("aZé1_ .,-\n'़́‍ªəＡ東กд한א\U0001d400\U0001f600\ud800"), max_size=90))
def test_words_begin_and_end_as_the_pattern_of_a_word_says(text: str) -> None:
    words = cut(
        text, *(fold(one) for one in WORD.findall(text))
    )  # known as they are: only scripts are cut apart
    listed = list(WORD.finditer(text))
    assert {found.start() for found in listed} <= set(words.start)
    assert {found.end() for found in listed} <= set(words.end)
    assert all(WORD.fullmatch(one) for one in surfaces(words))


def test_letters_of_india_that_are_written_in_two_ways_have_one_key() -> None:
    assert key("\u09aa\u09bf\u09df\u0982") == key("\u09aa\u09bf\u09af\u09bc\u0982")
    assert key("ഉ\u0d28\u0d4d\u200d") == key("ഉൻ")
    assert cut("\u09aa\u09bf\u09df\u0982").word == [key("\u09aa\u09bf\u09af\u09bc\u0982")]


def test_a_letter_that_folds_to_an_apostrophe_parts_a_word_as_its_key_is_parted() -> None:
    words = cut("Qoz\u02bbiston")
    assert " ".join(words.word) == key("Qoz\u02bbiston") == "qoz iston"
    assert words.joined == [False, True]


def test_a_stop_parts_two_words_unless_it_is_an_initials_or_a_short_ones() -> None:
    words = cut("Kauno. Robertas J. Smith Jr. Adams")
    assert [at for at in range(1, len(words)) if words.parted(at)] == [1]
