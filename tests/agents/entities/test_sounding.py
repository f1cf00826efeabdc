from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.linking.spans import Finder
from agents.entities.linking.text import read
from agents.entities.spelling.names import heard, skeleton
from tests.agents.entities.test_unknown import ids, link


@pytest.fixture(scope="module")
def lexicon() -> Compiled:
    return Compiled()


@pytest.fixture(scope="module")
def linker(lexicon: Compiled) -> Linker:
    return Linker(lexicon)


def found(linker: Linker, text: str, tag: str) -> set[tuple[str, str]]:
    return {(text[one.start : one.end], one.item.id) for one in linker.link(text, tag) if one.item}


@pytest.mark.parametrize(
    ("tag", "text", "name", "identifier"),
    [
        ("ml", "ലിൻഡ്സെ ഗ്രഹാം ഇന്നലെ മടങ്ങി.", "ലിൻഡ്സെ ഗ്രഹാം", "Q22212"),
        ("hi", "माइक पोम्पिओ कल लौटे।", "माइक पोम्पिओ", "cur:mike-pompeo"),
        ("kn", "ಕ್ರಿಸ್ಟಿಯಾನೊ ರೊನಾಲ್ಡೊ ಮಾತನಾಡಿದರು.", "ಕ್ರಿಸ್ಟಿಯಾನೊ ರೊನಾಲ್ಡೊ", "Q11571"),
        ("el", "Ο Τζέρεμι Κόρμπιν απάντησε χθες.", "Τζέρεμι Κόρμπιν", "Q291169"),
        ("mk", "Леброн Џејмс пристигна вчера.", "Леброн Џејмс", "Q36159"),
    ],
)
def test_a_known_person_is_found_by_the_sound_of_the_english_name(
    linker: Linker, tag: str, text: str, name: str, identifier: str
) -> None:
    assert (name, identifier) in found(linker, text, tag)


@pytest.mark.parametrize(
    ("tag", "text", "identifier"),
    [
        ("ml", "ബെൽഫാസ്റ്റിൽ ഇന്നലെ മഴ പെയ്തു.", "Q10686"),
        ("ta", "பெல்ஃபாஸ்ட்டில் நேற்று மழை பெய்தது.", "Q10686"),
        ("te", "వెస్ట్ వర్జీనియాలో నిన్న వర్షం పడింది.", "Q1371"),
        ("gu", "માઇક્રોસોફ્ટ નવું કાર્યાલય ખોલશે.", "Q2283"),
    ],
)
def test_a_place_or_organisation_spelt_as_it_sounds_is_the_one_we_have(
    linker: Linker, tag: str, text: str, identifier: str
) -> None:
    assert identifier in {one for _, one in found(linker, text, tag)}


def test_a_short_sound_is_a_place_only_where_the_article_names_its_country(linker: Linker) -> None:
    rain = "બોસ્ટન શહેરમાં ગઈકાલે વરસાદ પડ્યો."
    assert "Q100" not in {one for _, one in found(linker, rain, "gu")}
    assert "Q100" in {one for _, one in found(linker, rain + " અમેરિકાએ મદદ મોકલી.", "gu")}


def test_common_words_are_nobody_whatever_they_sound_like(linker: Linker) -> None:
    assert found(linker, "वह एक सीमित योजना है।", "hi") == set()


def test_in_latin_letters_only_a_language_that_respells_names_is_read_by_sound(linker: Linker) -> None:
    text = "Der Şpigel dünən yazdı."
    assert "Q131478" in {one for _, one in found(linker, text, "az")}
    assert "Q131478" not in {one for _, one in found(linker, text, "tr")}


def test_second_words_are_kept_apart_for_persons_and_for_others(lexicon: Compiled) -> None:
    assert "grm" in lexicon.sounds("lndS")
    assert "vrn" in lexicon.sounds("vSt", persons=False)
    assert "vrn" not in lexicon.sounds("vSt")


def test_every_skeleton_of_a_persons_name_is_told_by_its_first_two_words(lexicon: Compiled) -> None:
    assert skeleton("lawrow") in lexicon.follow(skeleton("sergej"))
    assert not lexicon.follow("@PER")
    for _, name in lexicon.full_names():
        first, second, *_ = map(skeleton, name.split(" "))
        assert second in lexicon.follow(first), name


def test_one_word_tells_by_the_beginning_of_its_outline(lexicon: Compiled) -> None:
    assert lexicon.sounds_alone("blvStl")
    assert not lexicon.sounds_alone("bl")


def test_a_silent_letter_does_not_make_another_name() -> None:
    assert heard(["mik"], ["mike"]) == 1.0
    assert heard(["mik", "pens"], ["mike"]) == 0.0
    assert heard(["mik"], ["miko"]) < 1.0


@pytest.mark.parametrize(
    ("tag", "text", "name"),
    [
        ("en", "Rangers lost on Sunday.", "Rangers"),
        ("en", "Lloyds lost on Sunday.", "Lloyds"),
        ("zh", "绿党昨天没有答复。", "绿党"),
        ("ja", "セインズベリーは昨日答えなかった。", "セインズベリー"),
    ],
)
def test_one_word_that_only_resembles_a_name_we_have_is_another(tag: str, text: str, name: str) -> None:
    [identifier] = ids(link(text, tag, (name, "ORG")))
    assert identifier.startswith("nil:")


def test_one_word_that_sounds_the_same_is_the_name_we_have() -> None:
    assert ids(link("Sulavesi vakar cieta.", "lv", ("Sulavesi", "LOC"))) == ["cur:sulawesi"]


@pytest.mark.parametrize(("tag", "text"), [("te", "అరిజోనా"), ("kn", "ಅರಿಜೋನಾ")])
def test_a_recognised_name_may_write_z_as_scripts_of_india_write_j(
    lexicon: Compiled, tag: str, text: str
) -> None:
    span = Finder(lexicon).at(read(text, lambda _: False), 0, 0, len(text), "LOC", tag)
    assert span is not None
    assert [option.item.name for option in span.options] == ["Arizona"]
