"""Positions map both ways, for any list of edits."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Run
from schemas.offsets import to_clean, to_raw


@dataclass(frozen=True)
class Edited:
    """A raw text, what became of it, and where each clean code point came from."""

    raw: str
    clean: str
    runs: tuple[Run, ...]
    pieces: tuple[tuple[int, int, int, int, bool], ...]
    """clean start and end, raw start and end, copied?"""

    def origin(self, position: int) -> tuple[int, int]:
        """The raw span of the clean code point at ``position``: itself, or the whole replaced piece."""
        for clean_start, clean_end, raw_start, raw_end, copied in self.pieces:
            if clean_start <= position < clean_end:
                if copied:
                    at = raw_start + position - clean_start
                    return at, at + 1
                return raw_start, raw_end
        raise AssertionError(position)


WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFFF, exclude_categories=["Cs"]), min_size=1, max_size=6
)


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    """A text whose first and last pieces are kept, removed or repaired one for one, the others anyhow."""
    count = draw(st.integers(1, 8))
    raw, clean = "", ""
    runs: list[Run] = []
    pieces = []
    for index in range(count):
        kinds = ["keep", "remove", "repair"]
        if 0 < index < count - 1:
            kinds += ["replace", "insert"]
        kind = draw(st.sampled_from(kinds))
        old = "" if kind == "insert" else draw(WORDS)
        if kind == "keep":
            new = old
        elif kind == "remove":
            new = ""
        elif kind == "repair":
            new = "~" * len(old)
        else:
            new = draw(WORDS)
        if kind == "keep":
            last = runs[-1] if runs else None
            if last and last.clean + last.length == len(clean) and last.raw + last.length == len(raw):
                runs[-1] = Run(clean=last.clean, raw=last.raw, length=last.length + len(old))
            else:
                runs.append(Run(clean=len(clean), raw=len(raw), length=len(old)))
        pieces.append((len(clean), len(clean) + len(new), len(raw), len(raw) + len(old), kind == "keep"))
        raw += old
        clean += new
    return Edited(raw, clean, tuple(runs), tuple(pieces))


@given(edited(), st.data())
def test_a_mapped_clean_span_covers_where_its_text_came_from(text: Edited, data: st.DataObject) -> None:
    if not text.runs or not text.clean:
        assert to_raw(text.runs, 0, 0) == (0, 0) or text.runs
        return
    inner = range(text.runs[0].clean, text.runs[-1].clean + text.runs[-1].length)
    start = data.draw(st.integers(inner.start, inner.stop - 1))
    end = data.draw(st.integers(start + 1, inner.stop))
    raw_start, raw_end = to_raw(text.runs, start, end)
    assert 0 <= raw_start <= raw_end <= len(text.raw)
    for position in range(start, end):
        origin_start, origin_end = text.origin(position)
        assert raw_start <= origin_start
        assert origin_end <= raw_end


@given(edited())
def test_each_copied_code_point_maps_to_itself_and_back(text: Edited) -> None:
    for run in text.runs:
        for step in range(run.length):
            clean, raw = run.clean + step, run.raw + step
            assert text.clean[clean] == text.raw[raw]
            assert to_raw(text.runs, clean, clean + 1) == (raw, raw + 1)
            assert to_clean(text.runs, raw, raw + 1) == (clean, clean + 1)


@given(edited(), st.data())
def test_what_is_copied_survives_the_round_trip(text: Edited, data: st.DataObject) -> None:
    if not text.runs:
        return
    stop = text.runs[-1].clean + text.runs[-1].length
    start = data.draw(st.integers(0, stop - 1))
    end = data.draw(st.integers(start + 1, stop))
    back_start, back_end = to_clean(text.runs, *to_raw(text.runs, start, end))
    copied = {run.clean + step for run in text.runs for step in range(run.length)}
    assert copied & set(range(start, end)) <= set(range(back_start, back_end))


@given(edited(), st.data())
def test_mapping_keeps_order(text: Edited, data: st.DataObject) -> None:
    for mapping, size in ((to_raw, len(text.clean)), (to_clean, len(text.raw))):
        points = sorted(data.draw(st.lists(st.integers(0, size), min_size=2, max_size=6)))
        spans = [mapping(text.runs, point, point + 1) for point in points]
        assert [span[0] for span in spans] == sorted(span[0] for span in spans)
        assert [span[1] for span in spans] == sorted(span[1] for span in spans)


def runs(*triples: tuple[int, int, int]) -> tuple[Run, ...]:
    return tuple(Run(clean=clean, raw=raw, length=length) for clean, raw, length in triples)


def test_a_removed_piece_is_not_part_of_the_text_beside_it() -> None:
    # raw "abXXcd", clean "abcd"
    alignment = runs((0, 0, 2), (2, 4, 2))
    assert to_raw(alignment, 0, 2) == (0, 2)
    assert to_raw(alignment, 2, 4) == (4, 6)
    assert to_raw(alignment, 1, 3) == (1, 5)
    assert to_clean(alignment, 2, 4) == (2, 2)


def test_a_span_into_a_replaced_piece_is_widened_to_all_of_it() -> None:
    # raw "ab...cd", clean "ab…cd"
    alignment = runs((0, 0, 2), (3, 5, 2))
    assert to_raw(alignment, 2, 3) == (2, 5)
    assert to_clean(alignment, 3, 4) == (2, 3)


def test_a_repair_at_the_very_beginning_or_end_belongs_to_the_text() -> None:
    # raw "Banner\nŞerban Ionaş", clean "Șerban Ionaș"
    alignment = runs((1, 8, 10))
    assert to_raw(alignment, 0, 6) == (7, 13)
    assert to_raw(alignment, 7, 12) == (14, 19)
    assert to_raw(alignment, 11, 12) == (18, 19)
    assert to_clean(alignment, 7, 13) == (0, 6)


def test_without_runs_everything_maps_to_nothing() -> None:
    assert to_raw((), 3, 7) == (0, 0)
    assert to_clean((), 3, 7) == (0, 0)


def test_an_empty_span_stays_empty() -> None:
    alignment = runs((1, 8, 10), (14, 30, 5))
    for at in range(20):
        start, end = to_raw(alignment, at, at)
        assert start == end
        start, end = to_clean(alignment, at, at)
        assert start == end
