"""No input takes long: what is counted here grew with the square of the text, or faster, before it was bounded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from lxml.html import fromstring

from agents.clean import cleaner
from agents.clean.edits import Aligned
from agents.clean.page import bounds
from agents.clean.page.bounds import few_authors, justext_of, keep_within_bounds
from agents.clean.page.page import read_page
from agents.clean.repair import characters, joins, mojibake
from agents.clean.residue import by_phrase, lines
from agents.clean.residue.bios import mark_bios
from agents.clean.residue.forms import ends_credited
from agents.clean.residue.phrasebook import all_phrases
from agents.clean.residue.units import Unit, line_views, units_of
from agents.clean.stage import STAGE
from agents.stage import Emit, Outcome, Reject, Resources
from schemas import codec
from schemas.article import RawArticle
from schemas.errors import RejectReason

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SENTENCE = "The harbour council met on Friday and agreed that the second ferry shall sail twice a day. "
STORY = "".join(f"<p>{number}: {SENTENCE}</p>" for number in range(12))


def page(head: str, body: str = STORY) -> str:
    return f"<html><head><title>A second ferry</title>{head}</head><body>{body}</body></html>"


def described(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


class Counted:
    """Counts how often a function is called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.times = function, 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.times += 1
        return self.function(*given, **named)


@pytest.mark.parametrize(
    "text",
    [
        "{" + '"author":' * 20_000,
        "{" + '"author"' * 900 + '"name"' * 900,
        "{" + '"Person"' * 20_000,
        "{" + '"publisher":' * 20_000,
        "{" + '"@type":"Organization",' * 9_000,
        '{"a": "' + '\\"' * 90_000,
        '{"headline": "' + "<" * 90_000 + '"}',
        '{"headline": "' + "<!-- >" * 30_000 + '"}',
        '{"headline": "<p ' + "=" * 30_000 + '"}',
        '{"@type": ["a",' * 15_000,
    ],
    ids=lambda text: text[:24],
)
def test_a_description_that_would_be_read_for_minutes_is_not_read_at_all(text: str) -> None:
    tree = fromstring(page(described(text)))
    keep_within_bounds(tree)
    assert [script.text for script in tree.iter("script")] == [None]
    read = read_page(page(described(text)), NOW)
    assert read is not None
    assert "11: The harbour council" in read.body.text


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://schema.org", "@type": "NewsArticle", "author": [{"name": "Ana Rusk"}]}',
        '{"@type": "NewsArticle", "author": {"name": "Ana Rusk"}, "articleBody": "<p>It rained.</p>",}',
    ],
)
def test_an_ordinary_description_is_read(text: str) -> None:
    tree = fromstring(page(described(text)))
    keep_within_bounds(tree)
    assert [script.text for script in tree.iter("script")] == [text]


def test_what_an_element_says_at_too_great_length_is_cut() -> None:
    tree = fromstring(
        page(f'<meta property="og:title" content="a{" " * 50_000}b"><meta name="author" content="Ana Rusk">')
    )
    keep_within_bounds(tree)
    assert [len(meta.get("content")) for meta in tree.iter("meta")] == [10_000, 8]


def test_authors_are_gathered_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = import_module("trafilatura.metadata")
    counted = Counted(metadata.normalize_authors)
    monkeypatch.setattr(metadata, "normalize_authors", counted)
    with few_authors():
        assert metadata.normalize_authors(None, "Ana Rusk") == "Ana Rusk"
        for number in range(3_000):
            metadata.normalize_authors("Ana Rusk", f"Ole Lind{number}")
        assert metadata.normalize_authors("Ana Rusk", "{" * 50_000) == "Ana Rusk"
    assert 1 < counted.times <= 100
    assert metadata.normalize_authors is counted


def test_many_elements_that_stand_deep_are_too_complex_unless_they_are_only_never_closed() -> None:
    deep = page("", "<div>" * 240 + STORY * 100 + "</div>" * 240)
    assert read_page(deep, NOW) is None
    unclosed = page("", "".join(f"<p>{number}: {SENTENCE}" for number in range(450)) + "<b>so</b> " * 3_000)
    read = read_page(unclosed, NOW)
    assert read is not None
    assert "449: The harbour council" in read.body.text


