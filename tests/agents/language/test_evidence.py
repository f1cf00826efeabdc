"""The part of a text that is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.language.evidence import SAMPLE, sample, tidy


def test_addresses_handles_and_markup_are_left_out() -> None:
    text = "Mehr unter https://news.example/a?b=1 oder a.b@news.example von @redaktion <b>heute</b>"
    assert tidy(text) == "Mehr unter oder von heute"


def test_a_long_text_is_seen_at_its_beginning_middle_and_end() -> None:
    text = "anfang " * 200 + "mitte " * 400 + "ende " * 200
    seen = sample(text)
    assert len(seen) <= SAMPLE + 10
    assert {"anfang", "mitte", "ende"} == set(seen.split())


def test_a_short_text_is_seen_whole() -> None:
    assert sample("Ein Satz.") == "Ein Satz."


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=2000))
def test_what_is_seen_is_valid_and_bounded(text: str) -> None:
    seen = sample(text)
    seen.encode("utf-8")
    assert "\x00" not in seen
    assert len(seen) <= 3 * SAMPLE + 10
