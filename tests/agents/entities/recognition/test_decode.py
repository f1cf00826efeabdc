from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.recognition.decode import LABELS, Labelled, Scores, names, word_scores


def scores(*labels: str, high: float = 4.0) -> Scores:
    rows = np.zeros((len(labels), len(LABELS)), dtype=np.float32)
    for at, label in enumerate(labels):
        rows[at, LABELS.index(label)] = high
    return rows


def read(rows: Scores) -> list[tuple[int, int, str]]:
    each = np.arange(len(rows))
    logs = word_scores(rows, each, each + 1)
    return [(one.first, one.last, one.kind) for one in names(logs, [(0, len(rows))])]


def test_labels_in_order_are_names() -> None:
    assert read(scores("B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-LOC")) == [
        (0, 2, "PER"),
        (3, 4, "LOC"),
        (4, 6, "LOC"),
    ]


def test_inside_without_a_beginning_is_mended_where_it_costs_least() -> None:
    rows = scores("O", "I-ORG", "I-ORG", "O")
    rows[1, LABELS.index("B-ORG")] = 3.5
    assert read(rows) == [(1, 3, "ORG")]


def test_a_sentence_never_continues_the_name_before_it() -> None:
    rows = scores("B-PER", "I-PER")
    each = np.arange(2)
    logs = word_scores(rows, each, each + 1)
    found = [(one.first, one.last) for one in names(logs, [(0, 1), (1, 2)])]
    assert found[0] == (0, 1)
    assert all(first >= 1 for first, _ in found[1:])


def valid(path: tuple[int, ...]) -> bool:
    before = 0
    for label in path:
        if label and label % 2 == 0 and before not in (label, label - 1):
            return False
        before = label
    return True


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 4))
def test_the_labels_are_the_likeliest_that_fit_together(seed: int, count: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 2, (count, len(LABELS))).astype(np.float32)
    best = max(
        filter(valid, product(range(len(LABELS)), repeat=count)),
        key=lambda path: float(sum(rows[at, label] for at, label in enumerate(path))),
    )
    expected = []
    for at, label in enumerate(best):
        if label % 2:
            end = at + 1
            while end < count and best[end] == label + 1:
                end += 1
            expected.append((at, end, LABELS[label][2:]))
    assert read(rows) == expected


def test_a_word_begins_a_name_with_its_first_sub_word() -> None:
    rows = scores("B-PER", "I-PER", "I-PER", "O")
    logs = word_scores(rows, np.array([0, 2, 3]), np.array([2, 3, 4]))
    [name] = names(logs, [(0, 3)])
    assert (name.first, name.last, name.kind) == (0, 2, "PER")


def test_the_weakest_word_says_how_sure_a_name_is() -> None:
    rows = scores("B-LOC", "I-LOC", high=9.0)
    rows[1, LABELS.index("O")] = 9.0
    rows[1, LABELS.index("I-LOC")] = 9.1
    each = np.arange(2)
    [name] = names(word_scores(rows, each, each + 1), [(0, 2)])
    assert name == Labelled(0, 2, "LOC", name.probability)
    assert name.probability == pytest.approx(0.525, abs=0.01)
