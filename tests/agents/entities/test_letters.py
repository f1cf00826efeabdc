from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.spelling.fold import key
from agents.entities.spelling.letters import abbreviation, spelled_out
from agents.entities.spelling.names import provisional_id


@pytest.mark.parametrize(
    ("spelling", "letters"),
    [
        ("सीएनएन", "cnn"),
        ("సిఎన్ఎన్", "cnn"),
        ("സിഎൻഎൻ", "cnn"),
        ("એનબીસી", "nbc"),
        ("ಎಂಎಸ್ಎನ್ಬಿಸಿ", "msnbc"),
        ("ซีเอ็นเอ็น", "cnn"),
    ],
)
def test_letters_that_are_spelt_out_are_read(spelling: str, letters: str) -> None:
    assert abbreviation(key(spelling)) == letters


@pytest.mark.parametrize("word", ["केली", "एनी", "बीबी", "ਮਾਂ", "Kelly", "김정은"])
def test_other_words_and_two_letters_are_none(word: str) -> None:
    assert abbreviation(key(word)) == ""


def test_an_abbreviation_is_spelt_out_in_every_language_that_does_so() -> None:
    spellings = dict(spelled_out("CNN"))
    assert spellings["hi"] == "सीएनएन"
    assert spellings["ur"] == "سی این این"
    assert list(spelled_out("Reuters")) == list(spelled_out("EU")) == []


def test_an_unknown_abbreviation_has_one_id_however_it_is_spelt() -> None:
    assert provisional_id(["स्नटस"]) != provisional_id(["एनटीएस"]) == provisional_id(["nts"])


@pytest.mark.parametrize(
    ("tag", "text", "identifier"),
    [
        ("gu", "એમએસએનબીસીએ ગઈકાલે આ વાત કહી.", "Q13973"),
        ("ml", "സിഎൻഎൻ ഇന്നലെ ഇക്കാര്യം റിപ്പോർട്ട് ചെയ്തു.", "Q48340"),
        ("ur", "سی این این نے کل یہ خبر دی۔", "Q48340"),
    ],
)
def test_a_known_organisation_is_found_by_its_letters(tag: str, text: str, identifier: str) -> None:
    assert identifier in {one.item.id for one in Linker(Compiled()).link(text, tag) if one.item}
