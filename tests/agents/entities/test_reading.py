"""How scripts are read, and the outlines by which spellings of a name agree."""

from __future__ import annotations

import pytest

from agents.entities.spelling.fold import words
from agents.entities.spelling.inflection import heard
from agents.entities.spelling.names import provisional_id
from agents.entities.spelling.outline import outline, spelt_out
from agents.entities.spelling.reading import read_aloud, romanised


@pytest.mark.parametrize(
    ("english", "spelt"),
    [
        ("Limburg", "లింబర్గ్"),  # the nasal before a labial
        ("Manchester", "മാഞ്ചസ്റ്റർ"),  # ch, and a t that is written as a double r
        ("Washington", "ওয়াশিংটন"),  # w as o and y
        ("Victoria", "ভিক্টোরিয়া"),  # v as bh
        ("Foster", "ஃபோஸ்டர்"),  # f as a sign and p
        ("Brandenburg", "ബ്രാൻഡൻബർഗ്"),
        ("Badajoz", "બદાજોઝ"),  # z as jh
        ("Queensland", "ક્વીન્સલેન્ડ"),
        ("Stamford", "स्टैमफ़र्ड"),  # a vowel written with y
        ("Ronald", "Ρόναλντ"),  # two letters for d
        ("Warren", "Γουόρεν"),  # three for w
        ("Fisher", "ფიშერ"),
        ("Williams", "Ուիլյամս"),
        ("Nawaz", "نواز"),  # the letter that is u and w
        ("Elizabeth", "אליזבת"),
        ("Nottingham", "Ноттингем"),
        ("Kavanaugh", "Кавано"),
        ("Kavanaugh", "കവനൗ"),  # a vowel that is not written parts k and v
        ("Emmanuel", "ഇമ്മാനുവൽ"),  # v glides from u to a vowel that is not written
        ("Samuel", "சாமுவல்"),
        ("Nevada", "நெவடா"),  # t between vowels, one of them not written, is d
        ("Tuscany", "टस्कनी"),
        ("Jordan", "ஜோர்டன்"),  # Tamil has one letter for t and d: as most names are
        ("Donald", "டொனால்ட்"),
        ("Michael", "Майкл"),
        ("Quinton", "Квинтон"),
        ("Rodgers", "Rodžers"),
        ("Andrew", "Эндрю"),
    ],
)
def test_a_name_keeps_its_outline_in_another_script(english: str, spelt: str) -> None:
    [one], [other] = words(english), words(spelt)
    assert outline(one) == outline(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Delaney", "Tilaney"), ("Mark", "Marg"), ("Laura", "Rawla"), ("Benson", "Venson")]
)
def test_sounds_that_scripts_keep_apart_stay_apart(one: str, other: str) -> None:
    assert outline(one.lower()) != outline(other.lower())


def test_the_scripts_of_india_are_read_by_one_table() -> None:
    spellings = ("नेपाल", "নেপাল", "ਨੇਪਾਲ", "નેપાલ", "ନେପାଲ", "நேபால்", "నేపాల్", "ನೇಪಾಲ್", "നേപാൽ")
    assert {romanised(word) for word in spellings} == {"nebal"}


def test_korean_has_one_letter_for_l_and_r() -> None:
    assert read_aloud("로라") == "rora"
    assert read_aloud("캘리") == "kaeli"
    assert read_aloud("벨") == "bel"


@pytest.mark.parametrize("spelt", ["किम जोंग उन", "კიმ ჯონგ უნ"])
def test_a_korean_given_name_is_one_word_in_every_script(spelt: str) -> None:
    assert provisional_id(spelt.split(" ")) == provisional_id(["Kim", "Jong", "Un"])


@pytest.mark.parametrize(
    ("english", "written"),
    [
        ("Rory MacDonald", "रोरी मैक डोनाल्ड"),
        ("Rory MacDonald", "Rory Mac Donald"),
        ("Marta Jakubowski", "Марта Якубовски"),
    ],
)
def test_words_that_stand_apart_or_not_make_one_id(english: str, written: str) -> None:
    assert provisional_id(words(english)) == provisional_id(words(written))


def test_a_name_of_two_words_keeps_its_article() -> None:
    assert provisional_id(["the", "hill"], "ORG") != provisional_id(["hill"], "ORG")
    assert provisional_id(["the", "peach", "tracker"], "ORG") == provisional_id(["peach", "tracker"], "ORG")
    assert provisional_id(["mac", "miller"]) == provisional_id(["miller", "mac"])


@pytest.mark.parametrize(
    ("code", "written", "english"),
    [
        ("he", "ג‘ורג‘ קוונבי", "George Quenby"),
        ("he", "צ׳ארלס קוונבי", "Charles Quenby"),
        ("lv", "Čārlza Kvenbija", "Charles Quenby"),
        ("az", "Connor Qoldson", "Connor Goldson"),
        ("sr", "Čarls Kvenbi", "Charles Quenby"),
    ],
)
def test_a_letter_is_heard_as_its_language_reads_it(code: str, written: str, english: str) -> None:
    assert provisional_id(words(heard(written, code))) == provisional_id(words(english))


def test_an_id_does_not_depend_on_what_a_name_was_taken_for() -> None:
    assert provisional_id(["Livingston"], "LOC") == provisional_id(["Livingston"], "ORG")


def test_one_word_shares_an_id_across_scripts_where_its_outline_is_long_enough() -> None:
    assert provisional_id(["Livingston"]) == provisional_id(["Ливингстон"])
    assert provisional_id(["Nelson"]) != provisional_id(["Nielsen"])


def test_which_scripts_write_their_vowels() -> None:
    assert [spelt_out(word) for word in ("न", "ლ", "л", "ل", "ל", "ล", "ラ", "라")] == [True] * 3 + [
        False
    ] * 5
