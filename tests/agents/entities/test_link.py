from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.found import Found
from agents.entities.linking.link import MAX_TEXT, Linker
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.names import name_skeleton, nominative, provisional_id, similarity


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


def shown(text: str, found: list[Found]) -> list[tuple[str, str | None, str]]:
    return [(text[one.start : one.end], one.item.id if one.item else None, one.method) for one in found]


def test_a_latin_acronym_in_a_script_without_spaces_is_cut_out(linker: Linker) -> None:
    text = "FBI捜査官が到着した。"
    assert shown(text, linker.link(text, "ja")) == [("FBI", "Q8333", "exact")]


def test_vietnamese_letters_do_not_cut_a_word(linker: Linker) -> None:
    text = "Ông Tô Lâm thăm Hà Nội."
    assert ("Tô Lâm", "Q10831196", "exact") in shown(text, linker.link(text, "vi"))


def test_a_hebrew_acronym_keeps_its_gershayim(linker: Linker) -> None:
    text = 'שגריר ארה"ב הגיע.'
    assert ('ארה"ב', "Q30", "exact") in shown(text, linker.link(text, "he"))


@pytest.mark.parametrize(
    ("tag", "text", "identifier", "label"),
    [
        ("fr", "Les négociations ont repris à Genève.", "Q71", "Geneva"),
        ("de", "In Köln wurde gestreikt.", "Q365", "Cologne"),
        ("ru", "Поезд пришёл в Кёльн.", "Q365", "Cologne"),
        ("es", "El tren salió de Sevilla.", "Q8717", "Seville"),
        ("sv", "Mötet i Göteborg ställdes in.", "Q25287", "Gothenburg"),
        ("tr", "Toplantı İstanbul'da yapıldı.", "Q406", "Istanbul"),
        ("ro", "Trenul a plecat din Timişoara.", "Q83404", "Timișoara"),
        ("fa", "انفجاری در هرات رخ داد.", "Q45313", "Herat"),
    ],
)
def test_a_city_is_one_entity_under_its_english_name(
    linker: Linker, tag: str, text: str, identifier: str, label: str
) -> None:
    assert [(one.item.id, one.item.name) for one in linker.link(text, tag) if one.item] == [
        (identifier, label)
    ]


def test_a_capital_after_a_preposition_is_the_place_and_else_its_government(linker: Linker) -> None:
    place = linker.link("Er traf in Moskau ein.", "de")
    power = linker.link("Danach drohte Moskau mit Sanktionen.", "de")
    assert [(one.item.id if one.item else None, one.metonym_of) for one in (*place, *power)] == [
        ("Q649", None),
        ("Q649", "Q159"),
    ]


def test_a_town_is_believed_only_with_evidence(linker: Linker) -> None:
    assert linker.link("The Mesa was quiet.", "en") == []
    assert any(
        one.item and one.item.name == "Mesa" for one in linker.link("A fire in Mesa, Arizona, is out.", "en")
    )


def test_a_surname_alone_needs_the_country(linker: Linker) -> None:
    assert shown("Gestern sprach Pistorius.", linker.link("Gestern sprach Pistorius.", "de")) == []
    text = "In Deutschland sprach Pistorius."
    assert [method for _, _, method in shown(text, linker.link(text, "de"))] == ["exact", "surname"]


def test_a_text_beyond_the_bound_is_linked_up_to_it(linker: Linker) -> None:
    text = "x " * (MAX_TEXT // 2) + "Moscow"
    assert linker.link(text, "en") == []


def test_skeletons_propose_and_similarity_decides() -> None:
    assert name_skeleton("sergej lawrow") == name_skeleton("сергей лавров") == name_skeleton("sergey lavrov")
    assert similarity(["dmitri", "peskow"], ["dmitry", "peskov"]) >= 0.9
    assert similarity(["dmitri", "peskow"], ["dmitry", "puchkov"]) < 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Andrei Kolbasov", "Андрей Колбасов"),
        ("Viktor Almasy", "Almasy Viktor"),
        ("Koo Byoung-sam", "Koo Byoungsam"),
        ("No Kwang-chol", "No Kwang Chol"),
    ],
)
def test_spellings_of_one_unknown_person_share_an_id(one: str, other: str) -> None:
    def none(word: str) -> bool:
        return False

    assert provisional_id(nominative(one, "en", none)) == provisional_id(nominative(other, "en", none))


def test_case_endings_do_not_make_another_person() -> None:
    def given(word: str) -> bool:
        return word in {"андреи", "андрей"}

    assert nominative("Андрея Колбасова", "ru", given) == nominative("Андрей Колбасов", "ru", given)


def test_only_the_word_of_the_text_is_reduced() -> None:
    assert "russland" in bases("russlands", "de")
    assert bases("martes", "fil") == ()


def test_a_short_first_word_is_found_behind_a_prefix(linker: Linker) -> None:
    hebrew, arabic = "העצרת נערכה בתל אביב.", "اجتمعوا بتل أبيب."
    assert shown(hebrew, linker.link(hebrew, "he")) == [("בתל אביב", "Q33935", "inflected")]
    assert shown(arabic, linker.link(arabic, "ar")) == [("بتل أبيب", "Q33935", "inflected")]
