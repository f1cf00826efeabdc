"""What is made of what the line model says."""

from __future__ import annotations

import pytest

from agents.clean.residue import by_model
from agents.clean.residue.by_model import mark_by_model
from agents.clean.residue.phrasebook import all_phrases as phrases
from agents.clean.residue.units import Unit, line_views
from schemas.article import RemovalReason

PARAGRAPH = (
    "The harbour council met on Friday and agreed that the second ferry shall sail twice a day from spring."
)


def judged(*lines: tuple[str, int]) -> list[Unit]:
    """The lines with what the model says of each, in thousandths of a logit."""
    units = [
        Unit(start=number, end=number + 1, view=view, logit=logit)
        for number, (view, (_, logit)) in enumerate(
            zip(line_views([text for text, _ in lines], phrases()), lines, strict=True)
        )
    ]
    mark_by_model(units)
    return units


def reasons(*lines: tuple[str, int]) -> list[RemovalReason | None]:
    return [unit.reason for unit in judged(*lines)]


def test_numbered_lines_among_paragraphs_are_a_list_of_the_story() -> None:
    own = (PARAGRAPH, -4000)
    lines = [own, ("1. Blue tent", 4000), own, ("2. Green tent", 4000), own, ("3. Red tent", 4000), own]
    assert reasons(*lines) == [None] * 7
    two = [own, ("1. Blue tent", 4000), own, ("2. Green tent", 4000), own]
    assert reasons(*two) == [None, "navigation", None, "navigation", None]
    apart = [own, ("1. Blue tent", 4000), own, ("7. Green tent", 4000), own, ("9. Red tent", 4000), own]
    assert reasons(*apart) == [None, "navigation", None, "navigation", None, "navigation", None]


def test_a_numbered_box_under_a_heading_is_not() -> None:
    own = (PARAGRAPH, -4000)
    box = [("1. Blue tent", 4000), ("2. Green tent", 4000), ("3. Red tent", 4000)]
    units = judged(own, ("Most read", 0), *box, own)
    assert [unit.reason for unit in units] == [None] * 6, "no heading was found by its phrase yet"
    for unit in units:
        unit.reason = None
    units[1].reason = "related_teaser"
    mark_by_model(units)
    assert None not in [unit.reason for unit in units[2:5]]
    assert units[5].reason is None


def test_among_many_short_lines_only_what_is_nearly_certain_goes() -> None:
    own = (PARAGRAPH, -4000)
    few = [own, *[("blue tent, harbour shop", 100)] * 5, ("green tent", 3000), own]
    many = [own, *[("blue tent, harbour shop", 100)] * 20, ("green tent", 3000), ("red tent", 4600), own]
    assert reasons(*few)[6] == "navigation"
    assert reasons(*many)[21:23] == [None, "navigation"]


def test_lines_built_alike_under_the_story_are_its_list() -> None:
    own = (PARAGRAPH, -4000)
    dates = [
        (f"{day} June – Lume, {hall}", 3000)
        for day, hall in ((4, "Old Quay"), (6, "Hall"), (9, "Mole"), (11, "Tower"))
    ]
    assert reasons(own, own, *dates) == [None] * 6
    few = reasons(own, own, *dates[:2], ("Ferries in spring", 3000), dates[2])
    assert None not in few[2:], "three alike are too few"
    halls = ("Old Quay (closed)", "Hall, first floor", "Mole & Pier", "St. Anne")
    unlike = [(f"{day} June – Lume, {hall}", 3000) for day, hall in zip((4, 6, 9, 11), halls, strict=True)]
    assert reasons(own, own, *unlike) == [None] * 6, "they begin alike"
    sure = [(text, 5000) for text, _ in dates]
    assert None not in reasons(own, own, *sure)[2:], "but not where the model is nearly certain"


def test_a_full_sentence_needs_more_above_the_story_than_in_or_below_it() -> None:
    own = (PARAGRAPH, -4000)
    sentence = "The old lighthouse keeper has sold his house to a painter from the town."
    assert reasons(own, (sentence, 2400), own) == [None, "related_teaser", None]
    assert reasons(own, own, (sentence, 2200)) == [None, None, None]
    assert reasons(own, own, (sentence, 2400)) == [None, None, "related_teaser"]
    assert reasons((sentence, 3400), own, own) == [None, None, None]
    assert reasons((sentence, 3600), own, own) == ["navigation", None, None]


def test_a_headline_says_what_the_story_says() -> None:
    own = (PARAGRAPH, -4000)
    headline = ("Second harbour ferry agreed", 4000)
    assert reasons(("News / Region", 4000), headline, own, own, own) == ["navigation", None, None, None, None]
    other = ("Editors choose seven films", 4000)
    assert reasons(("News / Region", 4000), other, own, own, own)[1] == "navigation"


def test_a_line_is_read_no_more_than_twice_however_many_stand_above_the_story(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[Unit] = []
    stems = by_model._stems

    def counted(unit: Unit) -> set[str]:
        read.append(unit)
        return stems(unit)

    monkeypatch.setattr(by_model, "_stems", counted)
    above = [(f"Somewhere else entirely, number {number}", 4000) for number in range(60)]
    lines = [*above, *[(PARAGRAPH, -4000)] * 60]
    judged(*lines)
    assert 60 <= len(read) <= 2 * len(lines)
