"""The memory of repeated lines: what is learnt, what is taken out, and what never is."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.clean import counts as counting
from agents.clean.counts import Counts, line_key, source_of, to_bytes
from agents.clean.repeated import decided, load_repeated
from agents.clean.residue.phrasebook import fold_words
from agents.clean.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas.article import CleanArticle, RawArticle
from schemas.errors import SettingsError

RECEIVED = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
PLAIN = STAGE.load(Resources())
SLOGAN = "Harbour Gazette, the paper of the coast"
MOTTO = "The Gazette has belonged to the people who write it and to nobody else since the spring of 1911."
PLACES = ("Porto", "Bergen", "Tallinn", "Gdansk", "Cork", "Genoa", "Izmir", "Malaga", "Nantes", "Riga")
THINGS = (
    "tram",
    "library",
    "ferry",
    "school",
    "bridge",
    "market",
    "theatre",
    "hospital",
    "museum",
    "station",
)
SYLLABLES = (
    "ka",
    "lo",
    "min",
    "ter",
    "sa",
    "vin",
    "do",
    "bel",
    "rek",
    "tu",
    "hal",
    "ni",
    "gor",
    "pe",
    "zan",
    "wi",
)


def body(number: int) -> list[str]:
    """Two paragraphs about people and places that no other number has."""
    chance = random.Random(number)
    name, other, third, fourth, fifth, sixth = (
        "".join(chance.sample(SYLLABLES, 3)).title() for _ in range(6)
    )
    place, thing = PLACES[number % 10], THINGS[number // 10 % 10]
    return [
        f"Mayor {name} of {place} met {other} and {third} at the {thing}, which {fourth} closed in {number + 1900}.",
        f"Neither {fifth} nor the sister of {sixth} came; {other} said {place} needs {name} more than a {thing}.",
    ]


def article(
    lines: list[str], source: str | None = "gazette.example", process: Process = PLAIN
) -> CleanArticle:
    raw = RawArticle(id="a", content="\n".join(lines), source=source, received_at=RECEIVED)
    outcome = process(raw)
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, CleanArticle)
    return outcome.article


def learnt(folder: Path, counts: Counts) -> Process:
    """The stage with these counts, through the file."""
    path = folder / "lines.json"
    path.write_bytes(to_bytes(counts))
    return STAGE.load(Resources(repeated_lines=path))


def counted(count: int, *after: str, source: str = "gazette.example") -> Counts:
    """The counts after so many different articles that all end in the lines ``after``."""
    counts = Counts()
    for number in range(count):
        counts.add(article([*body(number), *after], source))
    return counts


def test_the_lines_are_such_that_cleaning_alone_leaves_them() -> None:
    assert article([*body(1), SLOGAN, MOTTO]).text.split("\n") == [*body(1), SLOGAN, MOTTO]


def test_a_line_of_many_articles_is_taken_out_and_explained(tmp_path: Path) -> None:
    process = learnt(tmp_path, counted(6, SLOGAN))
    cleaned = article([*body(70), SLOGAN], process=process)
    assert cleaned.text.split("\n") == body(70)
    [removed] = cleaned.removed
    assert (removed.reason, removed.text.strip()) == ("repeated_line", SLOGAN)
    assert article([*body(70), SLOGAN], "other.example", process).text.endswith(SLOGAN)
    assert article([*body(70), SLOGAN], None, process).text.endswith(SLOGAN)


def test_four_articles_are_too_few(tmp_path: Path) -> None:
    process = learnt(tmp_path, counted(4, SLOGAN))
    assert article([*body(70), SLOGAN], process=process).text.endswith(SLOGAN)


def test_a_full_sentence_needs_half_of_many_articles(tmp_path: Path) -> None:
    often = counted(19, MOTTO)
    assert article([*body(70), MOTTO], process=learnt(tmp_path, often)).text.endswith(MOTTO)
    often.add(article([*body(19), MOTTO]))
    assert MOTTO not in article([*body(70), MOTTO], process=learnt(tmp_path, often)).text
    for number in range(20, 41):  # now it stands in 20 of 41
        often.add(article(body(number)))
    assert article([*body(70), MOTTO], process=learnt(tmp_path, often)).text.endswith(MOTTO)


def test_updates_of_one_story_teach_nothing(tmp_path: Path) -> None:
    counts = Counts()
    for number in range(30):
        story = [
            *body(1),
            *body(2),
            *body(3),
            *body(4),
            f"Update {number}: the {THINGS[number % 10]} is open.",
        ]
        counts.add(article(story))
    assert counts.sources["gazette.example"].articles == 1
    assert decided(counts) == {}


def test_a_repeated_line_between_paragraphs_stays(tmp_path: Path) -> None:
    process = learnt(tmp_path, counted(30, SLOGAN))
    lines = [*body(70), SLOGAN, *body(71)]
    assert article(lines, process=process).text.split("\n") == lines


def test_a_form_that_is_filled_in_stays(tmp_path: Path) -> None:
    form = [f"{place} harbour water level and wind" for place in PLACES]
    counts = counted(30, *form)
    assert decided(counts)["gazette.example"].often
    lines = ["High water tonight.", *form]
    assert article(lines, process=learnt(tmp_path, counts)).text.split("\n") == lines


def test_a_line_that_is_taken_out_goes_on_being_counted(tmp_path: Path) -> None:
    counts = counted(6, SLOGAN)
    process = learnt(tmp_path, counts)
    page = "<p>{}</p><p>{}</p><p>Harbour <b>Gazette</b>, the paper of the coast</p>"
    raw = RawArticle(
        id="a", content=page.format(*body(70)), content_type="text/html", source="gazette.example",
        received_at=RECEIVED,
    )  # fmt: skip
    outcome = process(raw)
    assert isinstance(outcome, Emit)
    assert [item.reason for item in outcome.article.removed] == ["repeated_line"]
    key = line_key(fold_words(SLOGAN))
    assert key is not None
    counts.add(outcome.article)
    counts.add(article([*body(71), SLOGAN], process=process))
    assert counts.sources["gazette.example"].lines[key].articles == 8


def test_a_line_that_is_no_longer_printed_is_forgotten() -> None:
    counts = counted(6, SLOGAN)
    assert decided(counts)["gazette.example"].often == {line_key(fold_words(SLOGAN))}
    for number in range(6, 70):
        counts.add(article(body(number)))
    assert decided(counts) == {}


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_LINES", 20)
    monkeypatch.setattr(counting, "MOST_SOURCES", 3)
    monkeypatch.setattr(counting, "_RECENT", 50)
    counts = counted(40, SLOGAN)
    source = counts.sources["gazette.example"]
    assert len(source.lines) == 20
    assert len(source.recent) == 50
    assert decided(counts)["gazette.example"].often == {line_key(fold_words(SLOGAN))}, "what repeats stays"
    for name in ("a", "b", "gazette.example", "c", "d"):
        counts.add(article(body(50), name))
    assert list(counts.sources) == ["gazette.example", "c", "d"], "the one unheard of for longest goes"


def test_what_is_known_of_a_source_is_part_of_the_version_of_its_events_alone(tmp_path: Path) -> None:
    counts = counted(6, SLOGAN)
    process = learnt(tmp_path, counts)
    first = article(body(70), process=process).provenance.stages
    assert first == {"clean": f"{STAGE.version}+{decided(counts)['gazette.example'].version}"}
    assert article(body(70), "other.example", process).provenance.stages == {}
    counts.add(article([*body(71), SLOGAN]))
    assert article(body(70), process=learnt(tmp_path, counts)).provenance.stages == first, (
        "it knows the same lines"
    )
    for number in range(7, 13):
        counts.add(article([*body(number), SLOGAN, "Tip line of the harbour"]))
    assert article(body(70), process=learnt(tmp_path, counts)).provenance.stages != first


def test_the_same_file_gives_the_same_bytes_and_cleaning_twice_changes_nothing(tmp_path: Path) -> None:
    counts = counted(25, SLOGAN, MOTTO)
    one, other = learnt(tmp_path, counts), learnt(tmp_path, counts)
    lines = [SLOGAN, *body(70), SLOGAN, MOTTO]
    first = article(lines, process=one)
    assert first == article(lines, process=other)
    assert first.text.split("\n") == body(70)
    again = article(first.text.split("\n"), process=one)
    assert (again.text, again.removed) == (first.text, ())


def test_a_source_is_its_name_or_the_host_of_the_address() -> None:
    assert source_of("WWW.News.example", "https://other.example/1") == "news.example"
    assert source_of(None, "https://www.News.example:8080/1") == "news.example"
    assert source_of(None, "http://[") is None
    assert source_of(None, None) is None


def test_a_file_of_another_kind_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    for content in (b"{", b"[]", b'{"format":"babelwire repeated lines 0","counts":{}}'):
        path.write_bytes(content)
        with pytest.raises(SettingsError, match="Expected a file made by `babelwire learn` at"):
            load_repeated(path)
    with pytest.raises(SettingsError, match="No such file"):
        load_repeated(tmp_path / "missing.json")


def test_an_article_without_a_source_is_not_counted() -> None:
    counts = Counts()
    counts.add(replace(article(body(1)), source=None))
    assert counts == Counts()
