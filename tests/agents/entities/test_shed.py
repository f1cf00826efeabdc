"""Case endings that names without an entry are taken without."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.linking.text import read
from agents.entities.spelling.inflection import bases, shed
from agents.entities.spelling.names import provisional_id
from tests.agents.entities.test_unknown import LEXICON, ids, link


def none(word: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("code", "written", "bare"),
    [
        ("ka", "ჯონ ფიშერმა", "ჯონ ფიშერ"),
        ("mr", "रॉजर वॉल्टनच्या", "रॉजर वॉल्टन"),
        ("kn", "ಟೆಲ್ಲಿಸ್‌ನಲ್ಲಿ", "ಟೆಲ್ಲಿಸ್"),
        ("gu", "જેફ ફ્લેકે", "જેફ ફ્લેક"),
        ("ta", "ஹாரிஸும்", "ஹாரிஸ்"),
        ("ml", "റോബിൻസനും", "റോബിൻസൻ"),
        ("zh", "利文斯顿队", "利文斯顿"),
        ("ko", "버몬트주", "버몬트"),
        ("lv", "Tomas Brauns", "Toma Braun"),
        ("lt", "Bretas Kavanas", "Bret Kavan"),
        ("lv", "Dwi Hariss", "Dwi Hariss"),
        ("fi", "Meri Quenbysta", "Meri Quenby"),
        ("eu", "Ann Quenbyk", "Ann Quenbyk"),
        ("eu", "Ann Rendellek", "Ann Rendell"),
        ("et", "Ann Rendelliga", "Ann Rendell"),
        ("hu", "Ann Rendellnek", "Ann Rendell"),
        ("kk", "Энн Ренделлмен", "Энн Ренделл"),
        ("hy", "Էն Ռենդելը", "Էն Ռենդել"),
        ("hy", "Ռիսա Կուսուման", "Ռիսա Կուսումա"),  # the article after a vowel
        ("hy", "Արման Հակոբյանը", "Արման Հակոբյան"),  # only the last word has one
        ("hy", "Արման Հակոբյան", "Արման Հակոբյան"),
        ("gu", "જેફ મ્યુલરના", "જેફ મ્યુલર"),
        ("ja", "フレイス氏", "フレイス"),
        ("hu", "Rendell-ben", "Rendell"),
        ("ka", "DARPA-მ", "DARPA"),
        ("te", "TPUSAకి", "TPUSA"),
        ("hu", "Ann Rendell-Kiss", "Ann Rendell-Kiss"),
        ("en", "James Wells", "James Wells"),
    ],
)
def test_an_ending_that_shows_by_itself_is_taken_off(code: str, written: str, bare: str) -> None:
    assert shed(written, code, none) == bare


def test_a_name_of_the_language_itself_keeps_its_ending() -> None:
    assert shed("Edgars Rinks", "lv", {"edgars"}.__contains__) == "Edgars Rinks"


def test_a_later_word_may_be_left_with_two_letters() -> None:
    assert "un" not in bases("unom", "hr")
    assert "un" in bases("unom", "hr", 2)
    found = Linker(Compiled()).link("Sastao se s Kim Jong Unom.", "hr")
    assert [one.item.id for one in found if one.item] == ["Q56226"]


def test_a_title_is_no_part_of_a_name_in_a_script_without_capitals() -> None:
    text = "श्री क्वेनबी ने कहा।"
    assert ids(link(text, "hi", ("श्री क्वेनबी", "PER"))) == [provisional_id(["क्वेनबी"])]


def test_a_small_word_before_a_name_is_none_of_it() -> None:
    text = "Officials deny Quenby knew."
    [found] = link(text, "en", ("deny Quenby", "PER"))
    assert text[found.start : found.end] == "Quenby"


def test_a_full_name_outweighs_the_known_surname_in_it_without_capitals_too() -> None:
    text = "क्रिस हैरिस ने कहा।"
    assert "nil:" in ids(link(text, "hi", ("क्रिस हैरिस", "PER")))[0]


def test_a_known_person_is_found_by_sound_where_nothing_was_recognised() -> None:
    found = Linker(LEXICON).link("ജോക്കോ വിഡോഡോ സംസാരിച്ചു.", "ml")
    assert [one.item.name for one in found if one.item] == ["Joko Widodo"]
    assert [one.method for one in found] == ["skeleton"]


@pytest.mark.parametrize("name", ["McDonnell", "DeSantis", "MacArthur", "LeBron", "O’Brien"])
def test_a_surname_with_a_capital_inside_is_one_word(name: str) -> None:
    words = read(f"Said {name} today.", none)
    assert name.lower().replace("’", "'").split("'")[0] in [*words.word]


def test_initials_belong_to_the_surname_of_who_has_them() -> None:
    text = "Указ подписал В. В. Путин."
    [found] = [one for one in Linker(LEXICON).link(text, "ru") if one.item and one.item.id == "Q7747"]
    assert text[found.start : found.end] == "В. В. Путин"
    other = "Указ подписал К. Путин."
    assert "К. Путин" not in [other[one.start : one.end] for one in Linker(LEXICON).link(other, "ru")]


def test_the_senate_is_that_of_the_country_an_article_is_about() -> None:
    text = "In France, the French Senate met. The Senate voted; France waits."
    found = [one.item.id for one in Linker(LEXICON).link(text, "en") if one.item]
    assert found.count("gov:FR:senate") == 2


def test_a_town_in_the_state_that_an_article_names_is_meant() -> None:
    text = "West Virginia voted. The rally in Wheeling was loud; West Virginia listened. The US watched the US vote."
    told = [
        one.item.part_of
        for one in Linker(LEXICON).link(text, "en")
        if one.item and one.item.name == "Wheeling"
    ]
    assert told in ([], ["US-WV"])
