from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from agents.entities.recognition.windows import LONGEST, OVERLAP, PACKED, windows


def bounds(lengths: list[int]) -> list[tuple[int, int]]:
    ends = list(accumulate(lengths, initial=0))
    return list(pairwise(ends))


def test_short_sentences_share_a_window_up_to_its_length() -> None:
    half = PACKED // 2
    found = [(w.first, w.last) for w in windows(bounds([half, half, half]))]
    assert found == [(0, 2 * half), (2 * half, 3 * half)]


def test_a_sentence_longer_than_a_window_is_read_in_several_that_overlap() -> None:
    found = list(windows(bounds([10, 2 * LONGEST, 10])))
    assert [(w.first, w.last) for w in found if w.first < 10] == [(0, 10)]
    long = [w for w in found if 10 <= w.first < 10 + 2 * LONGEST]
    assert all(one.last - other.first == OVERLAP for one, other in pairwise(long))
    seams = [w.stop for w in long[:-1]]
    assert all(
        min(one.last - seam, seam - other.first) == OVERLAP // 2
        for one, other, seam in zip(long, long[1:], seams, strict=False)
    )


@given(lengths=st.lists(st.integers(1, 3 * LONGEST), max_size=30))
def test_every_sub_word_is_labelled_once_and_stands_in_its_window(lengths: list[int]) -> None:
    found = list(windows(bounds(lengths)))
    taken = [piece for w in found for piece in range(w.begin, w.stop)]
    assert taken == list(range(sum(lengths)))
    for w in found:
        assert w.first <= w.begin < w.stop <= w.last
        assert w.last - w.first <= LONGEST
