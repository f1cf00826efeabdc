"""What becomes of the names a recogniser finds, beside what the knowledge base knows."""

from __future__ import annotations

import re

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.found import Found
from agents.entities.linking.link import Linker
from agents.entities.recognition.decode import Kind
from agents.entities.recognition.recogniser import Reading, Span, Wanted

LEXICON = Compiled()


class Told:
    """A recogniser that finds what it is told, in the sentences it is asked for."""

    version = "told"

    def __init__(self, *names: tuple[str, Kind], confidence: float = 0.95, doubts: bool = False) -> None:
        self._names = names
        self._doubts = doubts
        self._confidence = confidence
        self.asked: list[str] = []

    def read(self, text: str, tag: str, wanted: Wanted | None = None) -> Reading:
        found = []
        at = 0
        for name, kind in self._names:
            at = text.index(name, at)
            found.append(Span(at, at + len(name), kind, self._confidence))
            at += len(name)
        for sentence in text.split("\n"):
            start = text.index(sentence)
            if wanted is None or wanted(start, start + len(sentence)):
                self.asked.append(sentence)
        places = [match.span() for match in re.finditer(r"\w+", text)] if self._doubts else []
        return Reading(found, [a for a, _ in places], [b for _, b in places], [0.0] * len(places))


def link(text: str, tag: str, *names: tuple[str, Kind], confidence: float = 0.95) -> list[Found]:
    return Linker(LEXICON, Told(*names, confidence=confidence)).link(text, tag)


def shown(text: str, found: list[Found]) -> list[tuple[str, str, str]]:
    return [(text[one.start : one.end], one.type, one.method) for one in found]


def ids(found: list[Found]) -> list[str]:
    return [one.item.id for one in found if one.item]


def test_an_unknown_name_of_each_type_gets_an_id_of_its_own() -> None:
    text = "Grevia opened a plant in Tolmach, said Marla Quenby."
    found = link(text, "en", ("Grevia", "ORG"), ("Tolmach", "LOC"), ("Marla Quenby", "PER"))
    assert shown(text, found) == [
        ("Grevia", "ORG", "model"),
        ("Tolmach", "LOC", "model"),
        ("Marla Quenby", "PER", "model"),
    ]
    assert len(set(ids(found))) == 3
    assert all(identifier.startswith("nil:") for identifier in ids(found))


def test_an_unsure_name_is_left_out() -> None:
    assert link("Grevia opened.", "en", ("Grevia", "ORG"), confidence=0.3) == []


def test_the_knowledge_base_corrects_the_type_of_what_it_knows() -> None:
    [found] = link("Wien liegt an der Donau.", "de", ("Wien", "ORG"))[:1]
    assert (found.type, found.item and found.item.id) == ("LOC", "Q1741")


def test_a_known_name_inside_a_longer_unknown_one_is_not_named() -> None:
    text = "The Bank of Norland and Calvin Harris agreed; Kamala Harris did not."
    found = link(text, "en", ("Calvin Harris", "PER"))
    assert ("Calvin Harris", "PER", "model") in shown(text, found)
    assert "cur:kamala-harris" in ids(found)


def test_a_title_or_a_common_word_does_not_make_another_person() -> None:
    text = "Annalena Baerbock spoke first. Later Baerbock left."
    found = link(text, "en", ("Annalena Baerbock", "PER"), ("Later Baerbock", "PER"))
    assert len(set(ids(found))) == 1
    assert [text[one.start : one.end] for one in found] == ["Annalena Baerbock", "Baerbock"]


def test_a_name_with_a_hyphen_keeps_the_person_inside() -> None:
    text = "Joe Biden schwieg. Die Biden-Regierung wartet ab."
    found = link(text, "de", ("Joe Biden", "PER"), ("Biden-Regierung", "ORG"))
    assert ids(found) == ["Q6279", "Q6279"]


def test_a_surname_means_the_person_recognised_in_full() -> None:
    text = "मार्ला क्वेनबी ने कहा। क्वेनबी चली गईं।"
    found = link(text, "hi", ("मार्ला क्वेनबी", "PER"), ("क्वेनबी", "PER"))
    assert [one.method for one in found] == ["model", "coreference"]
    assert len(set(ids(found))) == 1