def test_justext_is_not_asked_about_a_page_of_thousands_of_paragraphs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(bounds.TRY_JUSTEXT)
    monkeypatch.setattr(bounds, "TRY_JUSTEXT", counted)
    justext_of(fromstring(page("")), None, None)
    assert counted.times == 1
    assert len(justext_of(fromstring(page("", "<p>It rained.</p>" * 3_000)), None, None)) == 0
    assert counted.times == 1


def test_what_a_line_says_to_its_reader_is_asked_once_whatever_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(by_phrase.speaks_to_reader)
    monkeypatch.setattr(by_phrase, "speaks_to_reader", counted)
    (unit,) = units_of(
        "The minister " + "shall subscribe to our newsletter and " * 200 + "go.", all_phrases(), {}
    )
    assert len(unit.view.hits) >= 200
    by_phrase.by_phrase(unit)
    assert counted.times == 1


def test_an_abbreviation_is_looked_for_near_its_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    class Pattern:
        def search(self, text: str, start: int, end: int) -> object:
            looked_at.append(end - start)
            return found.search(text, start, end)

    found = lines._ABBREVIATED
    monkeypatch.setattr(lines, "_ABBREVIATED", Pattern())
    text = "A. B. C. " * 500
    assert list(lines.sentence_spans(text, 0, len(text) - 1)) == [(0, len(text) - 1)]
    assert len(looked_at) > 1_000
    assert max(looked_at) <= 24


def test_a_token_is_read_once_however_many_stops_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(joins._token)
    monkeypatch.setattr(joins, "_token", counted)
    joins.joins("-".join(["abcd.Efgh"] * 300))
    assert counted.times == 1


def test_what_others_say_is_put_together_once_for_all_authors() -> None:
    phrases = all_phrases()
    texts = [f"王{chr(0x4E00 + number)}是晨光日报记者，常驻维也纳。" for number in range(9)] + [
        "部长周一在维也纳讲话。王一也来了。"
    ]
    units = [Unit(number, number + 1, view) for number, view in enumerate(line_views(texts, phrases))]
    for unit in units[:-1]:
        unit.reason = "author_bio"
    mark_bios(units)
    assert units[0].reason is None, "the story names 王一"
    assert {unit.reason for unit in units[1:-1]} == {"author_bio"}


def test_a_word_of_capitals_is_no_name_of_many_beginnings() -> None:
    phrases = all_phrases()
    assert ends_credited("The old quay, photo " + "A" * 100_000 + ")", phrases) is None
    assert ends_credited("The old quay, photo AnaRusk", phrases) == 14


def test_rounds_end_where_they_have_looked_at_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(lambda text, *_: [(0, 1, "navigation")])
    monkeypatch.setattr(cleaner, "removals", counted)
    cleaner.clean_text(Aligned.whole(SENTENCE), SENTENCE, all_phrases())
    assert counted.times == 12
    counted.times = 0
    monkeypatch.setattr(cleaner, "_LOOKED_AT", 3 * len(SENTENCE))
    cleaner.clean_text(Aligned.whole(SENTENCE), SENTENCE, all_phrases())
    assert counted.times == 3


def test_a_text_of_more_repairs_than_an_event_can_tell_of_is_not_repaired_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Counted(cleaner.merged)
    monkeypatch.setattr(cleaner, "merged", asked)
    process = STAGE.load(Resources())

    def of(repairs: int) -> Outcome:
        content = SENTENCE + "quays\u00a0" * repairs + "end."
        return process(RawArticle(id="x", content=content, received_at=NOW))

    few = of(1_000)
    assert isinstance(few, Emit)
    assert len(few.article.repairs) == 1_000
    often = asked.times
    many = of(120_001)
    assert isinstance(many, Reject)
    assert (many.reason, asked.times) == (RejectReason.RESULT_TOO_LARGE, often + 1)


