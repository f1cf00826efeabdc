"""The stage as the runner sees it: any article in, the same article with its language out."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.language.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas.article import CleanArticle, Language, TaggedArticle
from tests.agents.language.articles import SENTENCES, article


@pytest.fixture(scope="module")
def process() -> Process:
    return STAGE.load(Resources())


def tagged(process: Process, text: str, **evidence: str | None) -> Language:
    outcome = process(article(text, **evidence))
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, TaggedArticle)
    return outcome.article.language


@pytest.mark.parametrize("tag", SENTENCES)
def test_a_plain_sentence_gets_its_tag_and_is_reliable(process: Process, tag: str) -> None:
    language = tagged(process, SENTENCES[tag])
    assert (language.tag, language.reliable) == (tag, True)
    assert 0.9 <= language.confidence <= 1


@pytest.mark.parametrize("tag", ["de", "ro", "fil", "ru", "el", "az", "pl", "vi"])
def test_capitals_change_nothing(process: Process, tag: str) -> None:
    assert tagged(process, SENTENCES[tag].upper()).tag == tag


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "12345",
        "2024-11-30 18:45",
        "https://news.example/a/1",
        "😀🔥",
        "€ £ ¥",
        "\x00\x01",
        "\ud800",
    ],
)
def test_text_without_language_is_zxx(process: Process, text: str) -> None:
    language = tagged(process, text)
    assert (language.tag, language.script, language.reliable) == ("zxx", "Zyyy", False)


def test_a_single_name_is_not_reliable(process: Process) -> None:
    for name in ("Reuters", "Kim Jong Un", "NATO", "COVID-19"):
        assert not tagged(process, name).reliable


@pytest.mark.parametrize(
    "text",
    [
        # Klingon and two invented languages: nobody's, and not to be taken for the nearest neighbour's
        "tlhIngan Hol Dajatlh'a' nuqneH Qapla' batlh Daqawlu'taH reH tay' ghot tuqDaj je qaStaH nuq jay'",
        "Ombe talura feshi nakorit belan esu daravi molte, kesh unavor tiramel osho benda filaru yemok.",
        "Zhurek malovin tasp ekkoru denfi halum brisk, otavel runshi komp dalet yuvorin eshkal tromb.",
    ],
)
def test_an_unknown_language_is_not_reliable(process: Process, text: str) -> None:
    assert not tagged(process, text).reliable


def test_siblings_state_their_macrolanguage(process: Process) -> None:
    assert tagged(process, SENTENCES["hr"]).macro == "hbs"
    assert tagged(process, SENTENCES["nn"]).macro == "no"
    assert tagged(process, SENTENCES["de"]).macro is None


def test_serbian_is_tagged_by_its_script(process: Process) -> None:
    latin = tagged(process, SENTENCES["sr-Latn"])
    cyrillic = tagged(process, SENTENCES["sr"])
    assert (latin.tag, latin.script) == ("sr-Latn", "Latn")
    assert (cyrillic.tag, cyrillic.script) == ("sr", "Cyrl")


def test_cyrillic_typed_with_latin_letters_that_look_alike_is_read(process: Process) -> None:
    typed = SENTENCES["sr"].translate(str.maketrans("аеојс", "aeojc"))
    language = tagged(process, typed)
    assert (language.tag, language.script, language.reliable) == ("sr", "Cyrl", True)


def test_chinese_states_its_script(process: Process) -> None:
    assert (tagged(process, SENTENCES["zh-Hans"]).tag, tagged(process, SENTENCES["zh-Hans"]).script) == (
        "zh-Hans",
        "Hans",
    )
    assert tagged(process, SENTENCES["zh-Hant"]).script == "Hant"


def test_a_declaration_decides_between_siblings_but_not_against_the_text(process: Process) -> None:
    short = "Novi most u gradu"
    assert tagged(process, short, hint="hr").tag == "hr"
    assert tagged(process, short, declared="bs_BA").tag == "bs"
    assert tagged(process, SENTENCES["de"], hint="fr", declared="fr-FR").tag == "de"
    assert tagged(process, SENTENCES["el"], declared="en").tag == "el"


@pytest.mark.parametrize(
    "hint", ["", "xx", "zh_TW", "not a language", "tlh", "-", "_", "und", "\x00", "a" * 35]
)
def test_a_strange_declaration_does_no_harm(process: Process, hint: str) -> None:
    assert tagged(process, SENTENCES["fr"], hint=hint, declared=hint).tag == "fr"


def test_a_title_helps_a_short_text(process: Process) -> None:
    alone = tagged(process, "Ansa 12.30")
    titled = tagged(process, "Ansa 12.30", title=SENTENCES["it"])
    assert not alone.reliable
    assert titled.tag == "it"


def test_two_languages_make_two_segments_cut_at_the_line(process: Process) -> None:
    text = f"{SENTENCES['ro']}\n{SENTENCES['ro']}\n{SENTENCES['el']}"
    cut = text.rindex("\n") + 1
    parts = tagged(process, text).segments
    assert [(part.start, part.end, part.tag) for part in parts] == [(0, cut, "ro"), (cut, len(text), "el")]


def test_a_short_line_takes_the_language_around_it(process: Process) -> None:
    text = f"{SENTENCES['de']}\nOK!\n{SENTENCES['de']}"
    parts = tagged(process, text).segments
    assert [(part.start, part.end, part.tag) for part in parts] == [(0, len(text), "de")]


def test_nothing_but_the_language_is_changed(process: Process) -> None:
    given_article = article(SENTENCES["de"], title="Renten", hint="de")
    outcome = process(given_article)
    assert isinstance(outcome, Emit)
    for name in CleanArticle.__dataclass_fields__:
        assert getattr(outcome.article, name) == getattr(given_article, name)


anything = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=400)
lines = st.lists(st.one_of(anything, st.sampled_from(list(SENTENCES.values()))), max_size=8).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=lines, title=st.none() | anything, hint=st.none() | st.text(max_size=35))
def test_any_text_gets_a_language_whose_segments_tile_it(
    process: Process, text: str, title: str | None, hint: str | None
) -> None:
    language = tagged(process, text, title=title, hint=hint)
    assert language == tagged(process, text, title=title, hint=hint)
    assert 0 <= language.confidence <= 1
    assert all(0 <= other.confidence <= 1 for other in language.alternatives)
    assert language.tag not in [other.tag for other in language.alternatives]
    assert not (language.reliable and language.tag in ("und", "zxx"))
    assert 1 <= len(language.tag) <= 35
    bounds = [0, *[part.end for part in language.segments]]
    assert [part.start for part in language.segments] == bounds[:-1]
    assert bounds[-1] == len(text)
    assert all(
        left.tag != right.tag for left, right in zip(language.segments, language.segments[1:], strict=False)
    )


MEGABYTE = 1 << 20
HUGE = {
    "one token": "a" * MEGABYTE,
    "one CJK token": "橋" * (MEGABYTE // 3),
    "at signs": "a@" * (MEGABYTE // 2),
    "brackets": "<" * MEGABYTE,
    "lines": "x y\n" * (MEGABYTE // 4),
    "empty lines": "\n" * MEGABYTE,
    "prose in many lines": (SENTENCES["ro"] + "\n") * (MEGABYTE // 120),
    "two languages in many lines": (SENTENCES["ro"] + "\n" + SENTENCES["en"] + "\n") * (MEGABYTE // 240),
    "surrogates": "\ud83d" * (MEGABYTE // 3),
    "combining marks": "e" + "\u0301" * (MEGABYTE // 2),
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_megabyte_of_anything_takes_under_a_fifth_of_a_second(process: Process, kind: str) -> None:
    begun = time.process_time()
    tagged(process, HUGE[kind], title=HUGE[kind][:2000])
    assert time.process_time() - begun < 0.2
