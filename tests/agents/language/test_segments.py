"""The languages of a text by position, above all where its lines are in different scripts."""

from __future__ import annotations

import pytest

from agents.language import decide
from agents.language.decide import Judge
from agents.language.process import identify
from schemas.article import Language
from tests.agents.language.articles import SENTENCES, article


@pytest.fixture(scope="module")
def judge() -> Judge:
    return decide.load()


def lines(judge: Judge, *text: str) -> list[str]:
    """Returns the tag of each line."""
    return tags(identify(judge, article("\n".join(text))), text)


def tags(language: Language, text: tuple[str, ...]) -> list[str]:
    found, position = [], 0
    for line in text:
        found.append(next(one.tag for one in language.segments if one.start <= position < one.end))
        position += len(line) + 1
    return found


ONE_LINE = {
    "ja": "市議会は月曜日、図書館の改修予算を全会一致で可決した。",
    "zh-Hans": "市议会周一通过了图书馆的维修预算。",
    "ko": "시의회는 월요일에 도서관 예산을 통과시켰다.",
    "ru": "Городской совет одобрил ремонт.",
    "ar": "أعلنت البلدية ترميم المكتبة.",
    "he": "העירייה תתחיל בשיפוץ.",
    "el": "Το δημοτικό συμβούλιο ενέκρινε.",
    "th": "สภาเทศบาลอนุมัติงบประมาณซ่อมแซม",
    "am": "የከተማው ምክር ቤት በጀት አጸደቀ።",
}
"""One short line of news in each language, 20 to 35 characters."""


@pytest.mark.parametrize("tag", ONE_LINE)
@pytest.mark.parametrize("around", ["en", "de", "vi"])
def test_a_short_line_in_another_script_keeps_its_language(judge: Judge, around: str, tag: str) -> None:
    text = (SENTENCES[around], ONE_LINE[tag], SENTENCES[around])
    assert lines(judge, *text) == [around, tag, around]


@pytest.mark.parametrize("around", ["ru", "el", "he", "ja", "ko", "zh-Hans"])
def test_a_short_latin_line_in_another_script_keeps_its_language(judge: Judge, around: str) -> None:
    text = (SENTENCES[around], "The mayor said the work would take two years.", SENTENCES[around])
    assert lines(judge, *text) == [around, "en", around]


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("ca", "Llibreria municipal de la vila."),
        ("es", "Abre el lunes a las ocho."),
        ("nl", "Maar de nieuwe brug is te smal."),
    ],
)
def test_a_doubtful_latin_line_of_running_words_is_in_no_language_of_another_script(
    judge: Judge, tag: str, line: str
) -> None:
    assert lines(judge, SENTENCES["ru"], line, SENTENCES["ru"]) == ["ru", tag, "ru"]


@pytest.mark.parametrize("around", ["ru", "ja", "zh-Hans"])
def test_a_line_of_latin_names_takes_the_language_around_it(judge: Judge, around: str) -> None:
    text = (SENTENCES[around], "Nordvik Holding, Brightwell Inc., Castello & Figli", SENTENCES[around])
    assert lines(judge, *text) == [around, around, around]


def test_a_name_in_another_script_within_a_line_does_not_change_the_line(judge: Judge) -> None:
    named = "Mayor Chen Jiahui (陳佳慧) said so."
    assert lines(judge, SENTENCES["en"], named, SENTENCES["en"]) == ["en", "en", "en"]


def test_one_name_on_a_line_of_its_own_takes_the_language_around_it(judge: Judge) -> None:
    assert lines(judge, SENTENCES["fr"], "（陳佳慧）", SENTENCES["fr"]) == ["fr", "fr", "fr"]


@pytest.mark.parametrize("last", ["ja", "ko", "zh-Hant"])
def test_a_text_of_four_languages_has_four_segments(judge: Judge, last: str) -> None:
    text = tuple(SENTENCES[tag] for tag in ("en", "de", "fr", last))
    assert lines(judge, *text) == ["en", "de", "fr", last]


def test_a_text_of_four_scripts_has_four_segments_and_a_reliable_main_language(judge: Judge) -> None:
    text = (SENTENCES["en"], SENTENCES["ru"], ONE_LINE["ar"], ONE_LINE["ja"])
    language = identify(judge, article("\n".join(text)))
    assert tags(language, text) == ["en", "ru", "ar", "ja"]
    assert (language.tag, language.reliable) == ("en", True)


def test_one_language_in_two_scripts_is_told_apart(judge: Judge) -> None:
    assert lines(judge, SENTENCES["sr"], SENTENCES["sr-Latn"]) == ["sr", "sr-Latn"]
