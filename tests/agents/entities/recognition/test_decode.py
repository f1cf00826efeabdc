from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.recognition.decode import LABELS, LEAST, Labelled, Scores, names, word_scores


def scores(*labels: str, high: float = 4.0) -> Scores:
    rows = np.zeros((len(labels), len(LABELS)), dtype=np.float32)
    for at, label in enumerate(labels):
        rows[at, LABELS.index(label)] = high
    return rows


def read(rows: Scores) -> list[tuple[int, int, str]]:
    each = np.arange(len(rows))
    logs = word_scores(rows, each, each + 1)
    return [(one.first, one.last, one.kind) for one in names(logs, [(0, len(rows))], least=0.0)]


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


def chance(rows: Scores) -> float:
    each = np.arange(len(rows))
    [name] = names(word_scores(rows, each, each + 1), [(0, len(rows))], least=0.0)
    return name.chance


def test_a_name_is_as_sure_as_its_beginning_its_words_and_its_end_together() -> None:
    rows = scores("O", "B-LOC", "I-LOC", "O", high=12.0)
    rows[1, LABELS.index("B-PER")] = 12.0 - np.log(3)  # 3 to 1 for its beginning
    rows[2, LABELS.index("O")] = 12.0 - np.log(4)  # 4 to 1 for its second word
    rows[3, LABELS.index("I-LOC")] = 12.0 - np.log(9)  # 9 to 1 that it ends there
    assert chance(rows) == pytest.approx(0.75 * 0.8 * 0.9, abs=0.001)


def test_an_inside_with_no_name_before_it_is_a_beginning() -> None:
    rows = scores("O", "I-ORG", "I-ORG", "O", high=12.0)
    assert chance(rows) == pytest.approx(1.0, abs=0.001)


def test_an_inside_after_a_name_of_its_kind_hardly_begins_another() -> None:
    rows = scores("B-ORG", "I-ORG", high=12.0)
    rows[1, LABELS.index("B-ORG")] = 13.0
    each = np.arange(2)
    logs = word_scores(rows, each, each + 1)
    [_, second] = names(logs, [(0, 2)], least=0.0)
    assert second.chance == pytest.approx(np.e / (1 + np.e), abs=0.001)
    rows[1, LABELS.index("B-ORG")] = 11.0
    [_, second] = names(word_scores(rows, each, each + 1), [(0, 1), (1, 2)], least=0.0)
    assert second.chance == pytest.approx(np.e / (1 + np.e), abs=0.001)  # in a sentence of its own


@pytest.mark.parametrize("words", [1, 2, 5])
def test_probability_rises_with_the_chance_and_stays_within_0_and_1(words: int) -> None:
    listed = [Labelled(0, words, "PER", chance).probability for chance in (0.0, 0.1, 0.5, 0.9, 0.999, 1.0)]
    assert listed == sorted(set(listed))
    assert listed[0] > 0
    assert listed[-1] < 1


def test_a_model_that_is_half_sure_of_one_word_is_right_less_often() -> None:
    assert 0.3 < Labelled(3, 4, "ORG", 0.5).probability < 0.5


def test_what_is_more_likely_wrong_than_right_by_far_is_no_name() -> None:
    rows = scores("B-LOC", high=3.0)
    rows[0, LABELS.index("O")] = rows[0, LABELS.index("B-ORG")] = 2.9
    logs = word_scores(rows, np.arange(1), np.arange(1) + 1)
    [name] = names(logs, [(0, 1)], least=0.0)
    assert name.probability < LEAST
    assert not list(names(logs, [(0, 1)]))