@pytest.mark.parametrize(
    ("text", "tag", "full", "part"),
    [
        ("尼古拉·贝内代蒂来了。贝内代蒂走了。", "zh", "尼古拉·贝内代蒂", "贝内代蒂"),
        ("高橋健一郎氏は語った。高橋氏は去った。", "ja", "高橋健一郎", "高橋"),
    ],
)
def test_part_of_a_name_in_a_script_without_spaces_means_the_same_person(
    text: str, tag: str, full: str, part: str
) -> None:
    found = link(text, tag, (full, "PER"), (part, "PER"))
    assert [(text[one.start : one.end], one.method) for one in found] == [
        (full, "model"),
        (part, "coreference"),
    ]
    assert len(set(ids(found))) == 1


def test_case_endings_make_no_second_entity() -> None:
    text = "Kolbasovo leží na jihu. V Kolbasovu prší."
    found = link(text, "cs", ("Kolbasovo", "LOC"), ("Kolbasovu", "LOC"))
    assert len(ids(found)) == 2
    assert len(set(ids(found))) == 1


def test_a_korean_particle_is_no_part_of_a_name() -> None:
    text = "마르타 콰인비는 말했다."
    [found] = link(text, "ko", ("마르타 콰인비는", "PER"))
    assert text[found.start : found.end] == "마르타 콰인비"


def test_a_korean_family_name_is_known_again_before_a_particle() -> None:
    text = "마르타 콰인비가 말했다. 콰인비는 어제 떠났다."
    found = link(text, "ko", ("마르타 콰인비", "PER"))
    assert [text[one.start : one.end] for one in found] == ["마르타 콰인비", "콰인비"]
    assert len(set(ids(found))) == 1


def test_one_unknown_person_has_one_id_in_many_scripts() -> None:
    spellings = {
        "en": "Andrei Kolmasov",
        "de": "Andrej Kolmassow",
        "ru": "Андрей Колмасов",
        "el": "Αντρέι Κολμάσοβ",
        "ar": "أندريه كولماسوف",
        "he": "אנדריי קולמסוב",
        "hi": "आंद्रेई कोलमासोव",
        "ta": "ஆந்த்ரே கோல்மாசோவ்",
    }
    found = {tag: ids(link(f"{name} .", tag, (name, "PER")))[0] for tag, name in spellings.items()}
    assert len({identifier for tag, identifier in found.items() if tag not in ("el", "ta")}) == 1, found


def test_a_known_place_without_an_alias_in_the_language_is_found_by_its_sound() -> None:
    text = "एरिज़ोना में बारिश।"
    assert ids(link(text, "hi", ("एरिज़ोना", "LOC"))) == ["Q816"]


def test_what_the_knowledge_base_settles_is_not_read() -> None:
    told = Told()
    text = "Auch Angela Merkel war in Paris.\nDas Wetter war schön.\nes regnete lange."
    Linker(LEXICON, told).link(text, "de")
    assert told.asked == ["Das Wetter war schön."]


def test_a_text_without_capitals_is_read_whole() -> None:
    told = Told()
    Linker(LEXICON, told).link("merkel kam nach wien\nes regnete", "de")
    assert told.asked == ["merkel kam nach wien", "es regnete"]


def test_a_common_word_that_a_town_is_called_too_is_no_town_where_the_model_sees_no_name() -> None:
    text = "Mann beisst Hund."
    known = Linker(LEXICON, Told()).link(text, "de")
    doubted = Linker(LEXICON, Told(doubts=True)).link(text, "de")
    assert (ids(known), ids(doubted)) == (["Q3805"], [])


@pytest.mark.parametrize(
    ("tag", "text", "recognised", "surface", "identifier"),
    [
        ("ja", "会談は木曜に東京で続いた。", "東京で", "東京", "Q1490"),
        ("ja", "列車はパリへ向かった。", "パリへ", "パリ", "Q90"),
        ("ja", "工場はロンドンから移った。", "ロンドンから", "ロンドン", "Q84"),
        ("hi", "यह सम्मेलन पेरिस में शुरू हुआ।", "पेरिस में", "पेरिस", "Q90"),
        ("ur", "یہ میلہ لاہور میں شروع ہوا۔", "لاہور میں", "لاہور", "Q11739"),
    ],
)
def test_a_postposition_is_no_part_of_a_known_place(
    tag: str, text: str, recognised: str, surface: str, identifier: str
) -> None:
    (one,) = link(text, tag, (recognised, "LOC"))
    assert (text[one.start : one.end], one.item and one.item.id) == (surface, identifier)


def test_a_postposition_is_no_part_of_an_unknown_name_but_kana_of_a_name_stay() -> None:
    text = "ケルムドで霧の里びより館が開いた。"
    found = link(text, "ja", ("ケルムドで", "LOC"), ("霧の里びより館", "LOC"))
    assert [text[one.start : one.end] for one in found] == ["ケルムド", "霧の里びより館"]