@pytest.mark.parametrize(
    "content",
    [
        SENTENCE + "a\u00a0" * 12_000 + "end.",
        SENTENCE + "a\x01" * 12_000 + "end.",
        SENTENCE + "aÃ©\n" * 12_000 + "end.",
        SENTENCE + "a\u00ad\r\n" * 12_000 + "end.",
    ],
    ids=["spaces", "controls", "mojibake", "breaks"],
)
def test_a_repair_and_a_run_take_no_less_than_what_they_are_counted_for(content: str) -> None:
    outcome = STAGE.load(Resources())(RawArticle(id="x", content=content, received_at=NOW))
    assert isinstance(outcome, Emit)
    made = outcome.article
    assert len(made.repairs) >= 12_000
    for items, counted in ((made.repairs, cleaner._REPAIR), (made.alignment, cleaner._RUN)):
        assert len(codec.encode(items)) > counted * len(items)


def test_a_text_of_more_runs_than_an_event_can_tell_of_is_not_cleaned_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Counted(cleaner.removals)
    monkeypatch.setattr(cleaner, "removals", asked)
    with pytest.raises(cleaner.TooManyRepairsError):
        cleaner.clean_text(Aligned.whole("a\r\n" * 230_000), "a\r\n" * 230_000, all_phrases())
    assert asked.times == 0
    cleaner.clean_text(Aligned.whole("a\r\n" * 30_000), "a\r\n" * 30_000, all_phrases())
    assert asked.times == 1


@pytest.mark.parametrize(
    ("content", "rounds"),
    [("So.\n" * 9_000, 3), ("so " * 60_000, 12), ("so\x01 " * 60_000, 2)],
    ids=["short lines", "words", "pieces"],
)
def test_rounds_over_many_short_lines_or_pieces_end_sooner(
    content: str, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(lambda text, *_: [(0, 1, "navigation")])
    monkeypatch.setattr(cleaner, "removals", counted)
    cleaner.clean_text(Aligned.whole(content), content, all_phrases())
    assert counted.times == rounds


def test_no_more_invisible_characters_are_listed_than_an_event_can_tell_of() -> None:
    assert len(characters.character_repairs("\0" * 300_000)) == 230_000
    assert 230_000 * cleaner._RUN > cleaner._LARGEST


def test_ftfy_is_asked_about_a_word_or_two_of_damage_and_not_about_a_text_full_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(mojibake.ftfy.fix_encoding)
    monkeypatch.setattr(mojibake.ftfy, "fix_encoding", counted)
    line = "Й, " + SENTENCE + "itâ€™s late.\n"
    assert len(mojibake.mojibake(line * 100)) == 100
    often = counted.times
    assert often >= 100
    assert mojibake.mojibake(line * 2_000) == []
    assert counted.times == often


def test_pieces_that_are_told_by_all_that_stands_around_them_do_not_grow_with_the_square_of_the_page() -> (
    None
):
    # the extractor repeats what stands between tags that close nothing: 480 MB of removed pieces for 70 kB
    content = page("", STORY + ("<br>x " * 480 + "</br>" * 480) * 14 + STORY)
    outcome = STAGE.load(Resources())(
        RawArticle(id="x", content=content, content_type="text/html", received_at=NOW)
    )
    assert isinstance(outcome, Reject)
    assert outcome.reason is RejectReason.RESULT_TOO_LARGE
    assert outcome.detail == "The text needs more repairs than an event can tell of."


def test_a_page_of_too_many_tags_is_not_read() -> None:
    assert read_page(page("", "<p>It rained.</p>" * 9_900), NOW) is not None
    assert read_page(page("", "<p>It rained.</p>" * 10_000), NOW) is None


@pytest.mark.parametrize("broken", ["", ' z="'], ids=["closed", "unclosed"])
def test_a_tag_of_too_many_attributes_is_not_parsed(broken: str) -> None:
    def of(count: int) -> str:
        return page(
            "", f"<p {' '.join(f'a{number}=b' for number in range(count))}{broken}>{SENTENCE}</p>{STORY}"
        )

    assert read_page(of(400), NOW) is not None
    assert read_page(of(600), NOW) is None
    assert read_page(page("", f'<p data-all="{SENTENCE * 900}">{SENTENCE}</p>{STORY}'), NOW) is not None
    stray = f'<p role=”note">{SENTENCE * 90}<b class="so">so</b></p>{STORY}'
    assert read_page(page("", stray), NOW) is not None, (
        "a tag whose stray quotation mark closes in another one"
    )
