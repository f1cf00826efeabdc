from __future__ import annotations

import random

from agents.entities.training.augment import cyrillic, names_of, recased, rescripted, swapped
from tests.agents.entities.training.annotated import sentence


def test_a_name_gives_way_to_one_of_its_type_and_language() -> None:
    names = names_of([sentence("Angela/PER Merkel/PER met Bayer/ORG in Bonn/LOC")])
    given = sentence("Yesterday Ana/PER flew to Rome/LOC , they say")
    made = {swapped(given, names, random.Random(seed)).tokens for seed in range(40)}
    assert ("Yesterday", "Angela", "Merkel", "flew", "to", "Bonn", ",", "they", "say") in made
    assert not any("Bayer" in tokens for tokens in made)
    assert given.tokens in made


def test_the_names_stay_marked_when_others_take_their_place() -> None:
    names = names_of([sentence("Angela/PER Dorothea/PER Merkel/PER")])
    for seed in range(40):
        made = swapped(sentence("Ana/PER sings and Ion/PER listens"), names, random.Random(seed))
        surfaces = {" ".join(made.tokens[start:end]) for start, end, _ in made.spans}
        assert surfaces <= {"Ana", "Ion", "Angela Dorothea Merkel"}
        assert len(made.spans) == 2


def test_a_small_text_gets_no_capitals_from_a_foreign_name() -> None:
    names = names_of([sentence("Jakarta/LOC", "id")])
    made = [swapped(sentence("di manado/LOC", "id"), names, random.Random(seed)).tokens for seed in range(40)]
    assert set(made) == {("di", "manado")}


def test_names_of_another_language_are_not_taken() -> None:
    names = names_of([sentence("Bonn/LOC", "de")])
    given = sentence("in Rome/LOC", "en")
    assert all(swapped(given, names, random.Random(seed)) == given for seed in range(20))


def test_some_sentences_are_set_in_capitals_and_some_small_and_most_stay() -> None:
    given = sentence("Ana/PER sings")
    made = [recased(given, random.Random(seed)).tokens for seed in range(600)]
    assert 5 <= made.count(("ANA", "SINGS")) <= 40
    assert 10 <= made.count(("ana", "sings")) <= 60
    assert made.count(("Ana", "sings")) > 480


def test_serbian_is_written_in_both_of_its_scripts() -> None:
    given = sentence("Njegoš/PER živi u Valjevu/LOC", "sr")
    made = {rescripted(given, random.Random(seed)).tokens for seed in range(20)}
    assert made == {("Njegoš", "živi", "u", "Valjevu"), ("Његош", "живи", "у", "Ваљеву")}
    assert rescripted(sentence("Zagreb/LOC", "hr"), random.Random(0)).tokens == ("Zagreb",)


def test_a_foreign_word_keeps_its_letters() -> None:
    assert cyrillic("Windows") == "Windows"
    assert cyrillic("Džordž") == "Џорџ"
    assert cyrillic("2026.") == "2026."
